"""Checks on what one finding compares with: the control treatment that sources name."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.reconcile.agreement import agreement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.pairs import figures_of
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.corpus import Concept, Told
from pipeline.reconcile.findings import Result
from pipeline.reconcile.words import Stems
from pipeline.shapes import LETTERS


@check("comparator_mismatch")
def comparator_mismatch(case: Case, params: Params) -> Iterator[Draft]:
    """Two sources name different control treatments for one result."""
    vague = case.corpus.words.stems(" ".join(str(word) for word in params.get("vague", ())))
    idle = {str(word) for name in ("nothing", "idle") for word in params[name]}
    for result in case.shared:
        named = [
            one
            for one in result.told
            if one.is_result and one.concepts["comparator"] and one.concepts["comparator"].stems - vague
        ]
        for one in named[1:]:
            best = named[0]
            if any(not idle.isdisjoint(LETTERS.findall(t.concepts["comparator"].text.lower())) for t in (one, best)):
                continue  # people who had nothing are called in many ways
            if case.is_of_accuracy(one) or case.is_of_accuracy(best):
                continue
            if one.source == best.source or not agreement(one, best).agree or not case.is_held_against(one, best):
                continue
            a, b = one.concepts["comparator"], best.concepts["comparator"]
            likeness = case.judge.alike(a, b)
            if _is_one_thing(case, a, b, params):
                continue
            if likeness is not None and likeness <= 0 and not _known(case, one, b) and not _known(case, best, a):
                words = {
                    "source": case.name(one),
                    "comparator": a.text,
                    "reference": case.name(best),
                    "reference_comparator": b.text,
                    "result": result.record.label,
                }
                named_at = _first(case, one, a)
                subject = [Spot.of(one)] if named_at is None else [Spot.of(one), named_at]
                yield Draft(subject, [Spot.of(best)], result, words, {"comparator": a.id, "reference": b.id})
        yield from _sham(case, result, params)
        yield from _active(case, result, params, vague)
        yield from _untreated(case, result, params, vague)


def _is_one_thing(case: Case, one: Concept, other: Concept, params: Params) -> bool:
    """Whether two names have words for one thing, by the rule's ``same``: stitches, sutures."""
    stems = case.corpus.words.stems
    known = case.once(_is_one_thing, lambda: [stems(" ".join(same)) for same in params["same"]])
    return any(words & one.stems and words & other.stems for words in known)


def _sham(case: Case, result: Result, params: Params) -> Iterator[Draft]:
    """A group that is said to have had a placebo, where a better source gives its figure and knows of no placebo."""
    sham = case.corpus.words.stems(" ".join(str(word) for word in params["sham"]))
    for figure in figures_of(result.told):
        one, group = figure.told, figure.value.group
        if group is None or not case.corpus.words.stems(group) & sham:
            continue
        better = [
            t for t in result.told if case.source(t).rank < case.source(one).rank and not case.source(t).stems & sham
        ]
        for best in better:
            same = next((j for i, j in agreement(one, best).agree if i == figure.index), None)
            if same is None or best.claim.values[same].group is None or not case.is_held_against(one, best):
                continue
            yield _of_comparators(case, result, one, group, best, best.claim.values[same].group or "")
            break


def _active(case: Case, result: Result, params: Params, vague: Stems) -> Iterator[Draft]:
    """A group that is said to have had another treatment, in an article that knows of no placebo, where a better source gives its figure
    and says that it had one."""
    stems = case.corpus.words.stems
    sham = stems(" ".join(str(word) for word in params["sham"]))
    placebo = sham.union(*(words for same in params["same"] if (words := stems(" ".join(same))) & sham))
    forms = stems(" ".join(str(word) for word in params["forms"]))
    idle = {str(word) for name in ("nothing", "idle") for word in params[name]}
    for figure in figures_of(result.told):
        one, group = figure.told, figure.value.group
        if group is None or figure.value.role != "comparator" or case.source(one).stems & placebo:
            continue
        had = stems(group) - vague - forms - one.concepts["intervention"].stems
        named = case.corpus.treatments_in(group)
        if not any(words & had for words in named.values()) or not idle.isdisjoint(LETTERS.findall(group.lower())):
            continue
        for best in result.told:
            if case.source(best).rank >= case.source(one).rank or not case.is_held_against(one, best):
                continue
            same = next((j for i, j in agreement(one, best).agree if i == figure.index), None)
            if same is None or not case.related.is_of_its_study(one.source, best.source):
                continue
            control = best.claim.values[same].group or best.concepts["comparator"].text
            if (
                best.claim.values[same].role == "comparator"
                and stems(control) & sham
                and not had & case.source(best).stems
            ):
                yield _of_comparators(case, result, one, group, best, control)
                break


def _untreated(case: Case, result: Result, params: Params, vague: Stems) -> Iterator[Draft]:
    """A group that is said to have had nothing, where a better source gives its figure and names what it had."""
    nothing = {str(word) for word in params["nothing"]}
    idle = nothing | {str(word) for word in params["idle"]}
    bare = {str(word) for word in params["bare"]}
    for figure in figures_of(result.told):
        one, group = figure.told, figure.value.group
        if group is None or figure.value.role != "comparator" or nothing.isdisjoint(LETTERS.findall(group.lower())):
            continue
        for best in result.told:
            if case.source(best).rank >= case.source(one).rank or not case.is_held_against(one, best):
                continue
            same = next((j for i, j in agreement(one, best).agree if i == figure.index), None)
            if same is None or not case.related.is_of_its_study(one.source, best.source):
                continue
            had = best.claim.values[same].group or best.concepts["comparator"].text
            words = case.corpus.words.stems(had)
            if not words - vague or not idle.isdisjoint(LETTERS.findall(had.lower())):
                continue
            if best.claim.values[same].role != "comparator":
                continue  # all who took part, or some of them: not what the others had
            if nothing & set(LETTERS.findall(group.lower())) <= bare and words & case.corpus.words.stems(group):
                continue  # the advice alone is the advice
            said = {t.concepts["comparator"].text for t in case.source(best).told}
            if any(not idle.isdisjoint(LETTERS.findall(text.lower())) for text in said):
                continue
            yield _of_comparators(case, result, one, group, best, had)
            break


def _of_comparators(case: Case, result: Result, one: Told, name: str, best: Told, other: str) -> Draft:
    words = {
        "source": case.name(one),
        "comparator": name,
        "reference": case.name(best),
        "reference_comparator": other,
        "result": result.record.label,
    }
    return Draft([Spot.of(one)], [Spot.of(best)], result, words, {})


def _first(case: Case, one: Told, comparator: Concept) -> Spot | None:
    """Where the article of a claim first names its comparator."""
    at = case.source(one).article.text.find(comparator.text)
    return None if at < 0 else Spot(one.source, at, at + len(comparator.text))


def _known(case: Case, one: Told, comparator: Concept) -> bool:
    """Whether the article of a claim has a word of this comparator anywhere: then it may only be called otherwise in one place."""
    return bool(comparator.stems & case.source(one).stems)
