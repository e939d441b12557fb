"""Damaged files by the thousand, for every reader: see `python -m tests.fuzz --help`."""
