"""Reading bytes within bounds: gzip layers taken off as a stream, and reads that stop at a limit."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC = b"\x1f\x8b\x08"
MAX_LAYERS = 2
"""Pages compressed by the server and again by the crawler do occur; more layers are no article."""

# zlib loses the output of the call in which it fails, so small pieces lose little of a damaged file.
_PIECE = 4096
_BUFFER = 64 * 1024


class TooLargeError(Exception):
    """More bytes than the limit. ``limit`` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class Gunzip(io.RawIOBase):
    """The decompressed bytes of a gzip stream of one or more members.

    A damaged or cut stream ends where it can no longer be read, and ``problem`` then says why; nothing is raised for it.
    """

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__()
        self._raw = raw
        self._inflate = zlib.decompressobj(31)
        self._input = b""
        self._ended = False
        self.problem: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = b""
        while not data and not self._ended:
            data = self._next(len(view))
        view[: len(data)] = data
        return len(data)

    def _next(self, size: int) -> bytes:
        if self._inflate.eof:
            return self._next_member()
        if not self._input:
            self._input = self._raw.read(_PIECE)
            if not self._input:
                return self._stop("the compressed data is cut short")
        try:
            data = self._inflate.decompress(self._input, size)
        except zlib.error:
            return self._stop("the compressed data is damaged")
        self._input = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        return data

    def _next_member(self) -> bytes:
        rest = self._input.lstrip(b"\0")  # some writers pad the last member with zeros
        while len(rest) < len(GZIP_MAGIC):
            more = self._raw.read(_PIECE)
            if not more:
                break
            rest = (rest + more).lstrip(b"\0")
        if not rest:
            self._ended = True
        elif rest.startswith(GZIP_MAGIC):
            self._inflate = zlib.decompressobj(31)
            self._input = rest
        else:
            return self._stop("the compressed data is followed by bytes that are not gzip")
        return b""

    def _stop(self, problem: str) -> bytes:
        self._ended = True
        self.problem = problem
        return b""


class Layers:
    """A file's bytes with its gzip layers, at most ``MAX_LAYERS``, taken off."""

    def __init__(self, raw: BinaryIO) -> None:
        self._gunzips: list[Gunzip] = []
        stream = _buffered(_Unowned(raw))
        while len(self._gunzips) < MAX_LAYERS and stream.peek(len(GZIP_MAGIC))[: len(GZIP_MAGIC)] == GZIP_MAGIC:
            gunzip = Gunzip(stream)
            self._gunzips.append(gunzip)
            stream = _buffered(gunzip)
        self.stream = stream

    @property
    def compressed(self) -> bool:
        return bool(self._gunzips)

    @property
    def problem(self) -> str | None:
        """What is wrong with the compressed data as far as it was read."""
        return next((gunzip.problem for gunzip in self._gunzips if gunzip.problem is not None), None)


def _buffered(raw: io.RawIOBase) -> io.BufferedReader:
    return io.BufferedReader(raw, _BUFFER)


class _Unowned(io.RawIOBase):
    """Passes reads on but leaves the file open when the buffer above it is thrown away."""

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__()
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._raw.read(len(view))
        view[: len(data)] = data
        return len(data)


class Readable(Protocol):
    """Anything bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


def read_at_most(stream: Readable, limit: int) -> bytes:
    """All that is left of ``stream``. Raises ``TooLargeError`` when that is more than ``limit`` bytes."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise TooLargeError(limit)
    return data


def inflate(data: bytes, limit: int) -> bytes:
    """``data`` compressed with deflate, with or without the zlib header, decompressed.

    Raises ``TooLargeError`` beyond ``limit`` bytes and ``zlib.error`` for damaged data.
    """
    for wbits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        decompressor = zlib.decompressobj(wbits)
        try:
            plain = decompressor.decompress(data, limit + 1)
        except zlib.error:
            continue
        if len(plain) > limit:
            raise TooLargeError(limit)
        if decompressor.eof:
            return plain
    raise zlib.error("damaged or cut short")
