"""Checks on how sure sources are: what others only think possible, or linked, or do not know, told as a fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from pipeline.model import Slot, Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.said import (
    about_same,
    against,
    best,
    counts_as_many,
    draft,
    is_randomised,
    is_sentence,
    names,
    nearest,
    nearness,
    quoted,
    shares_names,
    softened,
    subjects,
    treatments,
)
from pipeline.reconcile.corpus import Concept, Source, Told

_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")
_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_ON = ("cause-open", "observational", "looked-on")
"""What tells that a study only looked on."""


@check("dropped_hedge")
def dropped_hedge(case: Case, params: Params) -> Iterator[Draft]:
    """A finding that another source only thinks possible, or leaves open, restated as a plain fact."""
    yield from _flat_retellings(case, params)
    yield from _flat_in_findings(case, params)
    yield from _firm_words(case, params)
    yield from _answered(case, params)
    yield from _firmer_than_concluded(case, params)


def _flat_retellings(case: Case, params: Params) -> Iterator[Draft]:
    """Claims of an article that a better telling of the same story only thinks possible."""
    for source in case.judged:
        better = case.related.better_retellings(source)
        for one in source.told if better else ():
            if not _is_flat(one) or _is_told_elsewhere(source, one) or _is_softened(source, one, params):
                continue
            hedged = nearest(case, one, better, float(params["near"]), _is_hedged)
            if hedged is not None and not nearest(case, one, better, float(params["near"]), _is_flat):
                yield against(case, one, hedged)


def _flat_in_findings(case: Case, params: Params) -> Iterator[Draft]:
    """Statements of one finding, of which the better sources are the less sure."""
    for result in case.shared:
        hedged = next((t for t in result.told if _is_hedged(t) and not t.is_result), None)
        if hedged is None:
            continue
        rank = case.source(hedged).rank
        if any(_is_flat(t) and case.source(t).rank <= rank for t in result.told):
            continue
        for one in result.told:
            source = case.source(one)
            if one.is_result or not _is_flat(one) or _is_told_elsewhere(source, one):
                continue
            if not _is_softened(source, one, params):
                yield against(case, one, hedged)


def _firm_words(case: Case, params: Params) -> Iterator[Draft]:
    """Proof, a mechanism, a lasting effect: where another source speaks of the limits of what is known, or the same does elsewhere."""
    firm = {str(sign): tuple(wanted) for sign, wanted in params["firm"].items()}
    for source in case.judged:
        story = {
            other.index
            for other in case.related.retellings(source.index)
            if case.related.by_chance == 0 or case.related.tells_story_of(source.index, other.index)
        }
        for statement in subjects(source, *firm):
            if statement.bears("safe-absolute", "efficacy-absolute"):
                continue  # told by checks of their own
            if not _is_firm(statement, params) or softened(
                source, statement.start, statement.end, int(params["reach"])
            ):
                continue
            of_study = statement.bears("proof") and statement.bears("one-study")
            if not of_study and not _is_of_main(case, source, statement):
                continue
            wanted = next(wanted for sign, wanted in firm.items() if statement.bears(sign))
            same = partial(_is_of_same, case, treatments(case, source, statement))
            doubts = [
                pair
                for pair in best(case, source, statement, wanted, own=statement.bears("proof"), wants=same)
                if pair[0].rank <= source.rank
                and (pair[0].index in story or pair[0] is source or source.article.kind in params["promoters"])
                and about_same(case, source, statement, *pair)
                >= float(params["about_story" if pair[0].index in story else "about"])
            ]
            if doubts:
                yield draft(case, source, statement, doubts)


def _is_firm(statement: Statement, params: Params) -> bool:
    """Whether it says so without reserve; that something is proven is no less firm for a "could" behind it."""
    if statement.certainty == "asserted":
        return True
    proof = min((sign.end for sign in statement.signs if sign.sign == "proof"), default=statement.start)
    before = set(statement.quote[: proof - statement.start].lower().split())
    return statement.certainty == "hedged" and proof > statement.start and not before & set(params["reserve"])


def _is_of_main(case: Case, source: Source, statement: Statement) -> bool:
    """Whether a sentence is on the treatment that its article is about, or names none."""
    main = case.treatment(Slot(text=source.main.text, id=source.main.id))
    return any(case.is_treatment(one, main) for one in treatments(case, source, statement) or [main])


def _is_of_same(case: Case, ours: list[Concept], other: Source, statement: Statement) -> bool:
    """Whether a sentence names one of ``ours``, or no treatment."""
    theirs = treatments(case, other, statement) if names(statement, "INTERVENTION") else []
    return not ours or not theirs or any(case.is_treatment(x, y) for x in ours for y in theirs)


def _answered(case: Case, params: Params) -> Iterator[Draft]:
    """What another source says nobody knows, told as known."""
    words = case.corpus.words
    for source in case.judged:
        told = [s for s in source.bearing(*params["answers"]) if s.certainty == "asserted"]
        for other in case.related.retellings(source.index) if told else ():
            if other.rank > source.rank:
                continue
            for question in other.bearing("open-question"):
                if not is_sentence(question):
                    continue
                asked = words.stems(question.quote)
                for statement in told:
                    said = words.stems(statement.quote)
                    if len(asked & said) < int(params["answer_words"]) or statement.bears("open-question", "limits"):
                        continue
                    if case.corpus.sentences.shared(asked, said) >= float(params["answer"]):
                        yield draft(case, source, statement, [(other, question)])


def _firmer_than_concluded(case: Case, params: Params) -> Iterator[Draft]:
    """Effects told as plain facts, of which the study itself says, in any words, no more than that it may be so."""
    for source in case.judged:
        flat = [
            one for one in source.told if _is_fact(one) and not one.is_result and not _is_told_elsewhere(source, one)
        ]
        flat = [one for one in flat if not _is_softened(source, one, params)]
        near = case.corpus.sharing_names(source.index) if flat else ()
        for index in sorted(near):
            other = case.sources[index]
            if other.rank >= source.rank or other.article.kind not in params["concluding"]:
                continue
            if not case.related.comparable(source.index, index):
                continue
            of_story = case.related.tells_story_of(source.index, index)
            if not of_story and not shares_names(case, source, other):
                continue
            tentative = _tentative(case, other, params)
            if not tentative or not (of_story or counts_as_many(case, source, other, float(params["least_size"]))):
                continue
            for one in flat:
                shared, spot = max((_shares(case, one, case.quote(spot)), spot) for spot in tentative)
                plain = [t for t in other.told if _is_fact(t) and not _lies_in(t, tentative)]
                least = float(params["concluded" if one.concepts["outcome"] else "concluded_of_none"])
                if shared < least or any(
                    _shares(case, one, t.claim.quote) >= shared - float(params["margin"]) for t in plain
                ):
                    continue
                yield quoted(case, Spot.of(one), [spot], case.result_of.get(one.claim.claim_id))


def _is_fact(one: Told) -> bool:
    """Whether a claim without a figure tells as a fact that something brings something about, whatever verb says so."""
    claim = one.claim
    causal = one.sort in ("association", "difference") and claim.strength == "causal" and claim.certainty == "asserted"
    return _is_flat(one) or (causal and claim.direction != "equal")


def _tentative(case: Case, source: Source, params: Params) -> list[Spot]:
    """The sentences of an article that say of something that it may be so."""
    return case.once((_tentative, source.index), lambda: _find_tentative(source, params))


def _find_tentative(source: Source, params: Params) -> list[Spot]:
    text = source.article.text
    whole = f" {' '.join(_WORD.findall(text.lower()))} "
    if not any(f" {phrase} " in whole for phrase in params["tentative"]):
        return []  # mostly, and looking through its sentences costs much more
    found = []
    at = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        said = f" {' '.join(_WORD.findall(text[at:end].lower()))} "
        if any(f" {phrase} " in said for phrase in params["tentative"]) and not any(
            f" {phrase} " in said for phrase in params["not_tentative"]
        ):
            stripped = text[at:end].strip()
            start = text.index(stripped, at)
            found.append(Spot(source.index, start, start + len(stripped)))
        at = end
    return found


def _shares(case: Case, one: Told, quote: str) -> float:
    """How much of the rare words of a claim's sentence another sentence has, and of its outcome."""
    stems = case.corpus.words.stems(quote)
    outcome = one.concepts["outcome"].stems
    if outcome and not outcome & stems:
        return 0.0
    return case.corpus.sentences.shared(one.stems, stems)


def _lies_in(told: Told, spots: list[Spot]) -> bool:
    return any(spot.start < told.claim.end and told.claim.start < spot.end for spot in spots)


def _is_told_elsewhere(source: Source, one: Told) -> bool:
    """Whether checks of their own speak of the sentence."""
    statement = source.statement_at.get(one.claim.start)
    return statement is not None and statement.bears("safe-absolute", "efficacy-absolute")


def _is_softened(source: Source, one: Told, params: Params) -> bool:
    return softened(source, one.claim.start, one.claim.end, int(params["reach"]))


def _is_hedged(one: Told) -> bool:
    return one.claim.certainty == "hedged" or one.claim.strength == "conditional_causal"


def _is_flat(one: Told) -> bool:
    claim = one.claim
    return (
        (one.sort == "efficacy" or (one.sort == "effect" and claim.strength == "causal"))
        and claim.certainty == "asserted"
        and claim.strength != "conditional_causal"
        and claim.direction != "equal"
    )


@check("causal_upgrade")
def causal_upgrade(case: Case, params: Params) -> Iterator[Draft]:
    """A correlation restated as a cause: the source that tells it best is no randomised comparison, and says that it is none."""
    for source in case.judged:
        if is_randomised(source):
            continue
        story = case.related.retellings(source.index)
        better = [o for o in story if o.rank < source.rank and _is_observational(o)]
        told = set()
        for one in source.told if better else ():
            if one.claim.strength != "causal" or one.claim.certainty != "asserted":
                continue
            statement = source.statement_at.get(one.claim.start)
            if statement is not None and statement.bears("limits", "mechanism-open"):
                continue
            found = nearest(case, one, better, float(params["near"]), _is_linked) or _seen_only(
                case, one, better, params
            )
            if found is not None:
                told.add(one.claim.start)
                yield against(case, one, found, {"strength": "causal", "reference": "correlational"})
        above = [o for o in story if o.rank < source.rank and o.bearing(*_LOOKED_ON)]
        seen_only = above and not any(map(_is_tried, (source, *story)))
        for statement in subjects(source, "cause", "cause-named") if seen_only else ():
            if statement.start not in told and _is_cause(case, source, statement, above, params):
                yield draft(case, source, statement, _left_open(case, source, statement, above))


def _is_tried(source: Source) -> bool:
    """Whether an article tells of something that was tried on people or animals."""
    aside = ("limits", "awaits", "cause-open", "open-question")
    return any(not statement.bears(*aside) for statement, _ in source.signs("randomised", "tried", "animals"))


def _is_cause(case: Case, source: Source, statement: Statement, better: list[Source], params: Params) -> bool:
    """Whether a sentence says flatly that what the story is about brings about what it is about, with no word near it that nobody knows:
    it names the one or the other, or it names a cause right after the result."""
    if statement.certainty != "asserted" or statement.bears("cause-open", "limits", "open-question", "null-result"):
        return False
    reach = int(params["reach"])
    if softened(source, statement.start, statement.end, reach, ("cause-open", "limits", "open-question")):
        return False
    said = case.corpus.concept(Slot(text=statement.quote))
    exposures, outcomes = (
        max(
            (
                case.judge.alike(concept, said) or 0.0
                for other in (source, *better)
                for told in other.told
                if told.claim.start != statement.start and (told.is_result or _is_linked(told))
                for slot in slots
                if (concept := told.concepts[slot])
            ),
            default=0.0,
        )
        for slots in (("intervention",), ("outcome", "condition"))
    )
    if max(exposures, outcomes) >= float(params["about"]):
        return True
    after = any(told.is_result and 0 <= statement.start - told.claim.end <= int(params["next"]) for told in source.told)
    return after and (statement.bears("cause-named") or exposures + outcomes >= float(params["about_after"]))


def _left_open(
    case: Case, source: Source, statement: Statement, better: list[Source]
) -> list[tuple[Source, Statement]]:
    """Where better sources say that they know of no cause, or else of what goes together: of each the sentence nearest in meaning."""
    found = []
    for other in better:
        said = other.bearing("cause-open") or other.bearing(*_LOOKED_ON)
        found.append((other, max(said, key=lambda s: (about_same(case, source, statement, other, s), -s.start))))
    return found


def _is_linked(one: Told) -> bool:
    return one.claim.strength == "correlational" and one.claim.certainty != "negated"


def _seen_only(case: Case, one: Told, better: list[Source], params: Params) -> Told | None:
    """The association in a study that only looked on, where a claim is on its exposure and outcome in other words, or gives a figure of
    it."""
    for other in better:
        if (case.judge.alike(one.concepts["intervention"], other.main) or 0.0) < float(params["exposure"]):
            continue
        linked = [t for t in other.told if _is_linked(t) and t.claim.direction != "equal"]
        same = [t for t in linked if _acts_alike(case, one, t) >= float(params["near"])]
        unnamed = not one.concepts["outcome"]
        of_size = one.size is not None and other.index in case.related.with_size(one.size)
        of_study = of_size or (unnamed and case.related.tells_story_of(one.source, other.index))
        if not same and one.is_result and other.rank == 0 and of_study:
            same = linked
        if same:
            return max(same, key=lambda t: (nearness(case, one, t), -t.claim.start))
    return None


def _acts_alike(case: Case, one: Told, other: Told) -> float:
    """How much two claims are of one outcome, or of the condition that the other has for its outcome."""
    slots = ("outcome", "condition")
    return max(case.judge.alike(one.concepts[a], other.concepts[b]) or 0.0 for a in slots for b in slots)


def _is_observational(source: Source) -> bool:
    return bool(source.signs("observational")) and not is_randomised(source)
