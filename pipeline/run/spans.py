"""Where the records of each article stand in the files of a run, so that some articles can be read without the others."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.model import Article, Claim, Record, Statement
from pipeline.reconcile.shingles import hashed
from pipeline.reconcile.traced import TracedClaim, TracedStatement
from pipeline.run.results import ARTICLES, CLAIMS, STATEMENTS, bad_line, line_problem, line_reason, read_line

R = TypeVar("R", bound=Record)
_CHUNK = 32 * 2**20
"""Bytes of a file that are looked through at a time."""
_ROW = 24
"""Bytes of three numbers."""
_NEWLINE, _OPENS, _CLOSES = b"\n{}"
_NO_CLAIM = hashed("")
Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


class _Owned(msgspec.Struct, gc=False):
    """What is read of a line before all of it is."""

    article_id: str
    claim_id: str = ""


class Head(msgspec.Struct, gc=False):
    """What is known of an article beside its text, see :class:`pipeline.model.Article`."""

    article_id: str
    kind: str
    url: str | None = None
    publisher: str | None = None
    published: str | None = None


class Chunk(NamedTuple):
    """A piece of a file, from the beginning of a line to the end of one."""

    path: Path
    start: int
    end: int


class Lines(NamedTuple):
    """The lines of a file: where each begins, how many bytes it has, its number from 1, and whose it is."""

    starts: Numbers
    lengths: Numbers
    numbers: Numbers
    owners: Hashes
    """Hashes of article ids, or places of articles."""
    ids: Hashes
    """Hashes of claim ids."""


class Scanned(msgspec.Struct):
    """What stands in a :class:`Chunk`."""

    lines: int
    """How many there are; up to the one with the ``problem``, where there is one."""
    columns: list[bytes]
    """Its :class:`Lines`, numbered from 1 within the chunk."""
    problem: str | None = None
    """What is wrong with the last of these lines."""
    heads: list[Head] | None = None
    """Of articles, where all could be read at once."""


def chunks(path: Path) -> list[Chunk]:
    """``path`` in pieces. Raises UsageError where it cannot be read."""
    found: list[Chunk] = []
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = 0
            while start < size:
                file.seek(min(start + _CHUNK, size))
                file.readline()
                end = min(file.tell(), size)
                found.append(Chunk(path, start, end))
                start = end
    except OSError as error:
        raise line_problem(path, error) from error
    return found


def scan(chunk: Chunk) -> Scanned:
    """Looks through a piece, up to the first line that is no record."""
    with chunk.path.open("rb") as file:
        file.seek(chunk.start)
        data = file.read(chunk.end - chunk.start)
    return _scanned_at_once(chunk, data) or _scanned_by_line(chunk, data)


def _scanned_at_once(chunk: Chunk, data: bytes) -> Scanned | None:
    """What stands in a piece of which every line is a record; None where one may be none, or is empty."""
    found = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(found == _NEWLINE) + 1
    if not len(ends) or ends[-1] != len(data):
        return None
    starts = np.concatenate([[0], ends[:-1]])
    lengths = ends - starts
    if lengths.min() <= len("{}") or (found[starts] != _OPENS).any() or (found[ends - 2] != _CLOSES).any():
        return None
    is_article = chunk.path.name == ARTICLES
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Head if is_article else _Owned)
    try:
        records = decoder.decode_lines(data)
    except (ValueError, RecursionError):
        return None
    if len(records) != len(ends):
        return None
    columns = [starts + chunk.start, lengths, np.arange(1, len(ends) + 1)]
    ids = [_NO_CLAIM] * len(records) if is_article else [hashed(one.claim_id) for one in records]
    hashes = [np.array(listed, np.uint64) for listed in (_owners(records), ids)]
    return Scanned(
        len(ends), [column.tobytes() for column in (*columns, *hashes)], heads=records if is_article else None
    )


def _owners(records: Sequence[_Owned | Head]) -> list[int]:
    """The hash of the article of each; those of one article mostly follow each other."""
    owners: list[int] = []
    known, number = "", hashed("")
    for one in records:
        if one.article_id != known:
            known = one.article_id
            number = hashed(known)
        owners.append(number)
    return owners


def _scanned_by_line(chunk: Chunk, data: bytes) -> Scanned:
    starts, lengths, numbers, owned = [], [], [], []
    at, number = chunk.start, 0
    decoder = msgspec.json.Decoder(_Owned)
    for line in io.BytesIO(data):
        number += 1
        if line.strip():
            try:
                owned.append(decoder.decode(line))
            except (ValueError, RecursionError) as error:
                return Scanned(number, [], line_reason(error))
            starts.append(at)
            lengths.append(len(line))
            numbers.append(number)
        at += len(line)
    arrays = [np.array(listed, np.int64).tobytes() for listed in (starts, lengths, numbers)]
    ids = [hashed(one.claim_id) for one in owned]
    return Scanned(number, [*arrays, *(np.array(listed, np.uint64).tobytes() for listed in (_owners(owned), ids))])


def joined(pieces: Sequence[Scanned]) -> Lines:
    """The lines of a file, from those of its pieces, in their order."""
    columns: list[list[Any]] = [[], [], [], [], []]
    before = 0
    for piece in pieces:
        for place, data in enumerate(piece.columns):
            column = np.frombuffer(data, np.int64 if place < 3 else np.uint64)
            columns[place].append(column + before if place == 2 else column)
        before += piece.lines
    return Lines(
        *(
            np.concatenate([*column, np.zeros(0, np.int64 if place < 3 else np.uint64)])
            for place, column in enumerate(columns)
        )
    )


class Where(NamedTuple):
    """Where one article's records stand."""

    article: int
    """The place of the article among all, in the order of their ids."""
    lines: tuple[bytes, ...]
    """Of each of the three files [lines, 3] int64: where its lines begin, their lengths and numbers."""


class Spans:
    """The records of a run by article, in the order of article ids."""

    def __init__(self, articles: Lines, order: Numbers, claims: Lines, statements: Lines) -> None:
        """``order`` are the places of the articles' lines; ``owners`` of the others are places of articles in it."""
        self.count = len(order)
        self._articles = articles
        self._order = order
        self._others = [(lines, *_grouped(lines, self.count)) for lines in (claims, statements)]

    def where(self, indices: Sequence[int]) -> list[Where]:
        """Where the records of the articles at ``indices`` stand."""
        chosen = np.asarray(indices, np.int64)
        of_file = [_parcels(self._articles, self._order[chosen], np.ones(len(chosen), np.int64))]
        for lines, order, edges in self._others:
            firsts, counts = edges[chosen], edges[chosen + 1] - edges[chosen]
            before = np.cumsum(counts) - counts
            places = order[np.arange(int(counts.sum())) + np.repeat(firsts - before, counts)]
            of_file.append(_parcels(lines, places, counts))
        return [Where(int(index), lines) for index, lines in zip(indices, zip(*of_file, strict=True), strict=True)]


def _parcels(lines: Lines, places: Numbers, counts: Numbers) -> list[bytes]:
    """The lines at ``places``, so many of them for each article, as :class:`Where` has them."""
    table = np.stack([lines.starts[places], lines.lengths[places], lines.numbers[places]], axis=1)
    data, edges = table.tobytes(), (np.concatenate([[0], np.cumsum(counts)]) * _ROW).tolist()
    return [data[first:last] for first, last in pairwise(edges)]


def _grouped(lines: Lines, count: int) -> tuple[Numbers, Numbers]:
    """The places of ``lines`` by owner, in the order of the file, and where each owner's begin."""
    order = np.argsort(lines.owners, kind="stable")
    edges = np.searchsorted(lines.owners[order], np.arange(count + 1, dtype=np.uint64))
    return order, edges


class Reader:
    """Reads the records of some articles of the run in ``folder``, which holds its files open within ``with``."""

    def __init__(self, folder: Path) -> None:
        self._paths = [folder / name for name in (ARTICLES, CLAIMS, STATEMENTS)]
        self._files: list[int] = []

    def __enter__(self) -> Reader:
        for path in self._paths:
            self._files.append(os.open(path, os.O_RDONLY))
        return self

    def __exit__(self, *_: object) -> None:
        while self._files:
            os.close(self._files.pop())

    def read(self, where: Where) -> tuple[Article, list[Claim], list[Statement]]:
        """One article with its claims and statements. Raises UsageError, with file and line, where one is no record, or does not stand in
        the article where it says."""
        (article,) = self._records(0, where, Article)
        claims = self._records(1, where, Claim)
        self._require_placed(1, where, claims, article.text)
        statements = self._records(2, where, Statement)
        self._require_placed(2, where, statements, article.text)
        return article, claims, statements

    def read_traced(self, where: Where) -> tuple[Article, list[TracedClaim], list[TracedStatement]]:
        """The same, with as much of it as traces are taken of; what stands where is not looked at."""
        (article,) = self._records(0, where, Article)
        return article, self._records(1, where, TracedClaim), self._records(2, where, TracedStatement)

    def _records(self, file: int, where: Where, kind: type[R]) -> list[R]:
        lines = memoryview(where.lines[file]).cast("q").tolist()
        if not lines:
            return []
        starts, lengths, numbers = lines[::3], lines[1::3], lines[2::3]
        first, last = starts[0], starts[-1] + lengths[-1]
        together = last - first == sum(lengths)
        block = os.pread(self._files[file], last - first, first) if together else b""
        records = _at_once(block, kind)
        if len(records) == len(numbers):
            return records
        found: list[R] = []
        for start, length, number in zip(starts, lengths, numbers, strict=True):
            line = (
                block[start - first : start - first + length]
                if together
                else os.pread(self._files[file], length, start)
            )
            found.append(read_line(self._paths[file], number, line, kind))
        return found

    def _require_placed(self, file: int, where: Where, records: Sequence[Claim | Statement], text: str) -> None:
        for at, record in enumerate(records):
            start = record.start
            if text[start if start > 0 else 0 : record.end] != record.quote:
                number = memoryview(where.lines[file]).cast("q")[3 * at + 2]
                raise bad_line(self._paths[file], number, "does not stand in its article where it says")


@lru_cache(maxsize=16)
def _decoder(kind: type[R]) -> msgspec.json.Decoder[R]:
    return msgspec.json.Decoder(kind)


def _at_once(block: bytes, kind: type[R]) -> list[R]:
    """The records of all lines of ``block``; none where one cannot be read: line by line it is told which."""
    try:
        return _decoder(kind).decode_lines(block)
    except (ValueError, RecursionError):
        return []
