"""What documents an index holds, and the way to their texts in its parts.

Passages are numbered by rows, part after part; the number is the row of the passage's vector and of its keywords. Rows
whose document is gone stay unused until their part is written anew. Documents are numbered from 0 in the order of their
rows: by their paths within a part.
"""

from index.catalogue.reader import Catalogue
from index.catalogue.record import CATALOGUE, Counts, Entry, Finished, entry_of, part_folder
from index.catalogue.writer import write_catalogue

__all__ = [
    "CATALOGUE",
    "Catalogue",
    "Counts",
    "Entry",
    "Finished",
    "entry_of",
    "part_folder",
    "write_catalogue",
]
