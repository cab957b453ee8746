"""Takes the content encodings off a body as it arrives, within a limit: a few kilobytes can stand for gigabytes."""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli

_MAX_LAYERS = 2
"""Some servers compress what a program compressed already; nobody does so three times."""
_PIECE = 64 * 1024


class TooMuchError(Exception):
    """The body is larger than the limit."""


class BadEncodingError(Exception):
    """The body cannot be decompressed; the text is a clause that says why."""


class _Layer(Protocol):
    def feed(self, data: bytes, limit: int) -> bytes: ...

    def finish(self) -> None: ...


class Decoder:
    """The bytes of a page out of the bytes that are sent, at most ``limit``."""

    def __init__(self, content_encoding: str, limit: int) -> None:
        names = [name.strip().lower() for name in content_encoding.split(",")]
        names = [name for name in names if name not in ("", "identity")]
        if len(names) > _MAX_LAYERS:
            raise BadEncodingError("is compressed more than twice")
        self._layers = [_layer(name) for name in reversed(names)]
        self._left = limit

    def feed(self, data: bytes) -> bytes:
        """What ``data`` adds. Raises ``TooMuchError`` and ``BadEncodingError``."""
        for layer in self._layers:
            data = layer.feed(data, self._left)
        self._left -= len(data)
        if self._left < 0:
            raise TooMuchError
        return data

    def finish(self) -> None:
        """Raises ``BadEncodingError`` where the end is missing."""
        for layer in self._layers:
            layer.finish()


def decoded(body: bytes, content_encoding: str, limit: int) -> bytes:
    """All of ``body``. Raises as :class:`Decoder`."""
    decoder = Decoder(content_encoding, limit)
    pieces = [decoder.feed(body[start : start + _PIECE]) for start in range(0, len(body), _PIECE)]
    decoder.finish()
    return b"".join(pieces)


def _layer(name: str) -> _Layer:
    if name in ("gzip", "x-gzip"):
        return _Zlib("gzip")
    if name == "deflate":
        return _Zlib("deflate")
    if name == "br":
        return _Brotli()
    raise BadEncodingError(f"is compressed with {name[:40]!r}, which was not asked for and is not read")


class _Zlib:
    """gzip of one or more members, or deflate with or without the zlib header. What is not compressed after all is passed on."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._inflate: zlib._Decompress | None = None
        self._plain = False
        self._started = b""

    def feed(self, data: bytes, limit: int) -> bytes:
        if self._plain:
            return data
        if self._inflate is None:
            self._started += data
            if len(self._started) < 2:
                return b""
            data, self._started = self._started, b""
            self._inflate = self._begin(data)
            if self._inflate is None:
                self._plain = True
                return data
        return self._run(data, limit)

    def _begin(self, data: bytes) -> zlib._Decompress | None:
        if self._name == "gzip":
            return zlib.decompressobj(31) if data.startswith(b"\x1f\x8b") else None
        # RFC 1950: the first two bytes of a zlib stream are a multiple of 31; servers also send bare deflate (RFC 1951).
        zlib_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)

    def _run(self, data: bytes, limit: int) -> bytes:
        pieces: list[bytes] = []
        room = limit + 1
        while data and self._inflate is not None:
            if self._inflate.eof:
                if not data.startswith(b"\x1f") or self._name != "gzip":
                    break  # padding, or something after the end, which browsers pass over too
                self._inflate = zlib.decompressobj(31)
            try:
                piece = self._inflate.decompress(data, room)
            except zlib.error:
                raise BadEncodingError("is damaged: its compressed bytes make no sense") from None
            pieces.append(piece)
            room -= len(piece)
            if room <= 0:
                raise TooMuchError
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        return b"".join(pieces)

    def finish(self) -> None:
        if self._inflate is not None and not self._inflate.eof:
            raise BadEncodingError("is cut short: its compressed bytes have no end")


class _Brotli:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()
        self._any = False

    def feed(self, data: bytes, limit: int) -> bytes:
        self._any = self._any or bool(data)
        if self._decompressor.is_finished():  # what follows the end belongs to nothing
            return b""
        pieces: list[bytes] = []
        room = limit + 1
        try:
            while True:
                piece = self._decompressor.process(data, output_buffer_limit=min(room, 2**20))
                data = b""
                pieces.append(piece)
                room -= len(piece)
                if room <= 0:
                    raise TooMuchError
                if not piece and self._decompressor.can_accept_more_data():
                    return b"".join(pieces)
                if self._decompressor.is_finished():
                    return b"".join(pieces)
        except brotli.error:
            raise BadEncodingError("is damaged: its compressed bytes make no sense") from None

    def finish(self) -> None:
        if self._any and not self._decompressor.is_finished():
            raise BadEncodingError("is cut short: its compressed bytes have no end")
