"""Checks on how sure sources are: what others only think possible, or do not know, told as a fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from pipeline.model import Slot, Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.causes import CAUSES, tells_cause
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.said import (
    about_same,
    against,
    best,
    counts_as_many,
    draft,
    is_sentence,
    names,
    nearest,
    quoted,
    shares_names,
    softened,
    subjects,
    treatments,
)
from pipeline.reconcile.corpus import Concept, Source, Told
from pipeline.shapes import LETTERS

_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")


@check("dropped_hedge")
def dropped_hedge(case: Case, params: Params) -> Iterator[Draft]:
    """A finding that another source only thinks possible, or leaves open, restated as a plain fact."""
    yield from _flat_retellings(case, params)
    yield from _flat_in_findings(case, params)
    yield from _firm_words(case, params)
    yield from _answered(case, params)
    yield from _firmer_than_concluded(case, params)
    yield from _caused_for_sure(case, params)


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
            if not statement.bears("proof") and any(t.is_result for t in source.told_at.get(statement.start, ())):
                continue  # the study's own figures
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


def _caused_for_sure(case: Case, params: Params) -> Iterator[Draft]:
    """A cause told flatly, by any verb, of a story of which the study itself says no more than that it may be so."""
    stems = case.corpus.words.stems
    for source in case.judged:
        better = case.related.better_retellings(source)
        studies = [other for other in better if other.article.kind in params["concluding"]]
        told = (
            [one for one in subjects(source, *CAUSES, "proof") if _is_told_plainly(case, source, one, params)]
            if studies
            else []
        )
        if not told:
            continue
        tentative = {other.index: _tentative(case, other, params) for other in studies}
        if any(_concludes_plainly(other, tentative[other.index]) for other in studies):
            continue
        spots = [spot for other in studies for spot in tentative[other.index]]
        for one in told:
            if tells_cause(case, source, one, studies, params["cause"]):
                said = stems(one.quote)
                shared, likest = max(
                    (case.corpus.sentences.shared(said, stems(case.quote(spot))), spot) for spot in spots
                )
                titled = any(
                    len(said & stems(other.article.title or "")) >= params["cause"]["title_words"] for other in studies
                )
                if titled or one.bears("restates") or shared >= params["cause"]["shared"]:
                    yield quoted(case, case.sentence(source.index, one), [likest])


def _is_told_plainly(case: Case, source: Source, statement: Statement, params: Params) -> bool:
    """Whether an article says something itself, without a figure of its own, right after figures of the study."""
    at = min(sign.start for sign in statement.signs if sign.sign in (*CAUSES, "proof"))
    if statement.bears("safe-absolute", "efficacy-absolute", "harm"):
        return False
    if case.quotes(source.index).holds(at) and source.article.kind not in params["own_quotes"]:
        return False
    if any(one.is_result for one in source.told_at.get(statement.start, ())):
        return False
    figures = (one for one in source.told if one.is_result or one.claim.measure == "sample_size")
    after = (statement.start - one.claim.end for one in figures)
    return any(0 <= distance <= params["cause"]["next"] for distance in after)


def _concludes_plainly(source: Source, tentative: list[Spot]) -> bool:
    """Whether an article says of nothing that it may be so, or after its first result that it does so or not."""
    first = min((one.claim.start for one in source.told if one.is_result), default=0)
    said = (one for one in source.told if one.claim.start >= first and not one.is_result)
    plain = (one for one in said if _is_fact(one) or one.claim.direction == "equal")
    return not tentative or any(not _lies_in(one, tentative) for one in plain)


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
    seen = [statement for statement in source.bearing("tentative") if is_sentence(statement)]
    found = [Spot(source.index, statement.start, statement.end) for statement in seen]
    whole = f" {' '.join(LETTERS.findall(text.lower()))} "
    if not any(f" {phrase} " in whole for phrase in params["tentative"]):
        return found  # mostly, and looking through its sentences costs much more
    at = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]:
        said = f" {' '.join(LETTERS.findall(text[at:end].lower()))} "
        if any(f" {phrase} " in said for phrase in params["tentative"]) and not any(
            f" {phrase} " in said for phrase in params["not_tentative"]
        ):
            stripped = text[at:end].strip()
            start = text.index(stripped, at)
            if not any(statement.start < end and at < statement.end for statement in seen):
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
    own = source.statement_at.get(one.claim.start)
    if own is not None and own.bears("open-question"):
        return True
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
