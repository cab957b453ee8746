"""Checks on where articles come from: copies, sellers, and pages that wait for what is known by now."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from pipeline.model import Statement
from pipeline.reconcile.checks.base import Case, Draft, Params, Spot, check, excerpt
from pipeline.reconcile.checks.said import quoted
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.quotes import Quotes

_MOST_RUNS = 5
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d[\d,]*")
_STUDY_NAME = re.compile(r"\b(?=[A-Z0-9-]*[A-Z]{3})[A-Z][A-Z0-9-]{3,30}\b")
"""Names of trials are printed in capitals."""


@check("shared_origin")
def shared_origin(case: Case, params: Params) -> Iterator[Draft]:
    """Long runs of the same words: one witness, not two."""
    size = int(params["run"])
    words = [_own_words(source.article.text, case.quotes(source.index)) for source in case.sources]
    seen: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for index, listed in enumerate(words):
        for at in range(len(listed) - size + 1):
            seen[tuple(word for word, _, _ in listed[at : at + size])].append((index, at))
    common: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for places in seen.values():
        sources = sorted({index for index, _ in places})
        if not 2 <= len(sources) <= int(params["most_sources"]):
            continue
        first = dict(reversed(places))
        for i, one in enumerate(sources):
            for other in sources[i + 1 :]:
                common[one, other][first[one]] = first[other]
    for (one, other), starts in sorted(common.items()):
        covered = {at + k for at in starts for k in range(size)}
        shorter = min(len(words[one]), len(words[other]))
        runs = _runs(starts, size)
        much = len(covered) >= int(params["least_words"]) and len(covered) >= float(params["share"]) * shorter
        if not much and runs[0][1] < int(params["least_run"]):
            continue
        publishers = {case.sources[index].article.publisher for index in (one, other)}
        if len(publishers) == 1 and None not in publishers and len(covered) < float(params["own_share"]) * shorter:
            continue  # what a publisher says under every article
        copy, origin = _copy_of(case.sources[one], case.sources[other])
        spots = {
            index: [_spot(index, words[index], at, length) for at, length in places]
            for index, places in ((one, runs), (other, [(starts[at], length) for at, length in runs]))
        }
        if not any(
            spot.start < t.claim.end and t.claim.start < spot.end for spot in spots[copy.index] for t in copy.told
        ):
            continue  # what publishers say of themselves under every article
        message = {"source": copy.name, "reference": origin.name, "words": str(len(covered))}
        details = {"words": len(covered), "share": round(len(covered) / shorter, 2)}
        yield Draft(spots[copy.index], spots[origin.index], None, message, details)


def _own_words(text: str, quotes: Quotes) -> list[tuple[str, int, int]]:
    """The words of an article with their places, without what it quotes: a quoted speaker is the same for all."""
    return [(m.group().lower(), m.start(), m.end()) for m in _WORD.finditer(text) if not quotes.holds(m.start())]


def _spot(source: int, words: list[tuple[str, int, int]], at: int, length: int) -> Spot:
    return Spot(source, words[at][1], words[at + length - 1][2])


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
            found = next(
                (
                    hit
                    for other in case.others(source.index)
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


def _reported(case: Case, source: Source, statement: Statement, other: Source, params: Params) -> Told | None:
    """The result in ``other`` of the study that ``statement`` waits for: of the same number of people, or the same name."""
    one, later = source.article.published, other.article.published
    if one and later and later < one:
        return None
    if any(s.bears("awaits") for s in other.statements):
        return None
    reach = int(params["reach"])
    near = source.article.text[max(statement.start - reach, 0) : statement.end + reach]
    numbers = {float(number.replace(",", "")) for number in _NUMBER.findall(near)}
    sizes = {
        t.size
        for t in (*source.told, *other.told)
        if t.size is not None and t.size >= float(params["least_size"]) and t.size in numbers
    }
    named = set(_STUDY_NAME.findall(near)) & set(_STUDY_NAME.findall(other.article.text))
    results = [t for t in other.told if t.is_result or (t.sort is not None and t.claim.direction is not None)]
    if case.corpus.shared_names(source.index, other.index) + len(named) + len(sizes) < 1 + case.by_chance:
        return None
    own = {t.size for t in source.told if t.is_result}
    of_size = [t for t in results if t.size in sizes - own]
    if of_size:
        return of_size[0]
    shared = any(source.index in case.result_of[t.claim.claim_id].sources for t in other.told if t.is_result)
    return results[0] if results and named and not shared else None
