"""Ways to damage a file. Each takes a source of chance and bytes and returns others; the same chance does the same."""

from __future__ import annotations

import copy
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

from lxml import etree

Damage = Callable[[Random, bytes], bytes]

LARGEST = 1_000_000  # bytes of a damaged file
_NUMBERS = (b"0", b"-1", b"1", b"65536", b"2147483648", b"99999999999999999999", b"1e309", b"0.0000001", b"NaN")
_WORDS = (
    *("", " ", "\t", "\0", "\ufeff", "\u202e", "\u200b", "\ufffd", "\U0010ffff", "e\u0301", "\r", "\n\n", "　"),
    *("第一条　", "一、", "（一）", "1.", "附件1", "|a|b|", "##### ", "```", "问：", "%PDF-"),
    *("<!--", "]]>", "&#0;", "&amp;"),
    *("第九千九百九十九条　", "（" * 60, "《" * 90, "1." * 70, "2024年13月45日", "\u4e00\ufe0f", "——", "…", "・"),
)
_NODES = 20_000  # of XML that is damaged
_PLAIN = tuple(word for word in _WORDS if word.isprintable())
_NUMBER = re.compile(rb"\d+")
_TAG = re.compile(rb"<[^<>]{1,400}>")
_VALUE = re.compile(rb'="[^"<>]{0,200}"')
_OPENED = re.compile(rb"<([A-Za-z][\w:.-]*)\b[^<>]*(?<!/)>")
_PACKED = re.compile(rb"/FlateDecode.{0,200}?stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def flipped(chance: Random, data: bytes) -> bytes:
    """Some bytes are others."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 2, 8, 64))):
        if out:
            out[chance.randrange(len(out))] = chance.choice((0, 0xFF, 0x80, chance.randrange(256)))
    return bytes(out)


def cut(chance: Random, data: bytes) -> bytes:
    """It ends early."""
    return data[: chance.randrange(len(data) + 1)]


def without_a_piece(chance: Random, data: bytes) -> bytes:
    """A piece is gone."""
    start, end = _piece(chance, data)
    return data[:start] + data[end:]


def with_a_piece_again(chance: Random, data: bytes) -> bytes:
    """A piece stands elsewhere once more, or many times."""
    start, end = _piece(chance, data)
    piece = data[start:end] * chance.choice((1, 1, 2, 50, 2000))
    at = _place(chance, data)
    return data[:at] + piece[:LARGEST] + data[at:]


def with_another_number(chance: Random, data: bytes) -> bytes:
    """Numbers printed in it are others: lengths, counts, sizes, places."""
    found = list(_NUMBER.finditer(data))
    for number in sorted(chance.sample(found, min(len(found), chance.choice((1, 1, 3, 20)))), key=_backwards):
        data = data[: number.start()] + chance.choice(_NUMBERS) + data[number.end() :]
    return data


def with_words(chance: Random, data: bytes) -> bytes:
    """Odd words are put in, once or many times."""
    for _ in range(chance.choice((1, 3, 12))):
        at = _place(chance, data)
        data = data[:at] + (chance.choice(_WORDS) * chance.choice((1, 1, 1, 30, 3000))).encode() + data[at:]
    return data[:LARGEST]


def with_lines_in_disorder(chance: Random, data: bytes) -> bytes:
    """Lines change places, go, or come again."""
    lines = data.split(b"\n")
    for _ in range(chance.choice((1, 5, 40))):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        kind = chance.randrange(4)
        if kind == 0:
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 1:
            lines[at] = lines[at] + lines[other]
        elif kind == 2:
            lines[at:at] = [lines[other]] * chance.choice((1, 10, 300))
        elif len(lines) > 1:
            del lines[at]
    return b"\n".join(lines)[:LARGEST]


def doubled(chance: Random, data: bytes) -> bytes:
    """The whole of it again behind itself."""
    return (data * chance.choice((2, 3, 10)))[:LARGEST]


def with_other_tags(chance: Random, data: bytes) -> bytes:
    """Tags of a page or an XML part go, come again, change places, hold themselves, have other values."""
    for _ in range(chance.choice((1, 1, 4, 20))):
        tags = list(_TAG.finditer(data))
        if not tags:
            return data
        one, other = chance.choice(tags), chance.choice(tags)
        first, last = sorted((one, other), key=lambda tag: tag.start())
        kind = chance.randrange(6)
        if kind == 0:
            data = data[: one.start()] + data[one.end() :]
        elif kind == 1:
            data = data[: one.start()] + other[0] + data[one.start() :]
        elif kind == 2:
            data = data[: first.start()] + data[last.end() :]
        elif kind == 3:
            node = data[first.start() : last.end()][:20_000]
            data = data[: last.end()] + node * chance.choice((1, 2, 40)) + data[last.end() :]
        elif kind == 4:
            data = _nested(chance, data)
        else:
            data = _with_another_value(chance, data)
        data = data[:LARGEST]
    return data


def _nested(chance: Random, data: bytes) -> bytes:
    """One tag opened very often; sometimes closed as often."""
    opened = list(_OPENED.finditer(data))
    if not opened:
        return data
    tag = chance.choice(opened)
    times = chance.choice((30, 400, 5000))
    closed = (b"</" + tag[1] + b">") * (times if chance.random() < 0.5 else 0)
    return data[: tag.start()] + tag[0] * times + closed + data[tag.start() :]


def _with_another_value(chance: Random, data: bytes) -> bytes:
    values = list(_VALUE.finditer(data))
    if not values:
        return data
    value = chance.choice(values)
    new = chance.choice((chance.choice(_NUMBERS), chance.choice(_WORDS).encode(), chance.choice(values)[0][2:-1]))
    return data[: value.start()] + b'="' + new + b'"' + data[value.end() :]


def with_other_nodes(chance: Random, data: bytes) -> bytes:
    """The same of XML that stays well-formed: nodes go, come again, change places, hold others, have other values."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True))
    except (etree.XMLSyntaxError, ValueError):
        return with_other_tags(chance, data)
    for _ in range(chance.choice((1, 1, 3, 10, 40))):
        nodes = [node for node in root.iter() if isinstance(node.tag, str)][:2000]
        one, other = chance.choice(nodes), chance.choice(nodes)
        parent, kind = one.getparent(), chance.randrange(7)
        if kind == 0 and parent is not None:
            parent.remove(one)
        elif kind == 1:
            held = sum(1 for _ in one.iter())
            with suppress(MemoryError):  # so libxml2 says that it is nested too deep to be copied
                other.extend([copy.deepcopy(one) for _ in range(min(chance.choice((1, 3, 40)), _NODES // held))])
        elif kind == 2 and parent is not None and one is not other and one not in other.iterancestors():
            other.insert(chance.randrange(len(other) + 1), one)
        elif kind == 3 and one.attrib:
            name = chance.choice(list(one.attrib))
            values = (chance.choice(_NUMBERS).decode(), chance.choice(_PLAIN), one.get(name, "")[:99] * 9)
            one.set(name, chance.choice(values))
        elif kind == 4 and one.attrib:
            del one.attrib[chance.choice(list(one.attrib))]
        elif kind == 5:
            one.text = (chance.choice(_PLAIN) or "文") * chance.choice((1, 40, 3000))
        else:
            one.tag, other.tag = other.tag, one.tag
        if sum(1 for _ in root.iter()) > _NODES:
            break
    out: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return out[:LARGEST]


def with_other_members(chance: Random, data: bytes) -> bytes:
    """Members of an archive are damaged, gone, doubled, exchanged, locked, or bombs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(one.filename, archive.read(one)) for one in archive.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zlib.error):
        return flipped(chance, data)
    for _ in range(chance.choice((1, 1, 2, 6))):
        if not members:
            break
        at, other = chance.randrange(len(members)), chance.randrange(len(members))
        name, content = members[at]
        kind = chance.randrange(10)
        if kind < 5:
            members[at] = (name, chance.choice(IN_MEMBERS)(chance, content))
        elif kind == 5:
            del members[at]
        elif kind == 6:
            members.insert(other, (name, content))
        elif kind == 7:
            members[at], members[other] = (name, members[other][1]), (members[other][0], content)
        elif kind == 8:
            members[at] = (chance.choice(("../../a.xml", "/etc/a", name.upper(), "a" * 300, "")) or "x", content)
        else:
            members[at] = (name, content + b" " * chance.choice((1000, LARGEST)))
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", chance.choice((8, 8, 0))) as archive:
        warnings.simplefilter("ignore")  # the same name twice is meant
        for name, content in members:
            archive.writestr(name, content)
    packed = bytearray(out.getvalue())
    if chance.random() < 0.03 and (start := packed.find(b"PK\x01\x02")) >= 0:
        packed[start + 8] |= 1
    return bytes(packed)


def with_other_streams(chance: Random, data: bytes) -> bytes:
    """What a packed stream of a PDF holds is damaged, and packed again."""
    found = list(_PACKED.finditer(data))
    if not found:
        return with_another_number(chance, data)
    stream = chance.choice(found)
    try:
        content = zlib.decompress(stream[1])
    except zlib.error:
        return flipped(chance, data)
    damaged = zlib.compress(chance.choice(BYTES)(chance, content)[:LARGEST])
    return data[: stream.start(1)] + damaged + data[stream.end(1) :]


def _piece(chance: Random, data: bytes) -> tuple[int, int]:
    start = _place(chance, data)
    return start, _whole(data, min(len(data), start + chance.choice((3, 20, 300, 5000))))


def _place(chance: Random, data: bytes) -> int:
    return _whole(data, chance.randrange(len(data) + 1))


def _whole(data: bytes, at: int) -> int:
    """The beginning of the UTF-8 character at a place, so that most damaged texts are still read."""
    while 0 < at < len(data) and 0x80 <= data[at] < 0xC0:
        at -= 1
    return at


def _backwards(found: re.Match[bytes]) -> int:
    return -found.start()


BYTES: Sequence[Damage] = (
    *(flipped, cut, without_a_piece, with_a_piece_again, with_another_number, with_words, with_lines_in_disorder),
    doubled,
)
IN_XML: Sequence[Damage] = (*BYTES, with_other_tags, with_other_tags, with_other_tags)
IN_MEMBERS: Sequence[Damage] = (*IN_XML, *(with_other_nodes,) * 50)
DAMAGES: dict[str, Sequence[Damage]] = {
    "txt": BYTES,
    "md": BYTES,
    "html": IN_XML,
    "docx": (*BYTES[:2], *(with_other_members,) * 8),
    "ofd": (*BYTES[:2], *(with_other_members,) * 8),
    "pdf": (*BYTES, *(with_other_streams,) * 4),
}
"""What is tried on the files of each format."""
