"""Answers that a person has approved: draft → reviewed → approved (→ withdrawn), in an SQLite file beside the index.

Nothing in the file is ever changed or deleted: a state is the last of a draft's steps, and the file itself refuses
updates and deletions. It survives every rebuild of the index.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_args

from assistant.answer import ask
from assistant.draft import Part, ReplyDraft
from assistant.question import Question, understand
from assistant.same import key
from assistant.standing import Lost, Pin, again, label, pin, unsupported
from assistant.text import tidy
from assistant.write import Cell, Citation
from errors import ConfigError, MissingError, StateError, UsageError
from index.search import Searcher
from index.snapshot import Snapshot

State = Literal["draft", "reviewed", "approved", "withdrawn"]
STATES: tuple[State, ...] = get_args(State)
NAMES: Mapping[State, str] = {"draft": "草稿", "reviewed": "已审核", "approved": "已批准", "withdrawn": "已撤回"}
_FROM: Mapping[State, tuple[State, ...]] = {  # the states that a state may follow
    "draft": (),
    "reviewed": ("draft",),
    "approved": ("reviewed",),
    "withdrawn": ("draft", "reviewed", "approved"),
}
_NUMBERED = re.compile(r"^\d+[．.、]\s*")
_FILE, _FORMAT = 0x57454E43, 1  # "WENC": the file is ours, and of this form
_WAIT = 20.0  # seconds that a writer waits for another
_SCHEMA = (
    f"PRAGMA application_id = {_FILE}",
    f"PRAGMA user_version = {_FORMAT}",
    "CREATE TABLE drafts (id INTEGER PRIMARY KEY, question TEXT NOT NULL, understood TEXT NOT NULL, key TEXT NOT NULL, "
    "refused INTEGER NOT NULL, parts TEXT NOT NULL, citations TEXT NOT NULL, pins TEXT NOT NULL, "
    "writer TEXT NOT NULL, seal TEXT NOT NULL)",
    "CREATE TABLE steps (draft INTEGER NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, by TEXT NOT NULL, "
    "at TEXT NOT NULL, seal TEXT NOT NULL, PRIMARY KEY (draft, number)) WITHOUT ROWID",
    "CREATE TABLE known (mark TEXT PRIMARY KEY, draft INTEGER NOT NULL) WITHOUT ROWID",
    *(
        f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'append only'); END"
        for table in ("drafts", "steps", "known")
        for verb in ("UPDATE", "DELETE")
    ),
)
_COUNTS = (  # all equal: drafts are numbered from 1 without gaps, and each has steps
    "SELECT count(*), coalesce(max(id), 0), (SELECT count(DISTINCT draft) FROM steps), "
    "(SELECT coalesce(max(draft), 0) FROM steps) FROM drafts"
)
_FIELDS = "id, question, understood, key, refused, parts, citations, pins, writer"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A change of state: by whom, and when (ISO 8601, UTC)."""

    state: State
    by: str
    at: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A reply that was saved. `pins` belong to `reply.citations`, in order; `steps` are oldest first, one at least."""

    id: int
    understood: str
    reply: ReplyDraft
    pins: tuple[Pin, ...]
    steps: tuple[Step, ...]

    @property
    def question(self) -> str:
        """What was asked."""
        return self.reply.question

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.steps[-1].state

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the answer with their marks: the points without the numbers in front."""
        return tuple(_NUMBERED.sub("", part.text) for part in self.reply.parts if part.kind == "point")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A saved reply against today's documents: its citations as they stand now, and in Chinese what does not hold."""

    kept: Kept
    citations: tuple[Citation, ...]
    problems: tuple[str, ...]


class Approved:
    """The saved replies in a file; safe for several threads and processes."""

    def __init__(self, path: Path, *, two_persons: bool = False) -> None:
        """`path` need not exist. With `two_persons` nobody may approve what they have reviewed."""
        self.path = path
        self._two_persons = two_persons

    def save(self, reply: ReplyDraft, snapshot: Snapshot, by: str) -> Kept:
        """Keep a draft with what its citations stand in now.

        Raises UsageError when a citation does not stand in the snapshot, or for a name that is none.
        """
        name = _name(by)
        pins = pin(reply.citations, snapshot)
        day = understand(reply.question).day
        marks = [mark for entry in snapshot.entries for mark in (entry.file, entry.sha256)]
        with self._writing() as db:
            id = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM drafts").fetchone()[0])
            values = (
                *(id, _storable(reply.question), _storable(reply.understood)),
                *(_storable(key(reply.understood, day)), int(reply.refused)),
                *(_dump_parts(reply.parts), _dump([asdict(one) for one in reply.citations])),
                *(_dump([asdict(one) for one in pins]), reply.writer),
            )
            db.execute(f"INSERT INTO drafts VALUES ({', '.join('?' * 10)})", (*values, _seal(*values)))
            _step(db, id, 1, "draft", name)
            db.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", [(mark, id) for mark in marks])
            return _read(db, id)

    def advance(self, id: int, to: State, by: str) -> Kept:
        """Take a reply to its next state. Raises StateError for a step that is not allowed."""
        name = _name(by)
        with self._writing() as db:
            kept = _read(db, id)
            if kept.state not in _FROM[to]:
                wanted = "或".join(NAMES[state] for state in _FROM[to]) or "新存的草稿"
                raise StateError(
                    f"第 {id} 号答复现为“{NAMES[kept.state]}”，不能改为“{NAMES[to]}”（须先是{wanted}）；"
                    f"请用 wence approve show {id} 看经过"
                )
            reviewer = next((step.by for step in reversed(kept.steps) if step.state == "reviewed"), None)
            if self._two_persons and to == "approved" and reviewer == name:
                raise StateError(f"第 {id} 号答复由{name}审核，须由另一人批准（WENCE_TWO_PERSONS=1）；请换一人")
            _step(db, id, len(kept.steps) + 1, to, name)
            return _read(db, id)

    def get(self, id: int) -> Kept:
        """The reply of that number. Raises MissingError when there is none."""
        with self._reading() as db:
            if db is None:
                raise _unknown(id)
            return _read(db, id)

    def listing(self, state: State | None = None, search: str = "") -> tuple[Kept, ...]:
        """Replies, newest first: those in a state, those whose question or text holds all words of `search`."""
        with self._reading() as db:
            ids = [] if db is None else [int(row[0]) for row in db.execute("SELECT id FROM drafts ORDER BY id DESC")]
            found = [_listed(db, id) for id in ids] if db is not None else []
        words = search.lower().split()
        return tuple(
            kept
            for kept in found
            if state in (None, kept.state)
            and all(word in " ".join((kept.question, kept.understood, *kept.lines)).lower() for word in words)
        )

    def find(self, question: Question | str) -> Kept | None:
        """The reply that was approved last for the same question (see `assistant.same`); a refusal is never one."""
        asked = understand(question) if isinstance(question, str) else question
        with self._reading(whole=False) as db:
            if db is None or asked.pasted:
                return None
            rows = db.execute("SELECT id FROM drafts WHERE key = ? AND NOT refused", (key(asked.text, asked.day),))
            found = [_listed(db, int(row[0])) for row in rows.fetchall()]
            approved = [kept for kept in found if kept.state == "approved"]
            return max(approved, key=lambda kept: (kept.steps[-1].at, kept.id), default=None)

    def standing(self, kept: Kept, snapshot: Snapshot, docs: Iterable[str] = ()) -> Standing:
        """Look a reply's citations up again and check every line of its answer again.

        `docs` are documents that speak of its question now: one that was not in the index when the reply was saved is
        a problem as well.
        """
        pinned = zip(kept.reply.citations, kept.pins, strict=True)
        found = [again(citation, pin, snapshot) for citation, pin in pinned]
        problems = [f"{label(one.citation)}：{one.problem}" for one in found if isinstance(one, Lost)]
        current = tuple(one for one in found if isinstance(one, Citation))
        if not problems and not kept.lines and not kept.reply.refused:
            problems = ["答复里没有一句有引用的话"]
        if not problems:
            wrong = (unsupported(line, current, kept.understood, snapshot) for line in kept.lines)
            problems = [f"答复的话不再有依据：{problem}" for problem in wrong if problem]
        entries = [snapshot.entry(doc) for doc in dict.fromkeys(docs)]
        then = self._known(kept.id) if entries else set()
        problems += [
            f"《{tidy(entry.title)}》是保存之后入库的，也与此有关"
            for entry in entries
            if not {entry.file, entry.sha256} & then
        ]
        return Standing(kept=kept, citations=current, problems=tuple(dict.fromkeys(problems)))

    def check(self, searcher: Searcher) -> tuple[Standing, ...]:
        """All approved replies against the documents of today, newest first."""
        checked = []
        for kept in self.listing("approved"):
            usual = ask(searcher, kept.understood)
            docs = () if usual.refused else (citation.doc for citation in usual.citations)
            checked.append(self.standing(kept, searcher.snapshot, docs))
        return tuple(checked)

    def _known(self, id: int) -> set[str]:
        """File names and digests of the documents that were in the index when a reply was saved."""
        with self._reading(whole=False) as db:
            rows = [] if db is None else db.execute("SELECT mark FROM known WHERE draft <= ?", (id,)).fetchall()
        return {str(row[0]) for row in rows}

    @contextmanager
    def _reading(self, *, whole: bool = True) -> Iterator[sqlite3.Connection | None]:
        """The file, `None` when there is none yet; unless `whole`, only what is read of it is checked.

        Raises ConfigError when it cannot be read.
        """
        if not self.path.exists():
            yield None
            return
        with self._open(whole=whole) as db:
            yield db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The file in a transaction of its own; what fails leaves it as it was."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise ConfigError(f"答复文件写不了：{self.path}（{error.strerror}）；请检查权限和磁盘") from error
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                if not db.execute("PRAGMA user_version").fetchone()[0]:
                    for statement in _SCHEMA:
                        db.execute(statement)
                yield db
            except BaseException:
                if db.in_transaction:  # SQLite has rolled back by itself when the disk is full
                    db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def _open(self, *, whole: bool = True) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)) as db:
                ours = (*db.execute("PRAGMA application_id").fetchone(), *db.execute("PRAGMA user_version").fetchone())
                if ours != (_FILE, _FORMAT) and self.path.stat().st_size:
                    raise ConfigError(f"不是本程序的答复文件：{self.path}；请检查 WENCE_APPROVED")
                if ours == (_FILE, _FORMAT):
                    self._check(db, whole=whole)
                yield db
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise _damaged(self.path, str(error)) from error
        except _Unsealed as error:
            raise _damaged(self.path, str(error)) from None

    def _check(self, db: sqlite3.Connection, *, whole: bool) -> None:
        """Raises ConfigError when tables or triggers are not those that were made; with `whole` all pages are read."""
        if {row[0] for row in db.execute("SELECT sql FROM sqlite_schema")} != set(_SCHEMA[2:]):
            raise _damaged(self.path, "表或触发器被改动过")
        if not whole:
            return
        (sound,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if sound != "ok":
            raise _damaged(self.path, sound)
        if len(set(db.execute(_COUNTS).fetchone())) > 1:
            raise _damaged(self.path, "答复有缺失")


class _Unsealed(Exception):
    """A row that is not what was written."""


def _read(db: sqlite3.Connection, id: int) -> Kept:
    """The reply of that number. Raises MissingError when there is none, _Unsealed when it was tampered with."""
    if id >= 2**63:  # SQLite counts no further
        raise _unknown(id)
    row = db.execute(f"SELECT {_FIELDS}, seal FROM drafts WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise _unknown(id)
    rows = db.execute("SELECT draft, number, state, by, at, seal FROM steps WHERE draft = ? ORDER BY number", (id,))
    steps = rows.fetchall()
    whole = [step[1] for step in steps] == list(range(1, len(steps) + 1))
    if not steps or not whole or any(_seal(*one[:-1]) != one[-1] for one in (row, *steps)):
        raise _Unsealed(f"第 {id} 号答复的记录被改动过")
    citations = tuple(_citation(value) for value in json.loads(row[6]))
    by_number = {citation.n: citation for citation in citations}
    parts = tuple(
        Part(kind=kind, text=text, citations=tuple(by_number[n] for n in marks))
        for kind, text, marks in json.loads(row[5])
    )
    return Kept(
        id=id,
        understood=row[2],
        reply=ReplyDraft(
            question=row[1], understood=row[2], writer=row[8], refused=bool(row[4]), parts=parts, citations=citations
        ),
        pins=tuple(Pin(**value) for value in json.loads(row[7])),
        steps=tuple(Step(state=state, by=by, at=at) for _, _, state, by, at, _ in steps),
    )


def _listed(db: sqlite3.Connection, id: int) -> Kept:
    """The reply of a number that a list of all numbers has. Raises _Unsealed when it is not there after all."""
    try:
        return _read(db, id)
    except MissingError:
        raise _Unsealed(f"第 {id} 号答复的记录被改动过") from None


def _step(db: sqlite3.Connection, id: int, number: int, state: State, by: str) -> None:
    values = (id, number, state, by, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    db.execute("INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?)", (*values, _seal(*values)))


def _citation(value: dict[str, Any]) -> Citation:
    cell = value.pop("cell")
    return Citation(**value, cell=None if cell is None else Cell(**cell))


def _dump_parts(parts: Sequence[Part]) -> str:
    return _dump([[part.kind, part.text, [citation.n for citation in part.citations]] for part in parts])


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _storable(text: str) -> str:
    """Without lone surrogates, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()


def _seal(*values: object) -> str:
    """SHA-256 of a row."""
    return sha256(json.dumps(values, default=repr).encode()).hexdigest()  # damage may turn text into bytes


def _name(by: str) -> str:
    """A person's name. Raises UsageError for one that is empty, too long or not to be printed."""
    name = by.strip()
    if not name or not name.isprintable() or len(name) > 80:
        raise UsageError("姓名应是 1 到 80 个可见字符；请写明是谁（--by）")
    return name


def _unknown(id: int) -> MissingError:
    return MissingError(f"没有第 {id} 号答复；请用 wence approve list 看有哪些")


def _damaged(path: Path, problem: str) -> ConfigError:
    return ConfigError(f"答复文件读写不了：{path}（{problem}）；文件没有改动：请检查权限和磁盘，损坏时从备份恢复")
