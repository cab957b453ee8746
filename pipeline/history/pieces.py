"""Files kept by content: what is the same from night to night is stored once.

A file is cut into pieces of some dozen lines, at lines chosen by their own bytes, so that a line that comes or goes moves no other
cut (content-defined chunking, as in rsync and restic). A piece is a gzip file named after the SHA-256 of what it holds.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pipeline.errors import UsageError
from pipeline.files import write_atomically

_CUT = 64
"""One line in so many ends a piece: few enough files, and little to store where one line changes."""
_PIECE_BYTES = 2**20
_SUFFIX = ".gz"
_DRAFT = ".tmp"


class Pieces:
    """The pieces in one folder. Whoever writes holds the lock of the results (:func:`pipeline.run.store.open_store`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, path: Path) -> str:
        """Keeps the file ``path`` and returns the name by which :meth:`get` finds it: that of the piece that lists its pieces."""
        with path.open("rb") as file:
            return self._put(msgspec.json.encode([self._put(piece) for piece in _cut(file)]))

    def get(self, name: str) -> Iterator[bytes]:
        """The pieces of the file ``name``, in order. Raises UsageError where one is missing or damaged."""
        for piece in self.names(name):
            yield self._get(piece)

    def names(self, name: str) -> list[str]:
        """The pieces that the file ``name`` is made of. Raises UsageError as :meth:`get` does."""
        try:
            return msgspec.json.decode(self._get(name), type=list[str])
        except msgspec.DecodeError as error:
            raise UsageError(f"{self._path(name)}: is no list of pieces") from error

    def sweep(self, used: Iterable[str]) -> int:
        """Deletes all pieces but those of the files ``used``, and what a killed run left half-written; returns how many pieces went.

        Raises UsageError, with nothing deleted, where a list of pieces cannot be read.
        """
        keep: set[str] = set()
        for name in used:
            keep |= {name, *self.names(name)}
        gone = 0
        for path in sorted(self._folder.glob("*/*")):
            if path.suffix == _DRAFT or (path.suffix == _SUFFIX and path.stem not in keep):
                gone += path.suffix == _SUFFIX
                path.unlink()
        return gone

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}{_SUFFIX}"

    def _put(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        path = self._path(name)
        if self._is_whole(name):
            return name
        write_atomically(path, gzip.compress(data, 6, mtime=0))
        return name

    def _is_whole(self, name: str) -> bool:
        """Whether a piece is there as it was written: one that was damaged since is written again, and mends the runs that have it."""
        try:
            self._get(name)
        except UsageError:
            return False
        return True

    def _get(self, name: str) -> bytes:
        path = self._path(name)
        try:
            data = gzip.decompress(path.read_bytes())
        except FileNotFoundError:
            raise UsageError(f"{path}: this piece of a kept run is missing; restore it from a backup") from None
        except (OSError, EOFError, zlib.error) as error:
            raise _damaged(path) from error
        if hashlib.sha256(data).hexdigest() != name:
            raise _damaged(path)
        return data


def _damaged(path: Path) -> UsageError:
    return UsageError(f"{path}: this piece of a kept run is damaged; restore it from a backup")


def _cut(lines: Iterable[bytes]) -> Iterator[bytes]:
    piece: list[bytes] = []
    size = 0
    for line in lines:
        piece.append(line)
        size += len(line)
        if zlib.crc32(line) % _CUT == 0 or size >= _PIECE_BYTES:
            yield b"".join(piece)
            piece, size = [], 0
    if piece:
        yield b"".join(piece)
