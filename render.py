"""Records as JSON-ready values, in the shapes that the command line and the HTTP interface promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from ingest.document import Document, Section, Span, Table

if TYPE_CHECKING:  # a command that renders one kind of record should not import what makes the others
    from assistant.affected import Affected
    from assistant.approved import Kept
    from assistant.draft import ReplyDraft
    from assistant.match import Match, Matches
    from index.build import BuildReport
    from index.catalogue import Entry
    from index.lexicon import Expansion
    from index.manifest import Manifest
    from index.search import Hit
    from index.snapshot import Damage
    from index.standing import Standing
    from ingest.compare import Difference
    from ingest.coverage import Coverage

Json = dict[str, object]


def outline_json(document: Document) -> Json:
    """A document's facts, section tree, tables and discards; with the page of each span where there are pages."""
    return {
        "file": document.file,
        "title": document.title,
        "doc_number": document.doc_number,
        "issuer": document.issuer,
        "issue_date": document.issue_date,
        "kind": document.kind,
        "region": document.region,
        "period": None if document.period is None else list(document.period),
        "relations": [
            {
                "type": one.type,
                "title": one.title,
                "doc": one.doc,
                "doc_number": one.doc_number,
                "span": None if one.span is None else [one.span.start, one.span.end],
            }
            for one in document.relations
        ],
        "sections": [_section(document, section) for section in document.sections],
        "tables": [_table(document, table) for table in document.tables],
        "dropped": [{"start": part.start, "end": part.end, "reason": part.reason} for part in document.dropped],
        "attachments": [{"name": one.name, "target": one.target} for one in document.attachments],
        "warnings": list(document.warnings),
        "issuers": list(document.issuers),
        "publish_date": document.publish_date,
        "effective_date": document.effective_date,
        "valid_until": document.valid_until,
        "level": document.level,
        "facts": [{"name": one.name, "value": one.value, "start": one.start, "end": one.end} for one in document.facts],
    }


def hit_json(rank: int, hit: Hit, document: Document, expanded: Sequence[Expansion] = ()) -> Json:
    """A search hit, `rank` from 1, with the place of its text in the source of its `document`.

    `expanded` are the words that were looked for as well.
    """
    spans = place(hit, document)
    return {
        "rank": rank,
        "score": round(hit.score, 6),
        "file": document.file,
        "doc": document.id,
        "title": document.title,
        "doc_number": document.doc_number,
        "path": hit.chunk.section,
        "heading": _heading(hit.chunk.section, document),
        "text": hit.chunk.text,
        "start": min((span.start for span in spans), default=None),
        "end": max((span.end for span in spans), default=None),
        "spans": _spans(spans),
        "parts": {name: round(value, 6) for name, value in hit.parts},
        "expanded": [{"found": one.found, "added": one.added, "weight": round(one.weight, 3)} for one in expanded],
    }


def place(hit: Hit, document: Document) -> tuple[Span, ...]:
    """Where a hit's text stands in the source of its `document`, in reading order."""
    clean = hit.chunk.clean
    return clean.locate(0, len(clean.text), document.text)


def report_json(report: BuildReport) -> Json:
    """What a build did."""
    return {
        "documents": report.documents,
        "sections": report.sections,
        "chunks": report.chunks,
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "failed": [{"file": failure.file, "error": failure.error} for failure in report.failed],
        "seconds": report.seconds,
        "moved": report.moved,
        "warnings": [{"file": warned.file, "warning": warned.warning} for warned in report.warnings],
    }


def affected_json(found: Affected) -> Json:
    """An answer that cites what has changed."""
    return {"kind": found.kind, "number": found.number, "question": found.question, "cites": list(found.cites)}


def coverage_json(document: Document, found: Coverage) -> Json:
    """Where the visible characters of a document stand."""
    return {
        "file": document.file,
        "title": document.title,
        "characters": found.characters,
        "in_sections": found.in_sections,
        "in_tables": found.in_tables,
        "discarded": found.discarded,
        "dropped": [{"reason": reason, "characters": count} for reason, count in found.dropped],
        "kept": round(found.kept, 6),
        "doubtful": found.doubtful,
        "confidence": None if found.confidence is None else round(found.confidence, 4),
        "problem": found.problem,
        "warnings": list(found.warnings),
    }


def standing_json(entry: Entry, found: Standing) -> Json:
    """Where a document stands on a day."""
    return {
        "doc": entry.id,
        "file": entry.file,
        "title": entry.title,
        "doc_number": entry.doc_number,
        "state": found.state,
        "why": found.why or None,
        "by": found.by.id if found.by else None,
        "issue_date": entry.issue_date,
        "effective_date": entry.effective_date,
        "valid_until": entry.valid_until,
    }


def difference_json(before: Document, after: Document, found: Difference) -> Json:
    """What changed between two documents; a `marks` list put together is the text of both."""
    return {
        "a": {"file": before.file, "doc": before.id, "title": before.title},
        "b": {"file": after.file, "doc": after.id, "title": after.title},
        "facts": [{"name": name, "a": old, "b": new} for name, old, new in found.facts],
        "same": found.same,
        "changes": [
            {
                "status": one.status,
                "path_a": one.before,
                "path_b": one.after,
                "heading": one.heading,
                "span_a": one.span_before,
                "span_b": one.span_after,
                "marks": [{"op": mark.op, "text": mark.text} for mark in one.marks],
            }
            for one in found.changes
        ],
    }


def verify_json(found: Sequence[Damage]) -> Json:
    """Whether an index is whole, and what is not."""
    return {"ok": not found, "damaged": [{"file": damage.file, "problem": damage.problem} for damage in found]}


def status_json(manifest: Manifest, uncited: Sequence[str]) -> Json:
    """What an index holds; `size` in bytes, `built_at` in UTC; `uncited` are the files without a passage."""
    return {
        "documents": manifest.counts.documents,
        "sections": manifest.counts.sections,
        "chunks": manifest.counts.chunks,
        "embedding": {
            "name": manifest.embedding.name,
            "dimension": manifest.embedding.dimension,
            "digest": manifest.embedding.digest,
        },
        "size": manifest.size,
        "built_at": manifest.built_at,
        "uncited": list(uncited),
    }


def matches_json(found: Matches) -> Json:
    """What an index holds for a firm; every entry is a citation and what it offers."""
    profile = found.profile
    return {
        "profile": {
            "sectors": list(profile.sectors),
            "places": [residence.place for residence in profile.places if not residence.planned],
            "planned_places": [residence.place for residence in profile.places if residence.planned],
            "kinds": list(profile.kinds),
            "stage": profile.stage,
            "size": profile.people,
            "qualifications": list(profile.qualifications),
            "needs": list(profile.needs),
        },
        "applies": [_match(item) for item in found.applies],
        "maybe": [{**_match(item), "missing": list(item.missing)} for item in found.maybe],
        "excluded": [{**_match(item), "why_not": item.why_not} for item in found.excluded],
        "ask": list(found.ask),
    }


def _match(item: Match) -> Json:
    citation, provision = item.citation, item.provision
    return {
        "n": citation.n,
        "file": citation.file,
        "doc": citation.doc,
        "title": citation.title,
        "doc_number": citation.doc_number,
        "section": citation.section,
        "heading": citation.heading,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "page": citation.page,
        "measure": item.measure,
        "who": item.who,
        "amount": item.amount,
        "why": list(item.why),
        "notes": list(item.notes),
        "strength": provision.strength,
        "clauses": [
            {
                "field": clause.field,
                "status": clause.status,
                "text": clause.said,
                "span": None if clause.span is None else _spans([clause.span])[0],
            }
            for clause in item.clauses
        ],
        "guide": {guide.field: guide.value for guide in reversed(provision.guides)},
    }


def _heading(path: str, document: Document) -> str | None:
    sections = (section.heading for section in document.walk() if section.path == path)
    return next(sections, None) or next((table.caption for table in document.tables if table.path == path), None)


def _section(document: Document, section: Section) -> Json:
    spans = [span for paragraph in section.paragraphs for span in paragraph]
    return {
        "path": section.path,
        "number": section.number,
        "heading": section.heading,
        "level": section.level,
        "start": section.start,
        "end": section.end,
        "spans": _spans(spans),
        **_pages(document, spans),
        "children": [_section(document, child) for child in section.children],
    }


def _pages(document: Document, spans: Sequence[Span]) -> Json:
    """The page of each span, for documents that have pages."""
    return {"pages": [document.page(span.start) for span in spans]} if document.pages else {}


def _table(document: Document, table: Table) -> Json:
    return {
        "path": table.path,
        "caption": table.caption,
        "columns": list(table.columns),
        "rows": [list(row) for row in table.rows],
        "start": min(span.start for span in table.spans),
        "end": max(span.end for span in table.spans),
        **_pages(document, table.spans[:1]),
    }


def _spans(spans: Sequence[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


def draft_json(reply: ReplyDraft) -> Json:
    """A reply draft: its paragraphs with the numbers of their citations, and all citations."""
    return {
        "question": reply.question,
        "refused": reply.refused,
        "parts": [
            {"kind": part.kind, "text": part.text, "citations": [citation.n for citation in part.citations]}
            for part in reply.parts
        ],
        "citations": [
            {name: value for name, value in asdict(citation).items() if name != "cell" or value is not None}
            for citation in reply.citations
        ],
    }


def kept_json(kept: Kept, problems: Sequence[str] | None = None) -> Json:
    """A saved reply with its steps; `problems`, where they were looked for, are what no longer holds."""
    told = {
        "id": kept.id,
        "state": kept.state,
        "understood": kept.understood,
        "steps": [asdict(step) for step in kept.steps],
        **draft_json(kept.reply),
    }
    return told if problems is None else {**told, "problems": list(problems)}
