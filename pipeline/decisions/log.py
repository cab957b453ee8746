"""The file of decisions: read whole, written only at its end, by one writer at a time."""

from __future__ import annotations

import datetime
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pipeline.decisions.model import Decision
from pipeline.decisions.standing import Decisions
from pipeline.errors import RunError, UsageError
from pipeline.model import encode
from pipeline.rules.schema import shipped_rules_folder

NAME = "decisions.jsonl"
MOST_BYTES = 256 * 2**20
"""A file larger than this is none of ours."""
_MOST_LINE = 64 * 2**10


class StaleDecisionError(UsageError):
    """Someone else decided on the flag since it was looked at. ``decisions`` are those that hold now."""

    def __init__(self, flag_id: str, decisions: Decisions) -> None:
        super().__init__(f"{flag_id}: was decided on by someone else meanwhile; look at it again")
        self.flag_id = flag_id
        self.decisions = decisions


def decisions_path(rules_folder: Path) -> Path:
    """Where decisions are kept unless a file is named: beside the rules, or in ``rules/`` here where those are the program's own."""
    installed = shipped_rules_folder()
    if installed.name != "rules" and rules_folder.resolve() == installed:
        return Path("rules") / NAME  # an update of the program would take them away
    return rules_folder / NAME


def read_decisions(path: Path) -> Decisions:
    """The decisions in ``path``; none where there is no such file.

    A line that is damaged costs itself: ``problems`` has one clear line for each. Raises UsageError where the file cannot be read.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # opening a pipe would wait for ever
            raise UsageError(f"{path}: is no plain file; name the file that holds the decisions")
        with path.open("rb") as file:
            return _parsed(file.read(MOST_BYTES + 1), path)
    except FileNotFoundError:
        return Decisions()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); decisions are kept in this file") from error


def append_decision(path: Path, decision: Decision, *, seen: str | None = None) -> Decisions:
    """Adds ``decision`` at the end of ``path``, on the disk when this returns; gives all decisions with it.

    Two writers wait for each other. ``seen`` is the :meth:`Decisions.version` of the flag that the decision was made on, where that
    matters: StaleDecisionError is raised if more was said since, and nothing is written. Raises UsageError where an undo finds nothing
    to take back, RunError where the disk fails; the file is then as it was.
    """
    with _locked(path) as descriptor:
        data = _content(descriptor)
        before = _parsed(data, path)
        if seen is not None and seen != before.version(decision.flag_id):
            raise StaleDecisionError(decision.flag_id, before)
        if decision.verdict == "undo" and before.last(decision.flag_id) is None:
            raise UsageError(f"{decision.flag_id}: there is no decision on it to take back")
        line = encode(decision) + b"\n"
        number = data.count(b"\n") + 1
        if data and not data.endswith(b"\n"):  # a writer was killed in the middle of a line: that line alone is lost
            line = b"\n" + line
            number += 1
        _write(descriptor, line, len(data), path)
        return Decisions((*before.entries, (number, decision)), before.problems)


def _parsed(data: bytes, path: Path) -> Decisions:
    if len(data) > MOST_BYTES:
        raise UsageError(f"{path}: larger than {MOST_BYTES} bytes; it is no file of decisions")
    entries: list[tuple[int, Decision]] = []
    problems: list[str] = []
    decoder = msgspec.json.Decoder(Decision)
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        found = _decision(line, decoder)
        if isinstance(found, Decision):
            entries.append((number, found))
        else:
            problems.append(
                f"{path}:{number}: is no decision ({found}) and counts for nothing; mend or delete the line"
            )
    return Decisions(entries, problems)


def _decision(line: bytes, decoder: msgspec.json.Decoder[Decision]) -> Decision | str:
    """The decision that a line holds, or what is wrong with it."""
    if len(line) > _MOST_LINE:
        return f"longer than {_MOST_LINE} bytes"
    try:
        decision = decoder.decode(line)
    except msgspec.ValidationError as error:
        return str(error)
    except (ValueError, RecursionError):  # also what is no UTF-8
        return "no JSON"
    return decision if decision.at.tzinfo is not None else "its time has no zone"


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, made where there is none, open and locked against other writers. The lock goes with the process that holds it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            is_new = not path.exists()
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK, 0o644)
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise UsageError(f"{path}: is no plain file; name the file that holds the decisions")
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if not _is_still(path, descriptor):  # an editor put another file in its place while we waited
                    continue
                if is_new:
                    _sync_folder(path.parent)
                yield descriptor
                return
            finally:
                os.close(descriptor)
    except OSError as error:
        raise RunError(
            f"{path}: the decision could not be kept ({error.strerror or error}); the file is as it was"
        ) from error


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _content(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    parts: list[bytes] = []
    at = 0
    while at < min(size, MOST_BYTES + 1):
        part = os.pread(descriptor, 2**20, at)
        if not part:
            break
        parts.append(part)
        at += len(part)
    return b"".join(parts)


def _write(descriptor: int, line: bytes, size: int, path: Path) -> None:
    try:
        written = os.write(descriptor, line)
        if written < len(line):
            raise OSError(0, "the disk is full")
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)  # half a line would be told as damage for ever
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def now() -> datetime.datetime:
    """The time for a decision, to the second, in UTC."""
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)
