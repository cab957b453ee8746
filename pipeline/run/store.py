"""Results on disk: a cache of finished articles, and a set of result files that is replaced whole or not at all."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import signal
import socket
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TextIO

import filelock
import jsonlines
import msgspec

from pipeline.errors import RunError
from pipeline.model import Record, encode

_WORK = ".work"
"""Folder inside the results that belongs to the program: lock, cache and results not yet published."""
_READY = "ready.json"
_GONE = "-"
"""Before a name in the list of what is ready: this result goes."""
_UNREADABLE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN)
"""SQLite's codes for a file that is damaged, or that is no cache of ours."""
_CHECK_BYTES = 4
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
        with self._staged_file(name) as file, jsonlines.Writer(file, dumps=_dumps) as writer:
            yield writer

    @contextmanager
    def binary(self, name: str) -> Iterator[BinaryIO]:
        """The staged file ``name``, for whoever has lines ready to be written."""
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
        with self._staged_file(name) as file:
            file.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")

    @contextmanager
    def _staged_file(self, name: str) -> Iterator[TextIO]:
        path = self.staged / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

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
        _remove(self.staged)
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


class Cache:
    """Outcomes of finished articles by key, in one SQLite file that survives a kill at any moment.

    It holds nothing that cannot be made again: a file that is damaged, or not ours, is thrown away and begun anew, and an outcome
    whose bytes have changed counts as missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def open(self) -> None:
        """Opens or creates the file; a damaged one is replaced."""
        try:
            self._database = self._connect()
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) not in _UNREADABLE:
                raise  # a full disk, say, is no reason to throw away finished work
            for suffix in ("", "-wal", "-shm"):
                _remove(self._path.with_name(self._path.name + suffix))
            self._database = self._connect()

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        try:
            # WAL: a kill loses at most the articles of the last moments, never the file.
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("the cache is damaged")
            database.execute(
                "CREATE TABLE IF NOT EXISTS outcomes (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
            )
            database.execute("SELECT key, value FROM outcomes LIMIT 1")
        except BaseException:
            database.close()
            raise
        return database

    @property
    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            raise RuntimeError("the cache is not open")
        return self._database

    def get(self, key: str) -> bytes | None:
        row = self._open.execute("SELECT value FROM outcomes WHERE key = ?", (key,)).fetchone()
        if row is None or not isinstance(row[0], bytes):
            return None
        check, value = row[0][:_CHECK_BYTES], row[0][_CHECK_BYTES:]
        return value if check == _check(value) else None

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def put(self, key: str, value: bytes) -> None:
        self._open.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", (key, _check(value) + value))

    def keep_only(self, keys: Iterable[str]) -> None:
        """Forgets every other key, so that the file does not grow from night to night."""
        database = self._open
        database.execute("CREATE TEMP TABLE IF NOT EXISTS used (key TEXT PRIMARY KEY)")
        database.execute("BEGIN")
        database.execute("DELETE FROM used")
        database.executemany("INSERT OR IGNORE INTO used VALUES (?)", ((key,) for key in keys))
        database.execute("DELETE FROM outcomes WHERE key NOT IN (SELECT key FROM used)")
        database.execute("COMMIT")


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


def _check(value: bytes) -> bytes:
    return zlib.crc32(value).to_bytes(_CHECK_BYTES, "big")


def _remove(path: Path) -> None:
    """Deletes what stands at ``path``, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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


def _dumps(record: Record) -> str:
    return encode(record).decode()
