"""Checks on how sure sources are: what others only think possible, or linked, or do not know, told as a fact."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pipeline.model import Slot, Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.said import (
    about_same,
    against,
    best,
    draft,
    is_randomised,
    is_sentence,
    names,
    nearest,
    nearness,
    softened,
    subjects,
    treatments,
)
from pipeline.reconcile.corpus import Concept, Source, Told


@check("dropped_hedge")
def dropped_hedge(case: Case, params: Params) -> Iterator[Draft]:
    """A finding that another source only thinks possible, or leaves open, restated as a plain fact."""
    yield from _flat_retellings(case, params)
    yield from _flat_in_findings(case, params)
    yield from _firm_words(case, params)
    yield from _answered(case, params)


def _flat_retellings(case: Case, params: Params) -> Iterator[Draft]:
    """Claims of an article that a better telling of the same story only thinks possible."""
    for source in case.judged:
        better = [other for other in case.related.retellings(source.index) if other.rank < source.rank]
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
        better = [o for o in case.related.retellings(source.index) if o.rank < source.rank and _is_observational(o)]
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
                yield against(case, one, found, {"strength": "causal", "reference": "correlational"})


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
