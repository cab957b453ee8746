"""Whether an article that has no sentence like a study's null result tells it all the same, by figures or in words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.model import Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.main_outcomes import main_outcome, own_outcomes
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.corpus import Source
from pipeline.reconcile.made import is_level

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SHARE = re.compile(r"(?<![\d.,-])(\d{1,3}(?:\.\d{1,3})?) ?(?:%|per ?cent)")
_TOGETHER = 160
"""Characters between figures that are told together."""


def is_told_level(case: Case, source: Source, other: Source, null: Statement, params: Params) -> bool:
    """Whether ``source`` prints the figures that are level, repeats numbers of ``null``, a sentence of ``other``, or tells in words like
    its own that something came out alike."""
    numbers = set(_NUMBER.findall(null.quote))
    printed = case.once((_NUMBER, source.index), lambda: set(_NUMBER.findall(source.article.text)))
    return (
        len(numbers & printed) > 1
        or _prints_level(case, source, other, null, params)
        or _prints_own_level(case, source, null, params)
        or _is_told_alike(case, source, null, params)
    )


def _prints_level(case: Case, source: Source, other: Source, null: Statement, params: Params) -> bool:
    """Whether an article gives side by side both figures of the comparison that ``null`` sums up, or rounds them: readers see that they
    are level."""
    of = [*own_outcomes(case, null, params), *main_outcome(case, other, null, params)]
    return any(
        told.claim.direction == "equal"
        and is_level(told, float(params["apart"]))
        and any(own & stems for own in own_outcomes(case, told.claim, params) for stems in of)
        and _prints_together(case, source, [v.value for v in told.claim.values if v.value is not None])
        for told in other.told
    )


def _prints_own_level(case: Case, source: Source, null: Statement, params: Params) -> bool:
    """Whether an article gives, side by side, the two shares of ``null`` itself that lie close together, or rounds them."""
    shares = [float(share) for share in _SHARE.findall(null.quote)]
    return any(
        abs(a - b) <= float(params["level"]) * max(a, b) and _prints_together(case, source, (a, b))
        for a, b in pairwise(shares)
    )


def _is_told_alike(case: Case, source: Source, null: Statement, params: Params) -> bool:
    """Whether an article tells of something that came out alike in words of ``null``: a harm is told so too."""
    stems = case.corpus.words.stems
    level = source.bearing("told-level", "null-result")
    return any(case.corpus.sentences.shared(stems(null.quote), stems(s.quote)) >= float(params["told"]) for s in level)


def _prints_together(case: Case, source: Source, figures: Sequence[float]) -> bool:
    """Whether an article has all of ``figures``, or these to the next whole number, within a few words of each other."""
    printed = case.once(
        (_prints_together, source.index),
        lambda: [(m.start(), _as_number(m.group())) for m in _NUMBER.finditer(source.article.text)],
    )
    places = [[at for at, number in printed if number in (abs(f), round(abs(f)))] for f in figures]
    return all(places) and any(
        all(any(at != first and abs(at - first) <= _TOGETHER for at in others) for others in places[1:])
        for first in places[0]
    )


def _as_number(text: str) -> float:
    """A printed number; digits behind a comma are thousands where there are three of them."""
    whole = re.sub(r",(?=\d{3}(?!\d))", "", text).replace(",", ".")
    return float(whole) if whole.count(".") < 2 else math.nan
