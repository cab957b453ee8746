"""Checks on what sources say beside the figures: how sure, how safe, of whom, and what they leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.model import Statement
from pipeline.reconcile.checks.base import Case, Draft, Params, Spot, check, excerpt
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.findings import Result

_FEWEST_WORDS = 4
_LEVEL = 0.15
"""Claims no further apart in nearness are as near."""


def _names(statement: Statement, *labels: str) -> set[str]:
    """What a statement names under these labels, by canonical name or words."""
    return {name.id or name.text.casefold() for name in statement.names if name.label in labels}


def _about_same(case: Case, a: Source, one: Statement, b: Source, other: Statement) -> float:
    """How much two statements speak of the same: shared names count most, shared rare words a little."""
    kinds = ("INTERVENTION", "CONDITION", "OUTCOME")
    shared = sum(bool(_names(one, kind) & _names(other, kind)) for kind in kinds)
    stems = case.corpus.words.stems
    return (
        shared
        + case.corpus.sentences.shared(stems(one.quote), stems(other.quote))
        + case.corpus.alike(a.index, b.index)
    )


def _best(
    case: Case, source: Source, statement: Statement, signs: Iterable[str], own: bool
) -> list[tuple[Source, Statement]]:
    """What speaks against ``statement``: sentences with one of ``signs`` in comparable articles (and its own, if ``own``), of each article
    the one nearest in meaning, the most to be trusted first."""
    wanted = tuple(signs)
    found = []
    for other in [*case.same_treatment(source.index), *([source] if own else [])]:
        against = [s for s in other.statements if s.bears(*wanted) and s is not statement and _is_sentence(s)]
        if against:
            found.append(
                (other, max(against, key=lambda s: (_about_same(case, source, statement, other, s), -s.start)))
            )
    return found


def _is_sentence(statement: Statement) -> bool:
    """Whether it says something, as a heading of two words does not."""
    return len(statement.quote.split()) >= _FEWEST_WORDS


def _subjects(source: Source, *signs: str) -> Iterator[Statement]:
    """The statements with one of these signs, each sentence once."""
    seen: set[str] = set()
    for statement in source.statements:
        if statement.bears(*signs) and statement.quote not in seen:
            seen.add(statement.quote)
            yield statement


def _draft(
    case: Case, source: Source, statement: Statement, against: list[tuple[Source, Statement]], most: int = 3
) -> Draft:
    evidence = [case.sentence(other.index, s) for other, s in against[:most]]
    return quoted(case, case.sentence(source.index, statement), evidence)


def quoted(
    case: Case,
    subject: Spot,
    evidence: Sequence[Spot] = (),
    result: Result | None = None,
    details: Mapping[str, Any] | None = None,
) -> Draft:
    """What one passage says against what others say, the first of which the message quotes."""
    words = {"source": case.name(subject), "quote": excerpt(case.quote(subject))}
    if evidence:
        words |= {"reference": case.name(evidence[0]), "reference_quote": excerpt(case.quote(evidence[0]))}
    return Draft([subject], evidence, result, words, details or {})


@check("absolute_safety")
def absolute_safety(case: Case, params: Params) -> Iterator[Draft]:
    """A flat word of safety, where another source, or the same, names harms or says that safety is not established."""
    for source in case.sources:
        for statement in _subjects(source, "safe-absolute"):
            if not _is_flat_safety(statement) or not _names(statement, "INTERVENTION"):
                continue
            against = _best(case, source, statement, ("safety-unknown", "harm"), own=True)
            if against:
                yield _draft(case, source, statement, against)
                continue
            harm = next((h for other in case.same_treatment(source.index) for h in _harms(case, other)), None)
            if harm is not None:
                yield quoted(case, case.sentence(source.index, statement), [Spot.of(harm)])


def _is_flat_safety(statement: Statement) -> bool:
    """Whether safety is stated before any reserve: "is very safe and not likely to ..." is, "is thought to be safe" is not."""
    first = min(sign.start for sign in statement.signs if sign.sign == "safe-absolute")
    reserves = [sign.start for sign in statement.signs if sign.sign in ("safe-qualified", "safety-unknown")]
    if reserves:
        return first < min(reserves)
    return statement.certainty != "hedged"


def _harms(case: Case, source: Source) -> Iterator[Told]:
    """The claims of an article whose outcome is a harm that was seen."""
    for told in source.told:
        if told.concepts["outcome"].stems & case.harms and told.claim.certainty != "negated":
            yield told


@check("absolute_efficacy")
def absolute_efficacy(case: Case, params: Params) -> Iterator[Draft]:
    """The only way, works for everyone, cures: with nothing that supports it."""
    for source in case.sources:
        for statement in _subjects(source, "efficacy-absolute"):
            if statement.certainty != "hedged" and not statement.bears("null-result"):
                against = _best(case, source, statement, ("limits", "null-result", "safety-unknown"), own=True)
                yield _draft(case, source, statement, against)


@check("dropped_hedge")
def dropped_hedge(case: Case, params: Params) -> Iterator[Draft]:
    """A finding that another source only thinks possible, restated as a plain fact."""
    reach = int(params["reach"])
    for source in case.sources:
        better = [other for other in case.retellings(source.index) if other.rank < source.rank]
        for one in source.told if better else ():
            if not _is_flat(one) or _softened(source, one.claim.start, one.claim.end, reach):
                continue
            statement = source.statement_at.get(one.claim.start)
            if statement is not None and statement.bears("safe-absolute", "efficacy-absolute"):
                continue  # told by checks of their own
            against = _nearest(case, one, better, float(params["near"]), _is_hedged)
            if against is not None and not _nearest(case, one, better, float(params["near"]), _is_flat):
                yield _against(case, one, against)
    for source in case.sources:
        for statement in _subjects(source, "proof", "mechanism"):
            if statement.certainty != "asserted" or _softened(source, statement.start, statement.end, reach):
                continue
            wanted = ("mechanism-open",) if statement.bears("mechanism") else ("limits",)
            doubts = [
                pair
                for pair in _best(case, source, statement, wanted, own=False)
                if pair[0].rank <= source.rank and _about_same(case, source, statement, *pair) >= float(params["about"])
            ]
            if doubts:
                yield _draft(case, source, statement, doubts)


def _is_hedged(one: Told) -> bool:
    return one.claim.certainty == "hedged" or one.claim.strength == "conditional_causal"


def _is_flat(one: Told) -> bool:
    claim = one.claim
    return (
        one.sort in ("efficacy", "effect")
        and claim.certainty == "asserted"
        and claim.strength == "causal"
        and claim.direction != "equal"
    )


def _softened(source: Source, start: int, end: int, reach: int) -> bool:
    """Whether the sentence itself, or one near it, tells the limits of the evidence."""
    return any(
        s.bears("limits", "safety-unknown")
        and (-reach <= s.start - end <= reach or -reach <= start - s.end <= reach or s.start == start)
        for s in source.statements
    )


@check("causal_upgrade")
def causal_upgrade(case: Case, params: Params) -> Iterator[Draft]:
    """A correlation restated as a cause: the source that tells it best is no randomised comparison, and says that it is none."""
    for source in case.sources:
        if _is_randomised(source):
            continue
        best = [o for o in case.retellings(source.index) if o.rank < source.rank and _is_observational(o)]
        for one in source.told if best else ():
            if one.claim.strength != "causal" or one.claim.certainty == "negated":
                continue
            found = _nearest(case, one, best, float(params["near"]), lambda t: t.claim.strength == "correlational")
            if found is not None:
                yield _against(case, one, found, {"strength": "causal", "reference": "correlational"})


def _nearest(
    case: Case, one: Told, sources: Iterable[Source], least: float, wanted: Callable[[Told], bool]
) -> Told | None:
    """The claim of ``sources`` that is most about the same as ``one``, if it is enough so and what is wanted."""
    near = [
        (_nearness(case, one, other), -other.source, -other.claim.start, other) for s in sources for other in s.told
    ]
    found = max(near, key=lambda pair: pair[:3], default=None)
    if found is None or found[0] < least:
        return None
    best = [other for nearness, _, _, other in near if nearness >= max(least, found[0] - _LEVEL)]
    return next((other for other in best if wanted(other)), None)


def _against(case: Case, one: Told, other: Told, details: Mapping[str, Any] | None = None) -> Draft:
    """What a claim says against what another says."""
    return quoted(case, Spot.of(one), [Spot.of(other)], case.result_of.get(one.claim.claim_id), details)


def _nearness(case: Case, one: Told, other: Told) -> float:
    """How much two claims are about the same, 0 to 1: by what they act on, where nothing says that what acts is another."""
    if (case.judge.alike(one.concepts["intervention"], other.concepts["intervention"]) or 0.0) < 0:
        return 0.0
    outcome = case.judge.alike(one.concepts["outcome"], other.concepts["outcome"]) or 0.0
    return max(outcome, case.corpus.sentences.shared(one.stems, other.stems))


def _is_observational(source: Source) -> bool:
    return bool(source.signs("observational")) and not _is_randomised(source)


def _is_randomised(source: Source) -> bool:
    """Whether the article describes a randomised comparison as done, not as what is still wanted."""
    return any(not statement.bears("limits", "awaits") for statement, _ in source.signs("randomised"))


@check("scope_widened")
def scope_widened(case: Case, params: Params) -> Iterator[Draft]:
    """Animals told as people, or one use as all."""
    reach = int(params["reach"])
    for source in case.sources:
        animals = [s for s in source.statements if s.bears("animals")]
        for statement in _subjects(source, "all-kinds"):
            if statement.certainty == "hedged" or not (
                _claims(source, statement) or statement.bears("studies-show", "proof")
            ):
                continue
            if _softened(source, statement.start, statement.end, reach):
                continue
            against = _best(case, source, statement, ("limits",), own=False)
            if against:
                yield _draft(case, source, statement, against)
        if animals:
            continue
        tested = [
            o
            for o in case.retellings(source.index)
            if o.rank < source.rank and _is_animal_study(o, int(params["animals"]))
        ]
        for one in source.told if tested else ():
            if one.claim.strength == "none" or one.claim.certainty == "negated":
                continue
            shown = _nearest(case, one, tested, float(params["near"]), lambda t: t.claim.certainty != "negated")
            if shown is not None:
                yield _against(case, one, shown)
                break


def _is_animal_study(source: Source, least: int) -> bool:
    """Whether an article tells of animals, and of no people who were treated."""
    return len(source.signs("animals")) >= least and not _is_randomised(source)


def _claims(source: Source, statement: Statement) -> bool:
    return any(told.claim.certainty == "asserted" for told in source.told_at.get(statement.start, ()))


@check("omitted_null")
def omitted_null(case: Case, params: Params) -> Iterator[Draft]:
    """A result of no difference, which another source reports of the same study, left out beside a good one."""
    for source in case.sources:
        if any(s.bears("null-result") for s in source.statements):
            continue
        for result in case.results_in.get(source.index, ()):
            own = [t for t in result.told if t.source == source.index and t.claim.direction in ("higher", "lower")]
            if not own:
                continue
            best = next(
                (t for t in result.told if t.source != source.index and case.source(t).rank < source.rank), None
            )
            null = _null(case, best) if best is not None else None
            if best is None or null is None:
                continue
            yield quoted(case, Spot.of(own[0]), [null], result)
            break


def _null(case: Case, best: Told) -> Spot | None:
    """A result of no difference that the source of ``best`` reports of the same study, in another outcome."""
    source = case.source(best)
    outcome = best.concepts["outcome"].key
    for statement in source.statements:
        if not statement.bears("null-result") or statement.start == best.claim.start:
            continue
        for one in source.told_at.get(statement.start, ()):
            if not _same_study(one, best) or one.concepts["outcome"].key in ("", outcome):
                continue
            acts, tried = one.concepts["intervention"], best.concepts["intervention"]
            if acts.stems - tried.stems and acts.id != tried.id:
                continue  # of something narrower, or else
            return Spot.of(one)
    return None


def _same_study(one: Told, other: Told) -> bool:
    a, b = one.claim.study, other.claim.study
    if a is not None and b is not None and (a.doi or a.pmid or a.ref_keys) and (b.doi or b.pmid or b.ref_keys):
        return (a.doi, a.pmid, a.ref_keys) == (b.doi, b.pmid, b.ref_keys)
    if one.size is not None and other.size is not None:
        return one.size == other.size
    return False
