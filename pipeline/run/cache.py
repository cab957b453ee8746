"""What earlier runs found of each article, in one SQLite file that survives a kill at any moment.

It holds nothing that cannot be made again: a file that is damaged, or not ours, is thrown away and begun anew, and a value whose bytes
have changed counts as missing.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, TypeVar

T = TypeVar("T")
Table = Literal["heads", "bodies"]
"""``heads`` holds what every run reads of every article, and is small; ``bodies`` what is copied or seldom needed."""
_TABLES: tuple[Table, ...] = ("heads", "bodies")
_UNREADABLE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN)
"""SQLite's codes for a file that is damaged, or that is no cache of ours."""
_CHECK_BYTES = 4
COMPARED = "compared"
"""The key of what the articles were compared with last (:mod:`pipeline.run.compared`); no input has it."""


class Cache:
    """Values by key, in two tables."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def open(self) -> None:
        """Opens or creates the file; a damaged one is replaced."""
        try:
            self._database = self._connect()
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def get(self, key: str, table: Table = "heads") -> bytes | None:
        """The value; ``None`` where there is none, or none that can be believed."""
        row = self._try(
            lambda database: database.execute(f"SELECT value FROM {table} WHERE key = ?", (key,)).fetchone()
        )
        if row is None or not isinstance(row[0], bytes):
            return None
        check, value = row[0][:_CHECK_BYTES], row[0][_CHECK_BYTES:]
        return value if check == _check(key, value) else None

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def put(self, key: str, value: bytes, table: Table = "heads") -> None:
        row = key, _check(key, value) + value
        self._try(lambda database: database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", row))

    def keep_only(self, keys: Iterable[str], table: Table = "heads") -> None:
        """Forgets every other key, so that the file does not grow from night to night."""
        used = list(keys)
        self._try(lambda database: _keep_only(database, used, table))

    def forget_damaged(self) -> None:
        """Forgets every value that cannot be believed, and every head without its body; reads all of them."""
        self._try(_forget_damaged)

    def _try(self, use: Callable[[sqlite3.Connection], T]) -> T:
        """What ``use`` makes of the database; of an empty one where it turns out to be damaged."""
        if self._database is None:
            raise RuntimeError("the cache is not open")
        try:
            return use(self._database)
        except sqlite3.DatabaseError as error:
            self.close()
            return use(self._begin_anew(error))

    def _begin_anew(self, error: sqlite3.DatabaseError) -> sqlite3.Connection:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) not in _UNREADABLE:
            raise error  # a full disk, say, is no reason to throw away finished work
        for suffix in ("", "-wal", "-shm"):
            remove(self._path.with_name(self._path.name + suffix))
        self._database = self._connect()
        return self._database

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        try:
            # Bodies take many pages of the usual size; this must be said before there is a table.
            database.execute("PRAGMA page_size=16384")
            # WAL: a kill loses at most the articles of the last moments, never the file.
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            for table in _TABLES:
                database.execute(f"CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, value BLOB NOT NULL)")
                database.execute(f"SELECT key, value FROM {table} LIMIT 1")
            database.execute("DROP TABLE IF EXISTS outcomes")  # what earlier versions kept
        except BaseException:
            database.close()
            raise
        return database


def remove(path: Path) -> None:
    """Deletes what stands at ``path``, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _keep_only(database: sqlite3.Connection, keys: list[str], table: Table) -> None:
    database.execute("CREATE TEMP TABLE IF NOT EXISTS used (key TEXT PRIMARY KEY)")
    database.execute("BEGIN")
    try:
        database.execute("DELETE FROM used")
        database.executemany("INSERT OR IGNORE INTO used VALUES (?)", ((key,) for key in keys))
        database.execute(f"DELETE FROM {table} WHERE key NOT IN (SELECT key FROM used)")
        database.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise


def _forget_damaged(database: sqlite3.Connection) -> None:
    for table in _TABLES:
        damaged = [
            (key,)
            for key, value in database.execute(f"SELECT key, value FROM {table}")
            if not isinstance(value, bytes) or value[:_CHECK_BYTES] != _check(str(key), value[_CHECK_BYTES:])
        ]
        database.executemany(f"DELETE FROM {table} WHERE key = ?", damaged)
    database.execute("DELETE FROM heads WHERE key NOT IN (SELECT key FROM bodies)")


def _check(key: str, value: bytes) -> bytes:
    return zlib.crc32(value, zlib.crc32(key.encode())).to_bytes(_CHECK_BYTES, "big")
