"""Checks on promises: safe without limits, works without exception."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import Statement
from pipeline.reconcile.checks.base import Case, Draft, Params, Spot, check
from pipeline.reconcile.checks.said import best, draft, names, quoted, subjects, treatments
from pipeline.reconcile.corpus import Source, Told


@check("absolute_safety")
def absolute_safety(case: Case, params: Params) -> Iterator[Draft]:
    """A flat word of safety, where another source, or the same, names harms or says that safety is not established."""
    for source in case.sources:
        for statement in subjects(source, "safe-absolute"):
            claims = any(told.sort == "safety" for told in source.told_at.get(statement.start, ()))
            if not _is_flat_safety(statement) or not (claims or names(statement, "INTERVENTION")):
                continue
            against = best(case, source, statement, ("safety-unknown", "harm"), own=True)
            if against:
                yield draft(case, source, statement, against)
                continue
            harm = next(
                (h for other in case.same_treatment(source.index) for h in _harms(case, source, statement, other)), None
            )
            if harm is not None:
                yield quoted(case, case.sentence(source.index, statement), [Spot.of(harm)])


def _is_flat_safety(statement: Statement) -> bool:
    """Whether safety is stated before any reserve: "is very safe and not likely to ..." is, "is thought to be safe" is not."""
    first = min(sign.start for sign in statement.signs if sign.sign == "safe-absolute")
    reserves = [sign.start for sign in statement.signs if sign.sign in ("safe-qualified", "safety-unknown")]
    if reserves:
        return first < min(reserves)
    return statement.certainty != "hedged"


def _harms(case: Case, source: Source, statement: Statement, other: Source) -> Iterator[Told]:
    """The claims of an article whose outcome is a harm that was seen, in the study that both tell of, or else of the treatment."""
    acts = treatments(case, source, statement)
    story = any(one.index == other.index for one in case.retellings(source.index))
    for told in other.told:
        if not told.concepts["outcome"].stems & case.harms or told.claim.certainty == "negated":
            continue
        if told.claim.direction == "lower":  # what fewer have with the treatment does not speak against its safety
            continue
        named = told.claim.intervention is not None and bool(told.concepts["intervention"].stems & told.stems)
        if story or (named and any(case.is_treatment(one, told.concepts["intervention"]) for one in acts)):
            yield told


@check("absolute_efficacy")
def absolute_efficacy(case: Case, params: Params) -> Iterator[Draft]:
    """The only way, works for everyone, cures: with nothing that supports it."""
    for source in case.sources:
        for statement in subjects(source, "efficacy-absolute"):
            if statement.certainty != "hedged" and not statement.bears("null-result"):
                against = best(case, source, statement, ("limits", "null-result", "safety-unknown"), own=True)
                yield draft(case, source, statement, against)
