"""The errors a user can meet, and what each one asks of them.

WenceError ─┬─ UsageError   the command or request is wrong: change it
            │   ├─ MissingError   what it names is not there
            │   └─ StateError     what it asks for does not fit the state of things
            ├─ ConfigError    a setting is wrong: change it
            ├─ BusyError      another one is under way: wait, or stop it
            ├─ IngestError    a file cannot be read: fix or skip it
            └─ SnapshotError  the index is missing, damaged or of another kind: build it again

Every message says what went wrong, where, and what to do, in Chinese; front doors print it as it is.
"""


class WenceError(Exception):
    """Base of every error that is shown to a user as one line."""


class UsageError(WenceError):
    """The request itself is wrong (an empty question, k below 1)."""


class MissingError(UsageError):
    """What is named is not there (a saved reply)."""


class StateError(UsageError):
    """What is asked for does not fit the state that something is in (approving what nobody has reviewed)."""


class ConfigError(WenceError):
    """A setting does not fit (unknown embedding, bad number)."""


class BusyError(WenceError):
    """Only one at a time may be under way (a run of the evaluation)."""


class IngestError(WenceError):
    """A source file cannot be read (missing, binary, too large)."""


class SnapshotError(WenceError):
    """An index is missing, damaged, or made with another embedding."""
