"""What the last ``claims reconcile`` of a results folder made, so that a run in which nothing has changed compares nothing anew.

The note lies in the cache and says of what findings and flags were made, and their digests. It is believed only where the files beside it
are those: a run that was killed between the two, or files that somebody else wrote, are compared anew.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from pipeline.model import Record
from pipeline.rules.ruleset import Ruleset, digest_of
from pipeline.run.cache import COMPARED
from pipeline.run.engine import engine_digest, library_versions
from pipeline.run.results import ARTICLES, CLAIMS, FINDINGS, FLAGS, STATEMENTS
from pipeline.run.store import Store

_READ = (ARTICLES, CLAIMS, STATEMENTS)
_MADE = (FINDINGS, FLAGS)
_BLOCK = 2**20


class Compared(Record, frozen=True, kw_only=True):
    """What reconciling found, but for the findings and flags themselves."""

    counts: dict[str, int]
    """How many records each file has that was read."""
    statuses: dict[str, int]
    rules: dict[str, int]
    severities: dict[str, int]
    """How many findings there are of each status, and flags of each rule and severity."""
    contradictions: tuple[str, ...]
    """Where metadata of articles contradicts itself."""


class _Note(Record, frozen=True, kw_only=True):
    made_of: str
    made: dict[str, str]
    compared: Compared


def made_of(folder: Path, rules: Ruleset) -> str | None:
    """A SHA-256 over all that findings and flags depend on: the records in ``folder``, the rules, the code and models of the program.
    None where a file cannot be read: whoever reads it says why."""
    try:
        parts = [_digest(folder / name) for name in _READ]
    except OSError:
        return None
    parts += [digest_of(rules.rules, rules.topics), engine_digest(library_versions())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def taken_over(store: Store, made_of: str) -> Compared | None:
    """Stages the findings and flags of the results in ``store`` once more, where they were made of the same. None, and nothing that is not
    written over, where they were not."""
    data = store.cache.get(COMPARED)
    try:
        note = msgspec.msgpack.decode(data, type=_Note) if data is not None else None
    except (ValueError, RecursionError):  # of another version
        return None
    if note is None or note.made_of != made_of or note.made.keys() != set(_MADE):
        return None
    try:
        if all(_copy(store, name) == note.made[name] for name in _MADE):
            return note.compared
    except FileNotFoundError:  # an extraction took them away
        pass
    return None


def note(store: Store, made_of: str, compared: Compared) -> None:
    """Notes what the findings and flags that are staged in ``store`` were made of."""
    made = {name: _digest(store.staged / name) for name in _MADE}
    store.cache.put(COMPARED, msgspec.msgpack.encode(_Note(made_of=made_of, made=made, compared=compared)))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(store: Store, name: str) -> str:
    """Stages the result ``name`` as it is, and returns its digest."""
    sha = hashlib.sha256()
    with (store.folder / name).open("rb") as file, store.lines(name) as out:
        while block := file.read(_BLOCK):
            sha.update(block)
            out.write(block)
    return sha.hexdigest()
