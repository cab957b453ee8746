"""Checks on promises: safe without limits, works without exception."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from pipeline.model import Slot, Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.said import best, draft, is_sentence, names, quoted, subjects, treatments
from pipeline.reconcile.corpus import Concept, Source, Told
from pipeline.shapes import LETTERS

_NEXT = 250
"""Characters after figures in which a sentence is taken to be on them."""


@check("absolute_safety")
def absolute_safety(case: Case, params: Params) -> Iterator[Draft]:
    """A flat word of safety, where another source, or the same, names harms or says that safety is not established."""
    for source in case.judged:
        yield from _harmless(case, source, params)
        for statement in subjects(source, "safe-absolute"):
            claims = any(told.sort == "safety" for told in source.told_at.get(statement.start, ()))
            if (
                _is_heading(statement)
                or statement.bears("review-design")
                or not _is_flat_safety(statement)
                or not (claims or names(statement, "INTERVENTION"))
            ):
                continue
            wants = partial(_tells_harm, case, source, statement)
            against = best(case, source, statement, ("safety-unknown", "harm"), own=True, wants=wants)
            at = min(sign.start for sign in statement.signs if sign.sign == "safe-absolute")
            if source.article.kind not in params["own_quotes"] and (
                _is_reported(statement, at, params)
                or (
                    case.quotes(source.index).holds(at)
                    and (any(other is source for other, _ in against) or any(_is_harm(case, t) for t in source.told))
                )
            ):
                continue  # what others say, and what speaks against it is told too
            if against:
                yield draft(case, source, statement, against)
                continue
            near = case.related.speaking_of(source.index, treatments(case, source, statement))
            harm = next((h for other in near for h in _harms(case, source, statement, other)), None)
            if harm is not None:
                yield quoted(case, case.sentence(source.index, statement), [Spot.of(harm)])


def _harmless(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """Words for no harm at all, in an article that tells of none, of a study where better sources tell of some."""
    told = [s for s in source.bearing("harm", "safety-unknown") if not s.bears("harmless", "safe-absolute")]
    story = {other.index for other in case.related.better_retellings(source)}
    for statement in subjects(source, "harmless") if story and not told else ():
        at = min(sign.start for sign in statement.signs if sign.sign == "harmless")
        if any(_is_mishap(told, at) for told in source.told_at.get(statement.start, ())):
            continue
        if _is_reserved(statement, at, params) or not is_sentence(statement) or statement.bears("safe-qualified"):
            continue
        if source.article.kind not in params["own_quotes"] and (
            case.quotes(source.index).holds(at) or _is_reported(statement, at, params)
        ):
            continue
        against = [
            pair
            for pair in best(case, source, statement, ("harm", "safety-unknown"), own=False)
            if pair[0].index in story
        ]
        if against:
            yield draft(case, source, statement, against)
            continue
        harms = (
            told
            for other in case.related.retellings(source.index)
            if other.index in story
            for told in other.told
            if told.claim.certainty != "negated" and told.is_result and _is_harm(case, told)
        )
        harm = next(harms, None)
        if harm is not None:
            yield quoted(case, case.sentence(source.index, statement), [Spot.of(harm)])


def _is_mishap(told: Told, at: int) -> bool:
    """Whether a claim tells, before the words at ``at``, to how many something happened: two had a vessel nicked, with no after-effects."""
    claim = told.claim
    few = claim.measure == "count" and claim.certainty != "negated" and claim.outcome is not None
    return few and any(value.role in ("arm", "comparator") and value.end < at for value in claim.values)


def _is_reserved(statement: Statement, at: int, params: Params) -> bool:
    """Whether a word before ``at`` hedges a sentence; "not a thing that could go wrong" promises no less for its "could"."""
    before = LETTERS.findall(statement.quote[: at - statement.start].lower())
    return statement.certainty == "hedged" and (at == statement.start or bool(set(before) & set(params["reserve"])))


def _is_heading(statement: Statement) -> bool:
    """Whether it is a few words without a full stop."""
    return not is_sentence(statement) and not statement.quote.rstrip("”’\"'").endswith((".", "!"))


def _is_flat_safety(statement: Statement) -> bool:
    """Whether safety is stated before any reserve: "is very safe and not likely to ..." is, "is thought to be safe" is not."""
    first = min(sign.start for sign in statement.signs if sign.sign == "safe-absolute")
    reserves = [sign.start for sign in statement.signs if sign.sign in ("safe-qualified", "safety-unknown")]
    if reserves:
        return first < min(reserves)
    return statement.certainty != "hedged"


def _tells_harm(case: Case, source: Source, statement: Statement, other: Source, against: Statement) -> bool:
    """Whether a sentence tells of a harm of the treatment that ``statement`` calls safe, or that its safety is not known: it names that
    treatment or no other; of an article that shares a result, what that is about."""
    theirs = _acting(case, against, "harm", "safety-unknown")
    ours = _acting(case, statement, "safe-absolute") or treatments(case, source, statement)
    if any(result.groups and other.index in result.sources for result in case.results_in.get(source.index, ())):
        ours = [*ours, other.main]
    if theirs and ours and not any(case.is_treatment(x, y) for x in ours for y in theirs):
        return False
    if against.bears("safety-unknown"):
        return True
    told = other.told_at.get(against.start, ())
    return any(t.claim.certainty != "negated" and (t.sort == "safety" or _is_harm(case, t)) for t in told)


def _acting(case: Case, statement: Statement, *signs: str) -> list[Concept]:
    """The treatment that one of ``signs`` is said of: the last that the sentence names before it, or in it, else all that it names."""
    end = next((sign.end for sign in statement.signs if sign.sign in signs), statement.end)
    named = [
        (n, c)
        for n in statement.names
        if n.label == "INTERVENTION" and (c := case.treatment(Slot(text=n.text, id=n.id)))
    ]
    before = [concept for name, concept in named if name.start < end]
    return before[-1:] or [concept for _, concept in named]


def _is_harm(case: Case, told: Told) -> bool:
    """Whether a claim tells of a harm that was seen, in figures or in words on safety: its outcome is one, and no illness that was
    treated. What fewer have with the treatment does not speak against its safety."""
    outcome = told.concepts["outcome"].stems & case.harms
    if not outcome - told.concepts["condition"].stems or told.claim.direction == "lower":
        return False
    return told.is_result or told.sort == "safety" or told.claim.direction == "higher"


def _harms(case: Case, source: Source, statement: Statement, other: Source) -> Iterator[Told]:
    """The claims of an article whose outcome is a harm that was seen, in the study that both tell of, or else of the treatment."""
    acts = _acting(case, statement, "safe-absolute") or treatments(case, source, statement)
    story = any(one.index == other.index for one in case.related.retellings(source.index))
    for told in other.told:
        if told.claim.certainty == "negated" or not _is_harm(case, told):
            continue
        acting = told.concepts["intervention"]
        named = told.claim.intervention is not None and bool(acting.stems & told.stems)
        spoken = other.statement_at.get(told.claim.start)
        seen = told.is_result or (told.sort == "safety" and spoken is not None and spoken.bears("harm"))
        if (story and (seen or any(one.stems & told.stems for one in acts))) or (
            seen and named and any(case.is_treatment(one, acting) for one in acts)
        ):
            yield told


def _is_reported(statement: Statement, at: int, params: Params) -> bool:
    """Whether words before a promise say that others make it: a claim, an advertisement."""
    before = statement.quote[: at - statement.start].lower()
    return bool(set(LETTERS.findall(before)) & set(params["reported"]))


@check("absolute_efficacy")
def absolute_efficacy(case: Case, params: Params) -> Iterator[Draft]:
    """The only way, works for everyone, cures: with nothing that supports it."""
    for source in case.judged:
        for statement in subjects(source, "efficacy-absolute"):
            if statement.certainty == "hedged" or statement.bears("null-result"):
                continue
            at = min(sign.start for sign in statement.signs if sign.sign == "efficacy-absolute")
            if source.article.kind not in params["own_quotes"] and (
                case.quotes(source.index).holds(at) or _is_reported(statement, at, params)
            ):
                continue  # what somebody says whom the article does not speak for
            against = best(case, source, statement, ("limits", "null-result", "safety-unknown"), own=True)
            yield draft(case, source, statement, against)
        yield from _sweeping(case, source, params)


def _sweeping(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """Success for all and for good, where a better source of the story tells what was found."""
    better = case.related.better_retellings(source)
    for statement in subjects(source, "sweeping") if better else ():
        if statement.certainty == "hedged" or statement.bears("null-result", "limits", "efficacy-absolute"):
            continue
        at = min(sign.start for sign in statement.signs if sign.sign == "sweeping")
        if source.article.kind not in params["own_quotes"] and (
            case.quotes(source.index).holds(at) or _is_reported(statement, at, params)
        ):
            continue  # what somebody says whom the article does not speak for
        if any(other.bearing("sweeping", "efficacy-absolute") or _tells_all(case, other) for other in better):
            return  # a better source says as much
        if not _is_of_story(case, statement, (source, *better), int(params["few_words"])):
            continue
        found = [Spot.of(told) for other in better for told in other.told if told.is_result]
        found += [case.sentence(other.index, s) for other in better for s in other.bearing("limits", "null-result")]
        if found:
            yield quoted(case, case.sentence(source.index, statement), found[:1])


def _tells_all(case: Case, source: Source) -> bool:
    """Whether an article gives a share of all, 100%."""
    numbers = case.numbers(source.index, 0, len(source.article.text))
    return any(number.value == 100 and number.unit == "percent" for number in numbers)


def _is_of_story(case: Case, statement: Statement, story: Sequence[Source], few: int) -> bool:
    """Whether a sentence names anything that is tried, or found, in a story, its own article first, or in a title; one of a ``few`` words,
    or right after figures, need not."""
    words = case.corpus.words
    said = words.stems(statement.quote)
    after = (statement.start - told.claim.end for told in story[0].told if told.claim.values)
    if len(said) <= few or any(0 <= distance <= _NEXT for distance in after):
        return True
    slots = ("intervention", "outcome", "condition")
    named = (told.concepts[slot].stems for one in story for told in one.told for slot in slots)
    return any(said & stems for stems in (*named, *(words.stems(one.article.title or "") for one in story)))
