"""The registry of input formats, and the one way to read a file of any of them.

A format is a module of this package with a constant ``FORMAT``; nothing else has to be changed to add one.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import logging
import os
import pkgutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from typing import BinaryIO, Literal

from pipeline.config import Limits
from pipeline.model import InputError, RawDocument, Record
from pipeline.readers.metadata import GivenMeta
from pipeline.readers.problem import megabytes, os_reason, problem, too_large
from pipeline.readers.sidecar import find_sidecar, read_sidecar, sidecar_key, sidecar_names
from pipeline.readers.sniff import HEAD_BYTES, Head, sniff
from pipeline.readers.stream import Layers, TooLargeError, read_at_most


class Source(Record, frozen=True, kw_only=True):
    """A file to read."""

    path: str
    """Relative to the raw folder, with ``/`` between its parts; valid Unicode also where the file name is not."""
    absolute: str
    """Where it is on this machine; never written to any output."""


@dataclass(frozen=True)
class Opened:
    """A file that a format reads: open, decompressed, at its start."""

    source: Source
    head: Head
    stream: BinaryIO
    limits: Limits
    given: GivenMeta
    """What the sidecar says."""
    layers: Layers
    file: BufferedReader
    """The file itself, as stored."""
    size: int
    """Bytes as stored."""

    def sha256(self) -> str:
        """Of the bytes as stored; moves the file, so ask when ``stream`` is done with."""
        self.file.seek(0)
        return hashlib.file_digest(self.file, "sha256").hexdigest()

    def document(self, media: Literal["html", "text", "markdown"], content: str) -> RawDocument:
        """All of the file as one article; ask when ``stream`` is done with."""
        return RawDocument(
            path=self.source.path,
            input_id=self.given.input_id,
            media=media,
            content=content,
            sha256=self.sha256(),
            meta=self.given.meta,
        )

    def error(self, reason: str, place: str | None = None) -> InputError:
        """An error for this file, or for the line or record ``place`` in it."""
        return problem(self.source.path if place is None else f"{self.source.path}#{place}", reason)

    def one_article(self, limit: int) -> bytes:
        """All decompressed bytes. Raises ``RefusedError`` for more than ``limit``, and for compressed data that is not whole."""
        if self.size > self.limits.file_bytes or (not self.layers.compressed and self.size > limit):
            allowed = min(self.limits.file_bytes, limit)
            raise RefusedError(f"is {megabytes(self.size)}, more than the {megabytes(allowed)} an article may have")
        try:
            data = read_at_most(self.stream, limit)
        except TooLargeError:
            raise RefusedError(too_large(limit)) from None
        if self.layers.problem is not None:
            raise RefusedError(
                f"{self.layers.problem} after {len(data):,} bytes, so the article is not whole; fetch it again"
            )
        return data


class RefusedError(Exception):
    """The file at hand cannot be used; the text is the reason."""


@dataclass(frozen=True)
class Format:
    """An input format. ``claim`` looks at the start of a file and says how sure it is: 0 not mine, then higher is surer."""

    name: str
    suffixes: tuple[str, ...]
    """In lower case with the dot, without that of the compression."""
    help: str
    """One line for docs and messages."""
    claim: Callable[[Head], int]
    read: Callable[[Opened], Iterator[RawDocument | InputError]]
    archive: bool = False
    """Whether a file holds many articles, so that it is read as a stream of any length."""
    library: str | None = None
    """The distribution it needs beyond the required ones."""


_MAX_KEYED_BYTES = 2**30
_MAX_BLANK_BYTES = 16 * 2**20
"""So much white space before the first word is skipped to see what a file holds."""

# How sure a format is of a file.
NOT_MINE, BY_NAME, BY_CONTENT, CERTAIN = 0, 1, 2, 3


@cache
def formats() -> tuple[Format, ...]:
    """All formats there are, sorted by name."""
    package = importlib.import_module("pipeline.readers")
    found = []
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"pipeline.readers.{info.name}")
        entry = getattr(module, "FORMAT", None)
        if isinstance(entry, Format):
            found.append(entry)
    return tuple(sorted(found, key=lambda entry: entry.name))


@cache
def known_suffixes() -> frozenset[str]:
    """The suffixes of all formats."""
    return frozenset(suffix for entry in formats() for suffix in entry.suffixes)


def suffix_of(name: str) -> str:
    """The suffix of a file name in lower case, that of gzip left out; ``""`` if there is none."""
    stem, suffix = os.path.splitext(name.lower())
    return os.path.splitext(stem)[1] if suffix == ".gz" else suffix


_STEP_NS = 2 * 10**9


def read_source(source: Source, limits: Limits) -> Iterator[RawDocument | InputError]:
    """The articles in a file, in their order there, and an error for each problem.

    Bad input never raises; what can be read of the file is read. At most one article is held at a time.
    """
    try:
        with open_plain_file(source.absolute) as file:
            yield from _read(source, limits, file)
    except RefusedError as refused:
        yield problem(source.path, str(refused))
    except OSError as error:
        yield problem(source.path, os_reason(error))
    except MemoryError:
        yield problem(source.path, "needs more memory than there is; shorten it or split it")
    except Exception as error:  # a fault in a library for some odd file must cost that file only
        logging.getLogger(__name__).debug("reading %s failed", source.path, exc_info=True)
        yield problem(source.path, f"the reader failed on it ({type(error).__name__}); please report this file")


def pack(source: Source, limits: Limits) -> tuple[tuple[str, bytes], ...] | None:
    """The file and its sidecar, as names and bytes, for :func:`unpacked`; ``None`` where they cannot be had or the file is too large."""
    try:
        with open_plain_file(source.absolute) as file:
            data = file.read(limits.file_bytes + 1)
    except (RefusedError, OSError):
        return None
    sidecar = find_sidecar(source.absolute)
    if len(data) > limits.file_bytes or (sidecar is not None and isinstance(sidecar[1], str)):
        return None
    beside = () if sidecar is None or isinstance(sidecar[1], str) else ((sidecar[0], sidecar[1]),)
    return (os.path.basename(source.absolute), data), *beside


@contextmanager
def unpacked(path: str, files: tuple[tuple[str, bytes], ...]) -> Iterator[Source]:
    """The source ``path`` with its files as they were packed, in a folder that goes afterwards. Raises OSError."""
    with tempfile.TemporaryDirectory(prefix="claims-") as folder:
        for name, data in files:
            with open(os.path.join(folder, name), "xb") as file:
                file.write(data)
        yield Source(path=path, absolute=os.path.join(folder, files[0][0]))


def refusal(absolute: str) -> str | None:
    """Why no format reads the file, judged by its start; ``None`` if one does."""
    try:
        with open_plain_file(absolute) as file:
            choose(_head(Layers(file).stream, absolute))
    except RefusedError as refused:
        return str(refused)
    except OSError as error:
        return os_reason(error)
    return None


def is_archive(source: Source) -> bool:
    """Whether the file holds many articles; false also for one that cannot be read. Never raises."""
    chosen = _format_of(source)
    return chosen is not None and chosen.archive


def file_key(source: Source) -> str:
    """A key for all that reading a file of one article depends on: its bytes, its sidecar, its format. Never raises.

    The key stays when the file is renamed under the same suffix, so whoever keeps results by it adds the path.
    """
    chosen = _format_of(source)
    parts = ["none"] if chosen is None else [chosen.name, _library_version(chosen.library)]
    try:
        with open_plain_file(source.absolute) as file:
            # A file beyond this is refused by its size.
            size = os.fstat(file.fileno()).st_size
            parts.append(hashlib.file_digest(file, "sha256").hexdigest() if size <= _MAX_KEYED_BYTES else str(size))
    except RefusedError as refused:
        parts.append(str(refused))
    except OSError as error:
        parts.append(os_reason(error))
    parts.append(sidecar_key(source.absolute))
    return " ".join(parts)


def stamp(source: Source) -> str:
    """What changes whenever the file or a sidecar of it is written to, told without reading them. Never raises."""
    folder, name = os.path.split(source.absolute)
    parts = []
    for candidate in (name, *sidecar_names(name)):
        try:
            status = os.stat(os.path.join(folder, candidate))
        except (OSError, ValueError):
            parts.append("none")
        else:
            parts.append(f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}")
    return " ".join(parts)


def is_settled(stamp: str, now: int) -> bool:
    """Whether nothing can have been written since that :func:`stamp` would not show; ``now`` is in nanoseconds since 1970.

    A file system tells times in steps: what is written twice within one bears the same. Two seconds are the longest in use.
    """
    times = [int(time) for part in stamp.split() if part != "none" for time in part.split(":")[2:]]
    return bool(times) and max(times) + _STEP_NS < now


def choose(head: Head) -> Format:
    """The format that is surest of the file. Raises ``RefusedError`` if there is none."""
    best = max(formats(), key=lambda entry: entry.claim(head))
    if best.claim(head) > NOT_MINE:
        return best
    if head.kind == "empty":
        raise RefusedError("is empty")
    readable = ", ".join(suffix for entry in formats() for suffix in entry.suffixes)
    if head.suffix in known_suffixes():
        raise RefusedError(f"is named {head.suffix} but holds {head.label}, which is not read under that name")
    if head.kind == "binary" and not head.suffix:
        raise RefusedError(f"holds {head.label}, which cannot be read; use {readable}")
    raise RefusedError(f"not a format that can be read ({head.suffix or 'no suffix'}); use {readable}")


def open_plain_file(absolute: str) -> BufferedReader:
    """Open a file for reading without ever waiting on a pipe or device. Raises ``RefusedError`` and ``OSError``."""
    # Checked before opening, since opening a device can have effects, and after, since the name may have changed hands.
    _require_plain(os.stat(absolute).st_mode)
    descriptor = os.open(absolute, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        _require_plain(os.fstat(descriptor).st_mode)
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def file_type(mode: int) -> Literal["file", "folder", "link", "special file"]:
    """What kind of thing a ``st_mode`` describes."""
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "special file"


def _format_of(source: Source) -> Format | None:
    try:
        with open_plain_file(source.absolute) as file:
            return choose(_head(Layers(file).stream, source.absolute))
    except (RefusedError, OSError):
        return None


def _library_version(name: str | None) -> str:
    """So that an input refused for want of a library is tried again once that is there."""
    if name is None:
        return ""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def _require_plain(mode: int) -> None:
    if file_type(mode) != "file":
        raise RefusedError(f"is a {file_type(mode)}, not a file with an article")


def _head(stream: BinaryIO, absolute: str) -> Head:
    data = stream.read(HEAD_BYTES)
    skipped = 0
    while (
        data and not data.strip() and skipped < _MAX_BLANK_BYTES
    ):  # page generators leave whole screens of blank lines
        skipped += len(data)
        data = stream.read(HEAD_BYTES)
    return sniff(data, suffix_of(os.path.basename(absolute)))


def _read(source: Source, limits: Limits, file: BufferedReader) -> Iterator[RawDocument | InputError]:
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise RefusedError("is empty")
    start = Layers(file)
    head = _head(start.stream, source.absolute)
    if head.kind == "empty" and start.problem is not None:
        raise RefusedError(f"{start.problem} before anything could be read; fetch it again")
    chosen = choose(head)
    given, errors = read_sidecar(source.path, source.absolute)
    yield from errors
    file.seek(0)
    layers = Layers(file)
    yield from chosen.read(
        Opened(
            source=source,
            head=head,
            stream=layers.stream,
            limits=limits,
            given=given,
            layers=layers,
            file=file,
            size=size,
        )
    )
