"""Looks through the files of a run for where the records of each article stand (``spans.py``)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from pipeline.errors import UsageError
from pipeline.run.part_jobs import results_of
from pipeline.run.results import ARTICLES, CLAIMS, STATEMENTS, bad_line, line_problem
from pipeline.run.spans import Chunk, Hashes, Head, Lines, Scanned, Spans, chunks, joined, scan

_PER_WORKER = 6
"""Starting a worker costs as much as looking through so many pieces of files."""


class ScanJob:
    """Looks through pieces of files."""

    def start(self) -> None: ...

    def run(self, task: Chunk) -> bytes:
        return msgspec.msgpack.encode(scan(task))


class Index(NamedTuple):
    """Where all records of a run stand."""

    articles: list[Head]
    """All of them, in the order of their ids."""
    spans: Spans
    counts: dict[str, int]
    """How many records each file has."""


def indexed(folder: Path, workers: int) -> Index:
    """The index of the run in ``folder``. Raises UsageError, with file and line, where the records do not fit together."""
    found = _scanned([folder / name for name in (ARTICLES, CLAIMS, STATEMENTS)], workers)
    articles = _lines(folder / ARTICLES, found)
    heads = _heads(folder / ARTICLES, articles, found[folder / ARTICLES])
    order = np.array(sorted(range(len(heads)), key=lambda at: heads[at].article_id), np.int64)
    heads = [heads[at] for at in order.tolist()]
    for one, other in itertools.pairwise(heads):
        if one.article_id == other.article_id:
            raise UsageError(
                f"{folder / ARTICLES}: the article {one.article_id} stands there twice; run 'claims extract' again"
            )
    owners = articles.owners[order]
    claims, statements = (_owned(folder / name, _lines(folder / name, found), owners) for name in (CLAIMS, STATEMENTS))
    _require_distinct(folder / CLAIMS, claims)
    counts = {ARTICLES: len(articles.starts), CLAIMS: len(claims.starts), STATEMENTS: len(statements.starts)}
    return Index(heads, Spans(articles, order, claims, statements), counts)


def _lines(path: Path, scanned: Mapping[Path, Sequence[Scanned]]) -> Lines:
    found = scanned[path]
    before = 0
    for piece in found:
        before += piece.lines
        if piece.problem is not None:
            raise bad_line(path, before, piece.problem)
    return joined(found)


def _scanned(paths: Sequence[Path], workers: int) -> dict[Path, list[Scanned]]:
    """What is found in each piece of each file, in the order of the file."""
    pieces = [piece for path in paths for piece in chunks(path)]
    workers = min(workers, len(pieces) // _PER_WORKER)
    found: dict[Path, list[Scanned]] = {path: [] for path in paths}
    if workers < 2:
        for piece in pieces:
            found[piece.path].append(scan(piece))
        return found
    results = results_of(ScanJob(), pieces, workers, f"{paths[0].parent}: its files could not be looked through")
    by_piece = {piece: msgspec.msgpack.decode(data, type=Scanned) for piece, data in results}
    for piece in pieces:
        found[piece.path].append(by_piece[piece])
    return found


def _heads(path: Path, lines: Lines, pieces: Sequence[Scanned]) -> list[Head]:
    if all(piece.heads is not None for piece in pieces):
        return [head for piece in pieces for head in piece.heads or ()]
    decoder = msgspec.json.Decoder(Head)
    found: list[Head] = []
    with path.open("rb") as file:
        for start, length, number in zip(*(column.tolist() for column in lines[:3]), strict=True):
            file.seek(start)
            try:
                found.append(decoder.decode(file.read(length)))
            except (ValueError, RecursionError) as error:
                raise line_problem(path, error, number) from error
    return found


def _owned(path: Path, lines: Lines, owners: Hashes) -> Lines:
    """``lines`` of ``path`` with the places of their articles for owners."""
    order = np.argsort(owners, kind="stable")
    ranked = owners[order]
    places = np.searchsorted(ranked, lines.owners).clip(max=max(len(ranked) - 1, 0))
    known = ranked[places] == lines.owners if len(ranked) else np.zeros(len(lines.owners), bool)
    if not known.all():
        raise bad_line(path, int(lines.numbers[int(np.argmin(known))]), "is of an article that is not there")
    return lines._replace(owners=order[places].astype(np.uint64))


def _require_distinct(path: Path, claims: Lines) -> None:
    order = np.argsort(claims.ids, kind="stable")
    again = np.flatnonzero(claims.ids[order][1:] == claims.ids[order][:-1])
    if len(again):
        raise bad_line(path, int(claims.numbers[order[again + 1]].min()), "has the id of an earlier line")
