"""Who may do what: API keys with roles, kept as hashes; and how often they may do it.

A key is 256 random bits, so a plain SHA-256 of it cannot be turned back and a slow password hash would only slow down
every request. The file holds no key, only hashes; it is readable by its owner alone.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256
from pathlib import Path

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from errors import ConfigError, UsageError


class Role(IntEnum):
    """What a key's holder may do; each role may do what those before it may."""

    READER = 1  # ask, search, match, read documents
    STAFF = 2  # draft replies, add documents, read the figures of the service
    APPROVER = 3  # approve reviewed replies
    ADMIN = 4  # remove documents, run the evaluation


ROLES = {role.name.lower(): role for role in Role}


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key as it is kept: `id` (8 hexadecimal digits) stands in the key itself, `digest` is its SHA-256."""

    id: str
    name: str
    role: str
    digest: str
    created: str


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: the key's id and name, or the local user of a machine without keys."""

    id: str
    name: str
    role: Role

    @property
    def who(self) -> str:
        """How records name the caller."""
        return "本机" if self.local else self.name

    @property
    def local(self) -> bool:
        """Whether it is the local user of a machine without keys."""
        return self.id == "local"


LOCAL = Caller(id="local", name="local", role=Role.ADMIN)


class KeyFile:
    """The keys in a JSON file. It is read again whenever it changes; a missing file means that there are no keys."""

    def __init__(self, path: Path) -> None:
        """`path` need not exist yet."""
        self.path = path

    def all(self) -> tuple[Key, ...]:
        """All keys, oldest first. Raises ConfigError when the file cannot be read."""
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))
            return tuple(Key(**row) for row in rows)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(f"密钥文件读不了：{self.path}；请修复，或删除后用 wence key add 重新发放") from error

    def add(self, name: str, role: str) -> str:
        """Make a key and return it: the only time that it can be seen. Raises UsageError for a bad role or name."""
        if role not in ROLES:
            raise UsageError(f"没有这种角色：{role!r}；可用 {'、'.join(ROLES)}")
        if not name.strip() or not name.isprintable() or len(name) > 80:
            raise UsageError("名称应是 1 到 80 个可见字符；请换一个")
        with self._writing() as keys:
            if any(key.name == name for key in keys):
                raise UsageError(f"已有同名的密钥：{name!r}；请换一个名称，或先用 wence key remove 收回")
            id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
            token = f"wk_{id}_{secret}"
            created = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
            keys.append(Key(id=id, name=name, role=role, digest=_digest(token), created=created))
        return token

    def remove(self, name: str) -> None:
        """Take a key back. Raises UsageError when there is none of that name."""
        with self._writing() as keys:
            if not any(key.name == name for key in keys):
                raise UsageError(f"没有这个密钥：{name!r}；用 wence key list 看有哪些")
            keys[:] = [key for key in keys if key.name != name]

    def caller(self, token: str) -> Caller | None:
        """Whose key that is, `None` when it is nobody's."""
        digest = _digest(token)
        for key in self.all():
            if hmac.compare_digest(key.digest, digest):
                return Caller(id=key.id, name=key.name, role=ROLES[key.role])
        return None

    def holder(self, id: str) -> Caller | None:
        """Who holds the key of that id; `None` when there is none, or it was taken back."""
        return next((Caller(id=k.id, name=k.name, role=ROLES[k.role]) for k in self.all() if k.id == id), None)

    @contextmanager
    def _writing(self) -> Iterator[list[Key]]:
        """The keys, to be changed under a lock and written in one rename."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_name(f"{self.path.name}.lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                keys = list(self.all())
                yield keys
                draft = self.path.with_name(f"{self.path.name}.new")
                descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump([asdict(key) for key in keys], file, ensure_ascii=False, indent=1)
                draft.replace(self.path)
        except OSError as error:
            raise ConfigError(f"密钥文件写不了：{self.path}（{error.strerror}）；请检查权限和磁盘") from error


class Sessions:
    """Who has logged in on the page: a random value in a cookie, of which a hash is kept for 12 hours in this process.

    What a visitor may do is looked up in the key file each time: a key that is taken back ends its sessions at once.
    """

    def __init__(self, keys: KeyFile, *, seconds: int = 12 * 3600, most: int = 10_000) -> None:
        """`most` sessions are kept; beyond them the oldest ends."""
        self.cookie = f"wence_{secrets.token_hex(4)}"  # cookies know no ports: two servers must not share a name
        self.seconds = seconds
        self._keys, self._most = keys, most
        self._kept: dict[str, tuple[str, float]] = {}  # hash: id of the key, end

    def open(self, caller: Caller) -> str:
        """Begin a session; the value of its cookie."""
        value = secrets.token_urlsafe(32)
        now = time.monotonic()
        self._kept = {digest: kept for digest, kept in self._kept.items() if kept[1] > now}
        while len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[_digest(value)] = caller.id, now + self.seconds
        return value

    def close(self, value: str) -> None:
        """End a session, if there is one."""
        self._kept.pop(_digest(value), None)

    def caller(self, value: str) -> Caller | None:
        """Whose session that is; `None` when it is nobody's or has ended."""
        id, end = self._kept.get(_digest(value), ("", 0.0))
        return self._keys.holder(id) if end > time.monotonic() else None


class RateLimit:
    """At most so many requests of each caller in a moving window, e.g. `120/minute`."""

    def __init__(self, rate: str) -> None:
        """Raises ConfigError for a rate that is not written as NUMBER/UNIT."""
        try:
            self._item: RateLimitItem = parse(rate)
        except ValueError:
            raise ConfigError(f"WENCE_RATE 应写成 120/minute 这样，现为 {rate!r}；请改正或取消这个环境变量") from None
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def allows(self, who: str) -> bool:
        """Count a request of `who` (a key's id, or an address); False when there were too many."""
        return self._limiter.hit(self._item, who)

    @property
    def seconds(self) -> int:
        """Length of the window: after that long a caller may surely try again."""
        return int(self._item.get_expiry())


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
