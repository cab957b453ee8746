"""Checks on where articles come from: copies, sellers, and pages that wait for what is known by now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.model import Statement
from pipeline.reconcile.checks.base import Case, Draft, Params, Spot, check, excerpt
from pipeline.reconcile.checks.said import quoted
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.shingles import Shingler, Word, own_words
from pipeline.reconcile.witnesses import publisher_key

_MOST_RUNS = 5
_NUMBER = re.compile(r"\d[\d,]*")
_STUDY_NAME = re.compile(r"\b(?=[A-Z0-9-]{0,28}[A-Z]{3})[A-Z][A-Z0-9-]{3,30}\b")
"""Names of trials are printed in capitals."""


@check("shared_origin")
def shared_origin(case: Case, params: Params) -> Iterator[Draft]:
    """Long runs of the same words: one witness, not two."""
    size = int(params["run"])
    least, least_run = int(params["least_words"]), int(params["least_run"])
    words: dict[int, list[Word]] = {}
    fewest = max(min(-(-least // size), least_run - size + 1), 1)  # most pairs have fewer runs in common
    for (one, other), starts, shorter in _common_runs(case.sources, size, int(params["most_sources"]), fewest):
        covered = {at + k for at in starts for k in range(size)}
        runs = _runs(starts, size)
        much = len(covered) >= least and len(covered) >= float(params["share"]) * shorter
        if not much and runs[0][1] < least_run:
            continue
        publishers = {publisher_key(case.sources[index].article.publisher) for index in (one, other)}
        if len(publishers) == 1 and "" not in publishers and len(covered) < float(params["own_share"]) * shorter:
            continue  # what a publisher says under every article
        copy, origin = _copy_of(case.sources[one], case.sources[other])
        for index in (one, other):
            if index not in words:
                words[index] = own_words(case.sources[index].article.text)
        spots = {
            index: [_spot(index, words[index], at, length) for at, length in places]
            for index, places in ((one, runs), (other, [(starts[at], length) for at, length in runs]))
        }
        told = [t for t in copy.told if any(_covers(spot, t) for spot in spots[copy.index])]
        if not any(t.is_result for t in told) and len(told) < int(params["least_claims"]):
            continue  # what publishers say of themselves under every article
        message = {"source": copy.name, "reference": origin.name, "words": str(len(covered))}
        details = {"words": len(covered), "share": round(len(covered) / shorter, 2)}
        yield Draft(spots[copy.index], spots[origin.index], None, message, details)


def _common_runs(
    sources: Sequence[Source], size: int, most: int, least: int
) -> Iterator[tuple[tuple[int, int], dict[int, int], int]]:
    """Pairs of articles that have at least ``least`` runs of ``size`` words in common which at most ``most`` articles have, in order: where
    in the first each run begins, and where in the other, and how many words the shorter has."""
    shingler = Shingler(size)
    hashes = [shingler.hashes(source.article.text) for source in sources]
    lengths = [len(found) for found in hashes]
    runs = np.concatenate([*hashes, np.zeros(0, np.uint64)])
    owners = np.repeat(np.arange(len(sources)), lengths)
    starts = np.concatenate([*(np.arange(length) for length in lengths), np.zeros(0, np.int64)])
    order = np.argsort(runs, kind="stable")
    runs, owners, starts = runs[order], owners[order], starts[order]
    # Of a run that an article has twice the first counts.
    first = np.ones(len(runs), bool)
    first[1:] = (runs[1:] != runs[:-1]) | (owners[1:] != owners[:-1])
    runs, owners, starts = runs[first], owners[first], starts[first]
    edges = np.flatnonzero(np.concatenate([[True], runs[1:] != runs[:-1], [True]])) if len(runs) else np.zeros(1, int)
    counts = np.diff(edges)
    columns: list[list[npt.NDArray[np.int64]]] = [[np.zeros(0, np.int64)] for _ in range(4)]
    for count in range(2, most + 1):
        places = edges[:-1][counts == count][:, None] + np.arange(count)
        ones, others = np.triu_indices(count, 1)
        for column, values, which in zip(
            columns, (owners, owners, starts, starts), (ones, others, ones, others), strict=True
        ):
            column.append(values[places][:, which].ravel())
    one, other, begins, met = (np.concatenate(column) for column in columns)
    order = np.lexsort((begins, other, one))
    one, other, begins, met = one[order], other[order], begins[order], met[order]
    pair = one * len(sources) + other
    edges = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1], [True]])) if len(pair) else np.zeros(1, int)
    for at in np.flatnonzero(np.diff(edges) >= least).tolist():
        span = slice(int(edges[at]), int(edges[at + 1]))
        a, b = int(one[span.start]), int(other[span.start])
        found = dict(zip(begins[span].tolist(), met[span].tolist(), strict=True))
        yield (a, b), found, min(lengths[a], lengths[b]) + size - 1


def _spot(source: int, words: list[Word], at: int, length: int) -> Spot:
    return Spot(source, words[at][1], words[at + length - 1][2])


def _covers(spot: Spot, told: Told) -> bool:
    """Whether most of a claim's sentence lies in a passage."""
    shared = min(spot.end, told.claim.end) - max(spot.start, told.claim.start)
    return 2 * shared >= told.claim.end - told.claim.start


def _runs(starts: dict[int, int], size: int) -> list[tuple[int, int]]:
    """Where runs of common words begin in the first article, and how many words each has: the longest, at most :data:`_MOST_RUNS`."""
    runs: list[tuple[int, int]] = []
    ordered = sorted(starts)
    at = 0
    while at < len(ordered):
        end = at
        while (
            end + 1 < len(ordered)
            and ordered[end + 1] == ordered[end] + 1
            and starts[ordered[end + 1]] == starts[ordered[end]] + 1
        ):
            end += 1
        runs.append((ordered[at], end - at + size))
        at = end + 1
    return sorted(runs, key=lambda run: (-run[1], run[0]))[:_MOST_RUNS]


def _copy_of(one: Source, other: Source) -> tuple[Source, Source]:
    """Which of two is the copy: what is further from the study, else what came later."""
    key = (one.rank, one.article.published or "", one.index), (other.rank, other.article.published or "", other.index)
    return (one, other) if key[0] > key[1] else (other, one)


@check("interested_source")
def interested_source(case: Case, params: Params) -> Iterator[Draft]:
    """The publisher sells the treatment that it praises."""
    for source in case.sources:
        signs = params["signs"].get(source.article.kind, params["signs"]["any"])
        offers = [s for s in source.statements if s.bears(*signs)]
        praise = [
            t
            for t in source.told
            if t.claim.direction in ("higher", "lower") or t.sort in ("efficacy", "safety", "effect")
        ]
        enough = len(offers) >= int(params["least" if source.article.kind in params["signs"] else "least_other"])
        if (enough and praise) or (offers and source.article.kind == "clinic"):
            spots = [case.sentence(source.index, s) for s in offers[:2]]
            yield Draft(
                spots,
                [Spot.of(t) for t in praise[:1]],
                None,
                {"source": source.name, "quote": excerpt(offers[0].quote)},
            )


@check("superseded")
def superseded(case: Case, params: Params) -> Iterator[Draft]:
    """The article waits for a result that another source already reports."""
    for source in case.sources:
        for statement in source.statements:
            if not statement.bears("awaits") or statement.bears("null-result"):
                continue
            if any(str(word) in statement.quote.lower() for word in params["another"]):
                continue  # of what comes after the study
            found = next(
                (
                    hit
                    for other in case.ordered(source.index, _waited_for(case, source, statement, params))
                    if (hit := _reported(case, source, statement, other, params))
                ),
                None,
            )
            if found is not None:
                yield quoted(
                    case,
                    case.sentence(source.index, statement),
                    [Spot.of(found)],
                    case.result_of.get(found.claim.claim_id),
                )
                break


def _waited_for(case: Case, source: Source, statement: Statement, params: Params) -> set[int]:
    """The articles that have a study of a size, or of a name, that stands near ``statement``."""
    near = _near(source, statement, params)
    names = set(_STUDY_NAME.findall(near))
    found = {one.index for one in case.sources if any(name in one.article.text for name in names)}
    for number in {float(number.replace(",", "")) for number in _NUMBER.findall(near)}:
        found.update(case.with_size(number))
    return found


def _is_outcome(told: Told) -> bool:
    """Whether a claim tells how a study came out, not how many took part."""
    counts = told.claim.measure == "count" and told.claim.kind == "single"
    return told.claim.direction is not None if told.sort is not None or counts else told.is_result


def _near(source: Source, statement: Statement, params: Params) -> str:
    reach = int(params["reach"])
    return source.article.text[max(statement.start - reach, 0) : statement.end + reach]


def _reported(case: Case, source: Source, statement: Statement, other: Source, params: Params) -> Told | None:
    """The result in ``other`` of the study that ``statement`` waits for: of the same number of people, or the same name."""
    one, later = source.article.published, other.article.published
    if one and later and later < one:
        return None
    if any(s.bears("awaits") for s in other.statements):
        return None
    near = _near(source, statement, params)
    numbers = {float(number.replace(",", "")) for number in _NUMBER.findall(near)}
    sizes = {
        t.size
        for t in (*source.told, *other.told)
        if t.size is not None and t.size >= float(params["least_size"]) and t.size in numbers
    }
    named = set(_STUDY_NAME.findall(near)) & set(_STUDY_NAME.findall(other.article.text))
    results = [t for t in other.told if _is_outcome(t)]
    if case.corpus.shared_names(source.index, other.index) + len(named) + len(sizes) < 1 + case.by_chance:
        return None
    own = {t.size for t in source.told if t.is_result}
    of_size = [t for t in results if t.size in sizes - own]
    if of_size:
        return of_size[0]
    joined = (case.result_of.get(t.claim.claim_id) for t in other.told if t.is_result)
    shared = any(result is not None and source.index in result.sources for result in joined)
    return results[0] if results and named and not shared else None
