"""Outlines and facts of real policies against those read by hand (tests/golden/policies/README.md has the format).

Skipped where the files are not beside the repository. `python -m tests.ingest.test_gold_policies` prints the figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from unicodedata import normalize

import pytest

from ingest.document import Document, Section
from ingest.reader import read

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT.parent / "shared" / "data" / "policies"
GOLDS = sorted((ROOT / "tests" / "golden" / "policies").glob("*.tsv"))
FACTS = ("title", "doc_number", "issuers", "issue_date", "publish_date", "effective_date", "valid_until")
LEAST = 0.95


@dataclass(frozen=True, kw_only=True)
class Node:
    """A section of either outline: its number, the letters before it, its parent's place in the list, its heading."""

    number: str
    at: int
    parent: int | None
    optional: bool = False
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class Gold:
    """What a person read; `loose` are stretches where parts without a number may stand."""

    sha256: str
    sections: tuple[Node, ...]
    loose: tuple[tuple[int, int], ...]
    facts: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Score:
    """Shares, 0 to 1, of one file; `parent` and `number` are of the sections found. `errors` are for a reader."""

    recall: float
    precision: float
    parent: float
    number: float
    errors: tuple[str, ...]

    @property
    def f1(self) -> float:
        return 2 * self.recall * self.precision / max(1e-9, self.recall + self.precision)


def load_gold(path: Path) -> Gold:
    """Read a file of tests/golden/policies. Raises ValueError for a row that is none or skips a depth."""
    digest, facts = "", {}
    sections: list[Node] = []
    loose: list[tuple[int, int]] = []
    above: list[int] = []  # above[d - 1]: the last section of depth d
    for row in path.read_text(encoding="utf-8").splitlines():
        first, *rest = row.split("\t")
        if first == "# sha256":
            digest = rest[0]
        elif first.startswith("#"):
            continue
        elif first == "?":
            start, end = rest[1].split("-")
            loose.append((int(start), int(end)))
        elif first in FACTS:
            facts[first] = rest[0]
        else:
            depth = int(first.removeprefix("?"))
            number, at = rest
            if not 1 <= depth <= len(above) + 1 or (sections and int(at) < sections[-1].at):
                raise ValueError(f"{path.name}: {row!r} skips a depth or goes back")
            parent = above[depth - 2] if depth > 1 else None
            if not first.startswith("?"):  # nothing hangs under one that may be missing
                above[depth - 1 :] = [len(sections)]
            number = "" if number == "-" else number
            sections.append(Node(number=number, at=int(at), parent=parent, optional=first.startswith("?")))
    return Gold(sha256=digest, sections=tuple(sections), loose=tuple(loose), facts=facts)


def nodes(document: Document) -> list[Node]:
    """The document's sections, in reading order, in the gold's terms."""
    text = document.text
    letters = [0, *accumulate(len(re.findall(r"\w", normalize("NFKC", char))) for char in text)]
    found: list[Node] = []

    def walk(sections: Sequence[Section], parent: int | None) -> None:
        for section in sections:
            heading = section.heading or text[section.start : section.start + 20]
            place = letters[section.start]
            found.append(Node(number=section.number or "", at=place, parent=parent, heading=heading))
            walk(section.children, len(found) - 1)

    walk(document.sections, None)
    return found


def plain(number: str) -> str:
    """A number as it is compared: one form of each character, no white space."""
    return re.sub(r"\s+", "", normalize("NFKC", number))


def score(gold: Gold, mine: Sequence[Node]) -> Score:
    """Sections are matched one to one by place, of several at one place the one with the right number.

    A parent is right when the nearest section above that both outlines have is the same one, or both have none.
    """
    free: dict[int, list[int]] = {}
    for i, node in enumerate(mine):
        free.setdefault(node.at, []).append(i)
    match: dict[int, int] = {}  # gold → mine
    for g, wanted in enumerate(gold.sections):
        options = free.get(wanted.at, [])
        options.sort(key=lambda i: plain(mine[i].number) != plain(wanted.number))
        if options:
            match[g] = options.pop(0)
    needed = [g for g, node in enumerate(gold.sections) if not node.optional]
    found = [g for g in needed if g in match]
    back = {match[g]: g for g in found}
    wild = [i for left in free.values() for i in left if not _excused(mine[i], gold.loose)]
    errors = [f"missed {_show(gold.sections[g])}" for g in needed if g not in match]
    errors += [f"extra  {_show(mine[i])}" for i in sorted(wild)]
    parents, numbers = 0, 0
    for g in found:
        wanted, other = gold.sections[g], mine[match[g]]
        up = other.parent
        while up is not None and up not in back:
            up = mine[up].parent
        parents += (back[up] if up is not None else None) == wanted.parent
        if (back[up] if up is not None else None) != wanted.parent:
            hung = _show(mine[up]) if up is not None else "the top"
            errors.append(f"parent {_show(other)} hangs under {hung}")
        numbers += plain(other.number) == plain(wanted.number)
        if plain(other.number) != plain(wanted.number):
            errors.append(f"number {_show(other)} should be {wanted.number or 'none'}")
    return Score(
        recall=len(found) / max(1, len(needed)),
        precision=len(found) / max(1, len(found) + len(wild)),
        parent=parents / max(1, len(found)),
        number=numbers / max(1, len(found)),
        errors=tuple(errors),
    )


def _excused(node: Node, loose: Sequence[tuple[int, int]]) -> bool:
    return not node.number and any(start <= node.at < end for start, end in loose)


def _show(node: Node) -> str:
    return f"{node.number or '-'}@{node.at} {node.heading[:24]!r}"


def digest_of(title: str) -> str:
    """A title without its words: `digest:length` of its letters and digits."""
    letters = re.sub(r"[^\w]+", "", normalize("NFKC", title))
    return f"{sha256(letters.encode()).hexdigest()[:16]}:{len(letters)}"


def wrong_facts(gold: Gold, document: Document) -> list[str]:
    """The facts that differ, for a reader."""
    stated = {name: getattr(document, name) or "-" for name in FACTS}
    stated["issuers"] = " ".join(document.issuers) or "-"
    stated["title"] = digest_of(document.title)
    return [
        f"{name}: {document.title if name == 'title' else stated[name]!r}, by hand {gold.facts[name]!r}"
        for name in FACTS
        if stated[name] not in (gold.facts[name].split() if name == "title" else [gold.facts[name]])
    ]


@cache
def sources() -> dict[str, Path]:
    """The real policies by digest; empty where there are none."""
    return {sha256(path.read_bytes()).hexdigest(): path for path in POLICIES.rglob("*") if path.is_file()}


def source_of(gold: Gold) -> Path:
    path = sources().get(gold.sha256)
    if path is None:
        pytest.skip(f"needs the policy {gold.sha256[:12]} in shared/data/policies beside the repository")
    return path


@pytest.mark.parametrize("path", GOLDS, ids=lambda path: path.stem)
def test_an_outline_is_the_one_read_by_hand(path: Path) -> None:
    gold = load_gold(path)
    found = score(gold, nodes(read(source_of(gold))))
    figures = {"f1": found.f1, "parent": found.parent, "number": found.number}
    assert min(figures.values()) >= LEAST, "\n".join([str(figures), *found.errors[:40]])


def test_facts_are_those_read_by_hand() -> None:
    wrong, asked = [], 0
    for path in GOLDS:
        gold = load_gold(path)
        wrong += [f"{path.stem} {line}" for line in wrong_facts(gold, read(source_of(gold)))]
        asked += len(FACTS)
    assert asked
    assert 1 - len(wrong) / asked >= LEAST, "\n".join(wrong)


def test_the_score_worked_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(
        "# sha256\tab\ntitle\t-\n?\t-\t0-4\n1\t一、\t4\n2\t（一）\t6\n?2\t-\t9\n2\t（二）\t12\n1\t二、\t20\n"
    )
    gold = load_gold(path)
    assert [node.parent for node in gold.sections] == [None, 0, 0, 0, None]
    mine = [
        Node(number="", at=0, parent=None),  # excused: a part without a number at the front
        Node(number="一、", at=4, parent=None),
        Node(number="(一)", at=6, parent=1),  # right: the same number in half-width brackets
        Node(number="1.", at=8, parent=2),  # nothing there
        Node(number="二、", at=20, parent=3),  # right place and number, wrong parent
    ]
    found = score(gold, mine)
    assert (found.recall, found.precision) == (3 / 4, 3 / 4)
    assert (found.parent, found.number) == (2 / 3, 1.0)
    assert [line.split()[0] for line in found.errors] == ["missed", "extra", "parent"]
    path.write_text("1\t一、\t4\n3\t1.\t6\n")
    with pytest.raises(ValueError, match="skips a depth"):
        load_gold(path)


def main() -> None:
    """Print the figures of every file, and what differs."""
    for path in GOLDS:
        gold = load_gold(path)
        if gold.sha256 not in sources():
            continue
        document = read(sources()[gold.sha256])
        found, wrong = score(gold, nodes(document)), wrong_facts(gold, document)
        shares = f"f1 {found.f1:.3f} (recall {found.recall:.3f}, precision {found.precision:.3f})"
        shares += f" parent {found.parent:.3f} number {found.number:.3f} facts {1 - len(wrong) / len(FACTS):.3f}"
        print(path.stem, len(gold.sections), shares, *found.errors, *wrong, sep="\n  ")


if __name__ == "__main__":
    main()
