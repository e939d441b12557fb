"""File → Document: which sections, tables and facts is a file made of?"""
