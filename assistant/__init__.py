"""Question → Answer: what may be said, and citing what?"""
