"""Sentences of one article that exclude each other: what is denied in one, and told in the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.model import Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.checks.said import is_sentence, quoted, subjects
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.rounding import same_time
from pipeline.shapes import LETTERS

_TESTED = re.compile(r"\b[pP] ?(?:<|= ?0?\.0[0-4])")


def denied(case: Case, params: Params) -> Iterator[Draft]:
    """Two sentences of one article on the same thing that exclude each other: by their signs, the rule's ``pairs``; that nobody came to
    harm, and how many did; no difference in an outcome, and one that chance does not explain."""
    for source in case.judged:
        for pair in params["pairs"]:
            yield from _by_signs(case, source, pair, params)
        yield from _harmed(case, source, params)
        yield from _different(case, source, params)


def _by_signs(case: Case, source: Source, pair: Mapping[str, Any], params: Params) -> Iterator[Draft]:
    hedged = bool(pair.get("hedged"))
    for one in subjects(source, str(pair["yes"])):
        if not _is_own(case, source, one, params, hedged=hedged):
            continue
        for other in subjects(source, str(pair["no"])):
            if (
                other.start != one.start
                and _is_own(case, source, other, params, hedged=hedged)
                and _gap(one, other) <= float(pair.get("reach", len(source.article.text)))
                and _shared(case, one, other) >= float(pair["words"])
            ):
                yield _both(case, [case.sentence(source.index, s) for s in (one, other)], params)
                return


def _is_own(case: Case, source: Source, one: Statement, params: Params, *, hedged: bool = False) -> bool:
    """Whether a sentence says something in the article's own words, flatly (or not, where it may be ``hedged``), and of no other study."""
    said = " ".join(one.quote.lower().split())
    return (
        is_sentence(one)
        and (hedged or one.certainty != "hedged")
        and not case.quotes(source.index).holds(one.start)
        and not said.startswith(tuple(str(word) for word in params["supposed"]))
        and not any(str(phrase) in said for phrase in params["of_others"])
    )


def _gap(one: Statement, other: Statement) -> int:
    """Characters between two sentences."""
    return max(other.start - one.end, one.start - other.end)


def _shared(case: Case, one: Statement, other: Statement) -> float:
    stems = case.corpus.words.stems
    return case.corpus.sentences.shared(stems(one.quote), stems(other.quote))


def _harmed(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """That nobody came to harm, and close to it how many did."""
    words = case.corpus.words
    harms = case.harms | words.stems(" ".join(str(word) for word in params["harms"]))
    vague = words.stems(" ".join(str(word) for word in params["vague"]))
    spans = {(told.claim.start, told.claim.end) for told in source.told if told.claim.certainty == "asserted"}
    spans |= {(s.start, s.end) for s in source.statements if s.certainty == "asserted"}
    text = source.article.text
    for one in subjects(source, *params["unharmed"]):
        said = set(LETTERS.findall(one.quote.lower()))
        denies = bool(said & {str(word) for word in params["denies"]})
        if not denies or not _is_own(case, source, one, params) or said & {str(word) for word in params["grave"]}:
            continue
        for start, end in sorted(spans):
            quote = text[start:end]
            if (
                start == one.start
                or max(start - one.end, one.start - end) > int(params["near"])
                or not (harms & words.stems(quote)) - vague
                or set(LETTERS.findall(quote.lower())) & {str(word) for word in params["elsewhere"]}
                or case.quotes(source.index).holds(start)
            ):
                continue
            counted = any(
                number.unit in ("people", "percent") and number.value is not None and number.value > 0
                for number in case.numbers(source.index, start, end)
            )
            if counted:
                yield _both(case, [case.sentence(source.index, one), case.passage(source.index, start, end)], params)
                return


def _different(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """That an outcome came out alike, and figures of it whose difference chance does not explain."""
    for null in source.told:
        if null.sort is None or null.claim.direction != "equal" or not null.concepts["outcome"]:
            continue
        statement = source.statement_at.get(null.claim.start)
        if statement is None or not _is_own(case, source, statement, params):
            continue
        if statement.bears("subgroup", "limits", "fades") or not statement.bears("null-result"):
            continue
        for one in source.told:
            if _is_difference(one) and one.claim.start != null.claim.start and _are_of_one(case, null, one):
                yield _both(case, [Spot.of(one), Spot.of(null)], params)
                return


def _is_difference(one: Told) -> bool:
    claim = one.claim
    return (
        one.is_result
        and claim.direction in ("higher", "lower")
        and claim.certainty == "asserted"
        and _TESTED.search(claim.quote) is not None
        and len({value.role for value in claim.values} & {"arm", "comparator"}) > 1
    )


def _are_of_one(case: Case, null: Told, one: Told) -> bool:
    """Whether two claims are of one outcome, of no other time, treatment, control or people."""
    if (case.judge.alike(null.concepts["outcome"], one.concepts["outcome"]) or 0.0) < 1.0:
        return False
    slots = ("intervention", "comparator", "condition")
    if any((case.judge.alike(null.concepts[name], one.concepts[name]) or 0.0) < 0 for name in slots):
        return False
    if null.claim.population is not None and null.claim.population != one.claim.population:
        return False
    return same_time(null.days, one.days, 0.1) is not False


def _both(case: Case, spots: list[Spot], params: Params) -> Draft:
    draft = quoted(case, spots[0], spots[1:])
    words = {
        "source": draft.words["source"],
        "figure": f"“{draft.words['quote']}”",
        "other_figure": f"“{draft.words['reference_quote']}”",
        "result": str(params["said"]),
    }
    return Draft(spots, (), None, words)
