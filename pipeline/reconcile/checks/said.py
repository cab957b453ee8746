"""What sources say beside the figures, held against each other: what the checks of wording share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.model import Slot, Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, excerpt
from pipeline.reconcile.concept_likeness import likeness
from pipeline.reconcile.corpus import Concept, Source, Told
from pipeline.reconcile.findings import Result

_FEWEST_WORDS = 4
_LEVEL = 0.15
"""Claims no further apart in nearness are as near."""


def names(statement: Statement, *labels: str) -> set[str]:
    """What a statement names under these labels, by canonical name or words."""
    return {name.id or name.text.casefold() for name in statement.names if name.label in labels}


def about_same(case: Case, a: Source, one: Statement, b: Source, other: Statement) -> float:
    """How much two statements speak of the same: shared names count most, shared rare words a little."""
    kinds = ("INTERVENTION", "CONDITION", "OUTCOME")
    shared = sum(bool(names(one, kind) & names(other, kind)) for kind in kinds)
    stems = case.corpus.words.stems
    return (
        shared
        + case.corpus.sentences.shared(stems(one.quote), stems(other.quote))
        + (case.corpus.alike(a.index, b.index) if a is not b else 0.0)
    )


def best(
    case: Case,
    source: Source,
    statement: Statement,
    signs: Iterable[str],
    own: bool,
    wants: Callable[[Source, Statement], bool] = lambda other, against: True,
) -> list[tuple[Source, Statement]]:
    """What speaks against ``statement``: sentences with one of ``signs`` that ``wants`` takes, in comparable articles (and its own, if
    ``own``), of each article the one nearest in meaning, the most to be trusted first."""
    wanted = tuple(signs)
    found = []
    story = {other.index for other in case.related.retellings(source.index)}
    near = case.related.speaking_of(source.index, treatments(case, source, statement))
    for other in [*near, *([source] if own else [])]:
        against = [
            s
            for s in other.bearing(*wanted)
            if s is not statement
            and is_sentence(s)
            and (other.index in story or of_one_treatment(case, source, statement, other, s))
            and wants(other, s)
        ]
        if against:
            found.append((other, max(against, key=lambda s: (about_same(case, source, statement, other, s), -s.start))))
    return found


def of_one_treatment(case: Case, a: Source, one: Statement, b: Source, other: Statement) -> bool:
    """Whether two sentences of articles that tell no story in common are on one treatment: that which they name, or else their article."""
    if other.bears("harm") and a is not b and not names(other, "INTERVENTION"):
        return False  # a harm, but of what?
    ours, theirs = treatments(case, a, one), treatments(case, b, other)
    if not ours or not theirs:
        return a is b
    return any(case.is_treatment(x, y) for x in ours for y in theirs)


def treatments(case: Case, source: Source, statement: Statement) -> list[Concept]:
    """What a sentence names as acting, else what its article is about."""
    named = [
        concept
        for name in statement.names
        if name.label == "INTERVENTION" and (concept := case.treatment(Slot(text=name.text, id=name.id)))
    ]
    main = case.treatment(Slot(text=source.main.text, id=source.main.id))
    return named or ([main] if main else [])


def is_sentence(statement: Statement) -> bool:
    """Whether it says something, as a heading of two words does not."""
    return len(statement.quote.split()) >= _FEWEST_WORDS


def subjects(source: Source, *signs: str) -> Iterator[Statement]:
    """The statements with one of these signs, each sentence once."""
    seen: set[str] = set()
    for statement in source.bearing(*signs):
        if statement.quote not in seen:
            seen.add(statement.quote)
            yield statement


def draft(
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


def softened(
    source: Source, start: int, end: int, reach: int, signs: tuple[str, ...] = ("limits", "safety-unknown")
) -> bool:
    """Whether the sentence itself, or one near it, tells the limits of the evidence: it has one of ``signs``."""
    return any(
        -reach <= s.start - end <= reach or -reach <= start - s.end <= reach or s.start == start
        for s in source.bearing(*signs)
    )


def nearest(
    case: Case, one: Told, sources: Iterable[Source], least: float, wanted: Callable[[Told], bool]
) -> Told | None:
    """The claim of ``sources`` that is most about the same as ``one``, if it is enough so and what is wanted."""
    listed = [other for source in sources for other in source.told]
    if not any(map(wanted, listed)):
        return None  # mostly so, and all else costs more
    near = [(nearness(case, one, other), -other.source, -other.claim.start, other) for other in listed]
    found = max(near, key=lambda pair: pair[:3], default=None)
    if found is None or found[0] < least:
        return None
    best = [other for nearness, _, _, other in near if nearness >= max(least, found[0] - _LEVEL)]
    return next((other for other in best if wanted(other)), None)


def against(case: Case, one: Told, other: Told, details: Mapping[str, Any] | None = None) -> Draft:
    """What a claim says against what another says."""
    return quoted(case, Spot.of(one), [Spot.of(other)], case.result_of.get(one.claim.claim_id), details)


def nearness(case: Case, one: Told, other: Told) -> float:
    """How much two claims are about the same, 0 to 1: by what they act on, where nothing says that what acts is another."""
    if (case.judge.alike(one.concepts["intervention"], other.concepts["intervention"]) or 0.0) < 0:
        return 0.0
    outcome = likeness(case.corpus, one.concepts["outcome"], other.concepts["outcome"])
    if one.sort == other.sort == "efficacy" and all(t.concepts["condition"].stems & t.stems for t in (one, other)):
        outcome = max(outcome, likeness(case.corpus, one.concepts["condition"], other.concepts["condition"]))
    return max(outcome, case.corpus.sentences.shared(one.stems, other.stems))


def is_randomised(source: Source) -> bool:
    """Whether the article describes a randomised comparison as done, not as what is still wanted."""
    return any(not statement.bears("limits", "awaits") for statement, _ in source.signs("randomised"))


def shares_names(case: Case, source: Source, other: Source) -> bool:
    """Whether two articles have names in common that few have, and more than any two may have by chance."""
    return case.corpus.shared_names(source.index, other.index) >= 1 + case.related.by_chance


def counts_as_many(case: Case, source: Source, other: Source, least: float) -> bool:
    """Whether an article shares a number of people, of ``least`` or more, with another, and names. All numbers of both are read for it."""
    if not shares_names(case, source, other):
        return False
    printed = [
        {
            number.value
            for number in case.numbers(one.index, 0, len(one.article.text))
            if number.unit in units and number.value is not None and number.value >= least
        }
        for one, units in ((source, ("people",)), (other, ("people", None)))
    ]
    return bool(printed[0] & printed[1])
