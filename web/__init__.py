"""The parts of the web page: what each tab shows and calls. Nothing is decided here."""
