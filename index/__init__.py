"""Documents → Snapshot: which passages are closest to a question?"""
