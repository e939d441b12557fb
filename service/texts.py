"""Records as text for people to read on a terminal; `render` has them as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ingest.document import Document

if TYPE_CHECKING:
    from assistant.match import Matches
    from ingest.compare import Difference, Mark
    from ingest.coverage import Coverage

_STATUS = {"changed": "改", "added": "增", "removed": "删", "renumbered": "移"}
_FACT = {
    "title": "标题",
    "doc_number": "文号",
    "issue_date": "成文日期",
    "effective_date": "施行日期",
    "valid_until": "有效期至",
    "issuer": "发文机关",
}


def coverage_text(document: Document, found: Coverage) -> str:
    """What became of a document's characters."""
    lines = [
        f"{document.title}　{document.file}",
        f"全文 {found.characters} 字：章节 {found.in_sections}，表格 {found.in_tables}，弃去 {found.discarded}；"
        f"正文留存 {found.kept:.1%}",
    ]
    lines += [f"  弃去：{reason} {count} 字" for reason, count in found.dropped]
    if found.confidence is not None:
        lines.append(f"  识别存疑：{found.doubtful} 字，平均把握 {found.confidence:.2f}")
    lines += [f"  注意：{warning}" for warning in (*((found.problem,) if found.problem else ()), *found.warnings)]
    return "\n".join(lines)


def difference_text(before: Document, after: Document, found: Difference) -> str:
    """What differs between two documents: [-删去的-] and {+增加的+} words within their sections."""
    counts = {status: sum(one.status == status for one in found.changes) for status in _STATUS}
    counted = "，".join(f"{_STATUS[status]} {count}" for status, count in counts.items() if count) or "没有不同"
    lines = [f"《{before.title}》{before.file} → 《{after.title}》{after.file}", f"同 {found.same} 节；{counted}"]
    lines += [f"{_FACT[name]}：{old or '未载明'} → {new or '未载明'}" for name, old, new in found.facts]
    for one in found.changes:
        places = [place for place in (one.before, one.after) if place]
        lines.append(f"{_STATUS[one.status]}　{' → '.join(dict.fromkeys(places))}")
        if one.status != "renumbered":
            lines.append(f"    {' '.join(_marked(one.marks).split())}")
    return "\n".join(lines)


def _marked(marks: Sequence[Mark]) -> str:
    """Long stretches that did not change are cut in the middle."""
    pieces: list[str] = []
    for mark in marks:
        if mark.op == "equal":
            pieces.append(mark.text if len(mark.text) <= 60 else f"{mark.text[:28]}……{mark.text[-28:]}")
        else:
            pieces.append(f"[-{mark.text}-]" if mark.op == "delete" else f"{{+{mark.text}+}}")
    return "".join(pieces)


def matches_text(found: Matches) -> str:
    """The provisions that apply to a firm, may apply and do not, by document within each verdict."""
    lines: list[str] = []
    for name, items in (("适用", found.applies), ("需核实", found.maybe), ("不适用", found.excluded)):
        lines.append(f"{name}（{len(items)}条）")
        last = ""
        for item in items:
            citation = item.citation
            title = f"《{citation.title}》{citation.doc_number or ''}　{citation.file}"
            lines += [title] if title != last else []
            last = title
            amount = f"　{item.amount}" if item.amount else ""
            lines.append(f"  [{citation.n}] {citation.section}　{item.measure}{amount}")
            lines.append(f"      {citation.quote}")
            reasons = item.missing or ((item.why_not,) if item.why_not else item.why)
            lines.append(f"      {name}：{'；'.join(reasons)}")
            lines += [f"      已符合：{'；'.join(item.why)}"] if item.missing and item.why else []
            lines += [f"      对象：{item.who}"] if item.named else []
            lines += [f"      注：{'；'.join(item.notes)}"] if item.notes else []
    lines += ["请补充："] + [f"  {question}" for question in found.ask] if found.ask else []
    return "\n".join(lines)
