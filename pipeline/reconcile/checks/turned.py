"""What ``direction-conflict`` finds where a source sets two groups against each other in words, and a better one does the opposite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, fill
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.checks.said import quoted
from pipeline.reconcile.concept_likeness import likeness
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.made import is_level
from pipeline.reconcile.rounding import same_time

_BESIDE = ("higher", "lower")


def told_otherwise(case: Case, params: Params) -> Iterator[Draft]:
    """A difference between groups told in words, where a better source of the study tells none of that outcome, or the opposite; or none
    told, where it found one."""
    least, close = float(params["outcome"]), float(params["close"])
    for source in case.judged:
        compared = [one for one in source.told if _is_comparison(one)]
        better = case.related.better_of_its_study(source) if compared else []
        for one in compared:
            if one.claim.direction == "equal" and any(_is_unnamed_null(one, t) for other in better for t in other.told):
                continue
            found = next((told for other in better if (told := _against(case, source, one, other, least, close))), None)
            if found is not None:
                draft = quoted(case, Spot.of(one), [Spot.of(found)], case.result_of.get(one.claim.claim_id))
                ways = {"direction": one.claim.direction or "", "reference_direction": found.claim.direction or ""}
                said = fill(str(params["beats"]), draft.words)
                yield replace(draft, words={**draft.words, **ways, "result": said})


def _is_comparison(one: Told) -> bool:
    """Whether a claim tells in words how two groups, both of which it names, lie to each other."""
    claim = one.claim
    if claim.values or claim.certainty == "hedged" or one.sort in ("safety", "limit"):
        return False
    return claim.direction is not None and claim.comparator is not None and claim.comparator.text in claim.quote


def _against(case: Case, source: Source, one: Told, other: Source, least: float, close: float) -> Told | None:
    """The claim of ``other`` that a comparison cannot stand beside."""
    near = [told for told in other.told if _is_of_outcome(case, one, told, least) and _may_be_when(one, told)]
    equal = [told for told in near if told.claim.direction == "equal" and told.claim.certainty != "hedged"]
    found = [told for told in near if told.claim.direction in _BESIDE and told.claim.certainty == "asserted"]
    if one.claim.direction == "equal":
        found = [told for told in found if not is_level(told, close)]
        own = any(
            told.claim.direction in _BESIDE and _is_of_outcome(case, told, best, least)
            for told in source.told
            for best in found
        )
        timed = [told for told in found if (told.days is None) == (one.days is None)]
        return timed[0] if timed and not equal and not own else None
    if equal and not found:
        return None if any(_agrees(case, one, told) for told in other.told) else equal[0]
    if found and not equal and all(_is_opposite(case, one, told) for told in found):
        return found[0]
    if near:
        return None
    return _null_at_large(case, one, other)


def _agrees(case: Case, one: Told, told: Told) -> bool:
    """Whether a comparison of an outcome that may be that of ``one`` points its way."""
    alike = case.judge.alike(one.concepts["outcome"], told.concepts["outcome"]) or 0.0
    return told.claim.direction == one.claim.direction and alike > 0 and bool(told.concepts["comparator"])


def _is_unnamed_null(one: Told, told: Told) -> bool:
    """Whether a claim finds no difference from what ``one`` compares with, and does not say in what."""
    return (
        told.claim.direction == "equal"
        and not told.concepts["outcome"]
        and bool(told.concepts["comparator"].stems & one.concepts["comparator"].stems)
    )


def _is_of_outcome(case: Case, one: Told, told: Told, least: float) -> bool:
    """Whether a claim of a comparison is of the outcome of ``one``: by its name, or as its sentence tells of it."""
    if (case.judge.alike(one.concepts["condition"], told.concepts["condition"]) or 0.0) < 0:
        return False
    if told.claim.kind == "change" or (
        told.is_result and len(told.claim.values) == 1 and told.claim.measure == "count"
    ):
        return False
    outcome, other = one.concepts["outcome"], told.concepts["outcome"]
    if outcome.stems and other.stems and (outcome.stems <= other.stems or other.stems <= outcome.stems):
        return True
    return likeness(case.corpus, outcome, other) >= least


def _may_be_when(one: Told, told: Told, tolerance: float = 0.1) -> bool:
    return same_time(one.days, told.days, tolerance) is not False


def _is_opposite(case: Case, one: Told, told: Told) -> bool:
    """Whether two comparisons of the same two groups, told from the same side, point opposite ways."""
    if {one.claim.direction, told.claim.direction} != set(_BESIDE) or told.claim.comparator is None:
        return False
    sides = [(t.concepts["intervention"].stems, t.concepts["comparator"].stems) for t in (one, told)]
    (acts, against), (best_acts, best_against) = sides
    if acts & best_against or against & best_acts:
        return False
    return bool(acts & best_acts) or bool(against & best_against)


def _null_at_large(case: Case, one: Told, other: Source) -> Told | None:
    """What a source says of no difference at large, where it tells of none at all but in harms."""
    found: Iterable[Told] = (t for t in other.told if t.claim.direction in _BESIDE and t.claim.certainty == "asserted")
    if any(not case.harms & told.concepts["outcome"].stems for told in found):
        return None
    sides = [side for slot in ("intervention", "comparator") if (side := one.concepts[slot].stems)]
    nulls = (told for told in other.told if _is_at_large(told))
    return next((told for told in nulls if sides and all(side & told.stems for side in sides)), None)


def _is_at_large(told: Told) -> bool:
    """Whether a claim says of two groups that neither is better, without saying in what."""
    claim = told.claim
    return (
        claim.direction == "equal"
        and claim.certainty == "negated"
        and not claim.values
        and not told.concepts["outcome"]
    )
