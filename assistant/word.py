"""A reply as a Word document in the layout of GB/T 9704-2012, with real footnotes.

python-docx has no interface for footnotes, so their part is written here: separators with ids -1 and 0, as Word makes
them, then one footnote for every mark (ECMA-376, 17.11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docx import Document as new_document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part as PackagePart
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from lxml import etree

from assistant.draft import Part, ReplyDraft, footnote
from assistant.write import Citation
from errors import ConfigError

BODY, TITLE = "仿宋_GB2312", "方正小标宋简体"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_MARK = re.compile(r"\[(\d+)\]")
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufffe\uffff\ud800-\udfff]"
)


def write_word(reply: ReplyDraft, path: Path) -> None:
    """Write the reply to `path`. Raises ConfigError when that cannot be written."""
    made = new_document()
    _lay_out(made)
    notes: list[Citation] = []
    for part in reply.parts:
        _paragraph(made, part, notes)
    _footnotes(made, notes)
    try:
        made.save(str(path))
    except OSError as error:
        raise ConfigError(f"文件写不了：{path}（{error.strerror}）；请检查路径和权限") from error


def _lay_out(made: Any) -> None:
    """A4; margins 37, 35, 28 and 26 mm; body of 16 points on lines of exactly 28 points; a page number."""
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    style = made.styles["Normal"]
    _font(style.element.get_or_add_rPr(), BODY)
    style.font.size = Pt(16)
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    style.paragraph_format.line_spacing = Pt(28)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = footer.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _paragraph(made: Any, part: Part, notes: list[Citation]) -> None:
    paragraph = made.add_paragraph()
    if part.kind == "title":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run(_fit(part.text))
        run.font.size = Pt(22)
        _font(run._r.get_or_add_rPr(), TITLE)
        return
    if part.kind == "sign":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    else:
        paragraph.paragraph_format.first_line_indent = Pt(32)  # two characters
    by_number = {citation.n: citation for citation in part.citations}
    end = 0
    for mark in _MARK.finditer(part.text):
        citation = by_number.get(int(mark[1]))
        if citation is None:
            continue
        paragraph.add_run(_fit(part.text[end : mark.start()]))
        end = mark.end()
        notes.append(citation)
        run = paragraph.add_run()
        run.font.superscript = True
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(len(notes)))
        run._r.append(reference)
    rest = paragraph.add_run(_fit(part.text[end:]))
    rest.bold = part.kind == "gap"


def _footnotes(made: Any, notes: Iterable[Citation]) -> None:
    root = etree.fromstring(f"<w:footnotes {nsdecls('w')}/>")
    for id_, kind, mark in (
        ("-1", "separator", "w:separator"),
        ("0", "continuationSeparator", "w:continuationSeparator"),
    ):
        note = etree.SubElement(root, qn("w:footnote"), {qn("w:type"): kind, qn("w:id"): id_})
        run = etree.SubElement(etree.SubElement(note, qn("w:p")), qn("w:r"))
        etree.SubElement(run, qn(mark))
    for number, citation in enumerate(notes, 1):
        note = etree.SubElement(root, qn("w:footnote"), {qn("w:id"): str(number)})
        paragraph = etree.SubElement(note, qn("w:p"))
        run = etree.SubElement(paragraph, qn("w:r"))
        properties = etree.SubElement(run, qn("w:rPr"))
        etree.SubElement(properties, qn("w:vertAlign"), {qn("w:val"): "superscript"})
        etree.SubElement(run, qn("w:footnoteRef"))
        run = etree.SubElement(paragraph, qn("w:r"))
        properties = etree.SubElement(run, qn("w:rPr"))
        _font(properties, BODY)
        etree.SubElement(properties, qn("w:sz"), {qn("w:val"): "21"})
        text = etree.SubElement(run, qn("w:t"), {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
        text.text = _fit(f" {footnote(citation)}")
    xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    part = PackagePart(PackURI("/word/footnotes.xml"), _TYPE, xml, made.part.package)
    made.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _font(properties: Any, name: str) -> None:
    """The font for Latin and for Chinese text; `properties` is a w:rPr."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = etree.SubElement(properties, qn("w:rFonts"))
        properties.insert(0, fonts)
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia"):
        fonts.set(qn(script), name)


def _fit(text: str) -> str:
    """Without what XML cannot hold and what turns the direction of text."""
    return _UNFIT.sub("\ufffd", text)
