"""Results on disk: a set of result files that is replaced whole or not at all."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import filelock
import jsonlines
import msgspec

from pipeline.errors import RunError
from pipeline.model import encode
from pipeline.run.cache import Cache, remove

_WORK = ".work"
"""Folder inside the results that belongs to the program: lock, cache and results not yet published."""
_READY = "ready.json"
_GONE = "-"
"""Before a name in the list of what is ready: this result goes."""
_HOLDER = "holder.json"


class _Holder(msgspec.Struct, frozen=True):
    """Who holds the lock of the results."""

    command: str
    pid: int
    host: str
    since: str


class Store:
    """The results folder of one run at a time. Use :func:`open_store`.

    A run stages its files and then publishes them: once the list of staged files is complete on disk, the new results hold, and a
    program that is killed while it moves them leaves a list that the next one finishes. Before that point the earlier results stay.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / _WORK
        self.staged = self.work / "staged"
        """Where files wait to be published; a path below it is the path below the results."""
        self.cache = Cache(self.work / "articles.sqlite")

    @contextmanager
    def writer(self, name: str) -> Iterator[jsonlines.Writer]:
        """Writes records to the staged file ``name``, one a line."""
        with self.lines(name) as file, jsonlines.Writer(file, dumps=encode) as writer:
            yield writer

    @contextmanager
    def lines(self, name: str) -> Iterator[BinaryIO]:
        """Writes lines that are ready to the staged file ``name``."""
        path = self.staged / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def keep(self, name: str, data: bytes) -> Path:
        """Writes a working file for the time of this run, and returns where it is."""
        path = (self.work / name).resolve()
        path.write_bytes(data)
        return path

    def write_json(self, name: str, value: object) -> None:
        """Writes the staged file ``name``, laid out for people."""
        with self.lines(name) as file:
            file.write(msgspec.json.format(msgspec.json.encode(value)) + b"\n")

    def publish(self, obsolete: Iterable[str] = (), removed: Iterable[str] = ()) -> None:
        """Makes the staged files the results, and removes those that rest on them (``obsolete``) if any has changed.

        ``removed`` are other files to take away with them, by their paths below the results. Raises RunError, with nothing replaced,
        where something else bears the name of a result.
        """
        names = sorted(path.relative_to(self.staged).as_posix() for path in self.staged.rglob("*") if path.is_file())
        gone = set(removed) - set(names)
        if any(self._is_new(name) for name in names if name.endswith(".jsonl")):
            gone |= set(obsolete)
        for name in names:
            self._require_place(name)
        names += [_GONE + name for name in sorted(gone) if (self.folder / name).is_file()]
        draft = self.work / "ready.tmp"
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(names))
            file.flush()
            os.fsync(file.fileno())
        with _undisturbed():
            draft.replace(self.work / _READY)
            self._finish()

    def _require_place(self, name: str) -> None:
        """Raises RunError where a result of this name cannot be put."""
        place = self.folder / name
        if place.is_dir():
            raise RunError(f"{place}: is a folder where a result belongs; move it away and run again")
        parent = place.parent
        while parent != self.folder:
            if parent.exists() and not parent.is_dir():
                raise RunError(f"{parent}: is a file where a folder of results belongs; move it away and run again")
            parent = parent.parent

    def _is_new(self, name: str) -> bool:
        """Whether the staged file differs from the result of this name."""
        old = self.folder / name
        return not old.is_file() or not filecmp.cmp(self.staged / name, old, shallow=False)

    def begin(self) -> None:
        """Finishes what an earlier run had published but not moved, and clears what it had not."""
        self.finish()
        remove(self.staged)
        self.staged.mkdir(parents=True)

    def finish(self) -> None:
        """Finishes what an earlier run had published but not moved; call with the lock held."""
        if (self.work / _READY).exists():
            with _undisturbed():
                self._finish()

    def _finish(self) -> None:
        ready = self.work / _READY
        try:
            names = msgspec.json.decode(ready.read_bytes(), type=list[str])
        except msgspec.DecodeError:  # not written by us: a list is whole before it has its name
            names = []
        for name in names:
            path = PurePosixPath(name.removeprefix(_GONE))
            if path.is_absolute() or ".." in path.parts:
                continue  # not written by us
            if name.startswith(_GONE):
                (self.folder / path).unlink(missing_ok=True)
            elif (self.staged / path).is_file():  # else it was moved before the earlier run was killed
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self.staged / path).replace(self.folder / path)
        ready.unlink()
        shutil.rmtree(self.staged, ignore_errors=True)


@contextmanager
def open_store(folder: Path, command: str = "claims") -> Iterator[Store]:
    """The store in ``folder``, locked against other runs and ready to stage files; ``command`` is what others are told holds it.

    Raises RunError where the folder cannot be written, another run holds it, or the disk fails while it is open.
    """
    try:
        store = Store(folder)
        store.work.mkdir(parents=True, exist_ok=True)
        with _locked(store.work, command):
            store.begin()
            store.cache.open()
            try:
                yield store
            finally:
                store.cache.close()
    except filelock.Timeout:
        raise RunError(
            f"{folder}: another run is writing here{_holder(folder / _WORK)}; wait for it to end or give another folder with -o"
        ) from None
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise RunError(
            f"{folder}: results could not be written ({reason}); earlier results are as they were"
        ) from error


def settle(folder: Path) -> None:
    """Puts in place the results that a run published in ``folder`` before it was killed, so that none is read beside an older one.

    Does nothing where there are none, where another process is at it, or where the folder cannot be written.
    """
    store = Store(folder)
    if not (store.work / _READY).is_file():
        return
    with contextlib.suppress(OSError, filelock.Timeout), filelock.FileLock(store.work / "lock").acquire(blocking=False):
        store.finish()


@contextmanager
def _locked(work: Path, command: str) -> Iterator[None]:
    """Holds the lock of the results, and tells others who does. The lock itself ends with the process, whatever becomes of it."""
    lock = filelock.FileLock(work / "lock")
    with lock.acquire(blocking=False):
        note = work / _HOLDER
        began = datetime.now(UTC).isoformat(timespec="seconds")
        note.write_bytes(msgspec.json.encode(_Holder(command, os.getpid(), socket.gethostname(), began)))
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def _holder(work: Path) -> str:
    """Who holds the lock, in brackets; nothing where that cannot be told."""
    try:
        holder = msgspec.json.decode((work / _HOLDER).read_bytes(), type=_Holder)
    except (OSError, ValueError):
        return ""
    return f" ({holder.command}, process {holder.pid} on {holder.host}, since {holder.since})"


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Puts signals that stop the program off to the end, so that no result is replaced without the others."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are handled in the main thread alone
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _frame: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
