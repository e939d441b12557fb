"""Facts, bodies and passages as a part stores them, and back."""

from __future__ import annotations

import json
import zlib

from index import codec
from index.part.record import Facts, Row
from ingest.document import Chunk, Document


def pack(text: str) -> bytes:
    """A text, compressed."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def unpack(data: bytes) -> str:
    """What `pack` was given. Raises ValueError for anything else."""
    try:
        return zlib.decompress(data).decode("utf-8", "surrogatepass")
    except zlib.error as error:
        raise ValueError(str(error)) from error


def dump_facts(facts: Facts) -> str:
    """Facts as JSON."""
    values = {name: getattr(facts, name) for name in Facts.__dataclass_fields__}
    return codec.dump({**values, "relations": codec.dump_relations(facts.relations)})


def load_facts(text: str) -> Facts:
    """What `dump_facts` wrote."""
    values = json.loads(text)
    period = None if values["period"] is None else (values["period"][0], values["period"][1])
    issuers, relations = tuple(values["issuers"]), codec.load_relations(values["relations"])
    return Facts(**{**values, "period": period, "issuers": issuers, "relations": relations})


def dump_body(document: Document) -> bytes:
    """What a document is beyond its facts."""
    parts = (
        *(document.text, codec.dump_sections(document.sections), codec.dump_tables(document.tables)),
        *(codec.dump_dropped(document.dropped), codec.dump_repairs(document.repairs)),
        *(codec.dump_pages(document.pages), codec.dump_attachments(document.attachments)),
        *(codec.dump_doubts(document.doubts), codec.dump(document.warnings), codec.dump_facts(document.facts)),
    )
    return pack(codec.dump(parts))


def load_body(data: bytes, facts: Facts) -> Document:
    """The document that `dump_body` was given. Raises ValueError for anything else."""
    text, sections, tables, dropped, repairs, pages, attachments, doubts, *others = json.loads(unpack(data))
    warnings, told = others
    return Document(
        id=facts.id,
        file=facts.file,
        sha256=facts.sha256,
        text=text,
        title=facts.title,
        doc_number=facts.doc_number,
        issuer=facts.issuer,
        issue_date=facts.issue_date,
        kind=facts.kind,
        region=facts.region,
        period=facts.period,
        relations=facts.relations,
        sections=codec.load_sections(sections),
        tables=codec.load_tables(tables),
        dropped=codec.load_dropped(dropped),
        repairs=codec.load_repairs(repairs),
        pages=codec.load_pages(pages),
        attachments=codec.load_attachments(attachments),
        doubts=codec.load_doubts(doubts),
        warnings=tuple(json.loads(warnings)),
        issuers=facts.issuers,
        publish_date=facts.publish_date,
        effective_date=facts.effective_date,
        valid_until=facts.valid_until,
        level=facts.level,
        facts=codec.load_facts(told),
    )


def dump_chunk(chunk: Chunk) -> Row:
    """A passage as it is stored."""
    return (
        *(chunk.id, chunk.doc, chunk.section, codec.dump(chunk.headings), chunk.text),
        *(codec.dump_runs(chunk.clean.runs), chunk.table, chunk.row),
    )


def embed_text(row: Row) -> str:
    """`Chunk.embed_text` of a stored passage."""
    return "\n".join((*json.loads(row[3]), row[4]))


def lines(packed: bytes, count: int) -> tuple[str, ...]:
    """The line of words of each of a document's `count` passages."""
    return tuple(unpack(packed).split("\n")) if count else ()
