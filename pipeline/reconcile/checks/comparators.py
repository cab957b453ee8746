"""A control group that is told to have had nothing, where a better source names what it had."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.reconcile.agreement import agreement
from pipeline.reconcile.checks.base import Case, Draft, Params, Spot
from pipeline.reconcile.checks.pairs import figures_of
from pipeline.reconcile.corpus import Told
from pipeline.reconcile.findings import Result
from pipeline.reconcile.words import Stems

_WORD = re.compile(r"[^\W\d_]+")


def untreated(case: Case, result: Result, params: Params, vague: Stems) -> Iterator[Draft]:
    """A group that is said to have had nothing, where a better source gives its figure and names what it had."""
    nothing = {str(word) for word in params["nothing"]}
    idle = nothing | {str(word) for word in params["idle"]}
    for figure in figures_of(result.told):
        one, group = figure.told, figure.value.group
        if group is None or figure.value.role != "comparator" or nothing.isdisjoint(_WORD.findall(group.lower())):
            continue
        for best in result.told:
            if case.source(best).rank >= case.source(one).rank or not case.is_held_against(one, best):
                continue
            same = next((j for i, j in agreement(one, best).agree if i == figure.index), None)
            if same is None or not case.is_of_its_study(one.source, best.source):
                continue
            had = best.claim.values[same].group or best.concepts["comparator"].text
            words = case.corpus.words.stems(had)
            if not words - vague or not idle.isdisjoint(_WORD.findall(had.lower())):
                continue
            said = {t.concepts["comparator"].text for t in case.source(best).told}
            if any(not idle.isdisjoint(_WORD.findall(text.lower())) for text in said):
                continue
            yield of_comparators(case, result, one, group, best, had)
            break


def of_comparators(case: Case, result: Result, one: Told, name: str, best: Told, other: str) -> Draft:
    words = {
        "source": case.name(one),
        "comparator": name,
        "reference": case.name(best),
        "reference_comparator": other,
        "result": result.record.label,
    }
    return Draft([Spot.of(one)], [Spot.of(best)], result, words, {})
