"""What ``direction-conflict`` finds by the language model: a sentence says in words that something helped, where that of a better source
which is nearest in meaning says that it did harm, or nothing. Figures are compared as figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.language.meaning import cosine, unpacked
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, fill
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.checks.said import quoted
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.rounding import same_time

_SAME_TIME = 0.1


def told_the_other_way(case: Case, params: Params) -> Iterator[Draft]:
    """By the parameters ``ways``: which ways contradict which (``against``), how near in meaning two sentences have to be (``least``), and
    by how much nearer than any sentence of the better source that goes the same way (``margin``)."""
    ways: Mapping[str, Any] = params["ways"]
    for source in case.judged:
        told = [one for here in source.told_at.values() if (one := _told_in_words(here, ways)) is not None]
        better = case.related.better_of_its_study(source) if told else []
        for one in told:
            against = ways["against"][one.claim.way]
            found = next((near for other in better if (near := _against(one, other, against, ways))), None)
            if found is not None:
                draft = quoted(case, Spot.of(one), [Spot.of(found)], case.result_of.get(one.claim.claim_id))
                words = {"direction": one.claim.way or "", "reference_direction": found.claim.way or ""}
                yield replace(draft, words={**draft.words, **words, "result": fill(str(ways["said"]), draft.words)})


def _goes(one: Told) -> bool:
    claim = one.claim
    return claim.meaning is not None and claim.way is not None and claim.certainty != "hedged"


def _told_in_words(here: Sequence[Told], ways: Mapping[str, Any]) -> Told | None:
    """Of the claims of one sentence the first that may be contradicted; None where it has figures."""
    if any(one.claim.values for one in here):
        return None
    return next((one for one in here if _goes(one) and one.claim.way in ways["against"]), None)


def _against(one: Told, other: Source, against: Sequence[str], ways: Mapping[str, Any]) -> Told | None:
    """The claim of ``other`` that ``one`` contradicts: the nearest in meaning, unless one that does not is about as near."""
    near = sorted(((_nearness(one, told), told) for told in other.told if _goes(told)), key=lambda pair: -pair[0])
    if not near or near[0][0] < float(ways["least"]) or near[0][1].claim.way not in against:
        return None
    best, found = near[0]
    if same_time(one.days, found.days, _SAME_TIME) is False:
        return None
    if any(told.claim.way not in against and nearness > best - float(ways["margin"]) for nearness, told in near):
        return None
    return found


def _nearness(one: Told, other: Told) -> float:
    return cosine(unpacked(one.claim.meaning or ""), unpacked(other.claim.meaning or ""))
