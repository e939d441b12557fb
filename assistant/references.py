"""A citation as a reference that can be pasted: GB/T 7714-2015 style, and plain."""

from __future__ import annotations

from assistant.write import Citation
from ingest.document import Document


def gbt7714(citation: Citation, document: Document) -> str:
    """`责任者. 题名: 文号[Z]. 成文日期: 条目.`, leaving out what the document does not print.

    GB/T 7714-2015 marks documents of other kinds than books and periodicals with [Z]; the section stands where a book
    has its page.
    """
    number = f": {citation.doc_number}" if citation.doc_number else ""
    parts = [document.issuer, f"{document.title}{number}[Z]", document.issue_date]
    return f"{'. '.join(part for part in parts if part)}: {citation.section}."


def plain(citation: Citation) -> str:
    """`《题名》（文号）条目：“原文”`."""
    number = f"（{citation.doc_number}）" if citation.doc_number else ""
    return f"《{citation.title}》{number}{citation.section}：“{' '.join(citation.quote.split())}”"
