"""Checks on what sources leave out: results of no difference."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from pipeline.model import Sign, Statement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.main_outcomes import main_outcome, named_outcomes, own_outcomes
from pipeline.reconcile.checks.nulls_told import is_told_level
from pipeline.reconcile.checks.pairs import told_pairs
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.said import counts_as_many, is_sentence, quoted
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.findings import Result
from pipeline.reconcile.words import Stems
from pipeline.shapes import LETTERS

_PAIR = re.compile(
    r"(?<!\d)(\d{1,9}(?:\.\d{1,9})?)(?: \([^)]{0,80}\))? and (\d{1,9}(?:\.\d{1,9})?)(?!\d|\.\d| (?:months|weeks|years|days)\b)"
)
_CHANCE = re.compile(r"\b[pP] ?(?:<|= ?0?\.0[0-4])")
_CLAUSE = re.compile(r"[,;:.(]")
_FEW_SIZES = 2
"""Articles with so many sizes tell of several studies."""
_ROUNDED = 0.06
"""How far a rounded number of people may be from the exact one, as a share of it."""
_FIRST = 4
"""Letters of a sign that may begin with "but"."""
_COMMON = frozenset(("percent", "people"))
"""What very different outcomes are counted in."""
_SENTENCE = re.compile(r"[.!?]\s|\n")


@check("omitted_null")
def omitted_null(case: Case, params: Params) -> Iterator[Draft]:
    """A result of no difference that matters to a good one, and that tellings of the story have, left out beside it."""
    for source in case.judged:
        if source.bearing("fades", "open-question"):
            continue
        level = source.bearing("null-result", "no-better", "told-level")
        if any(not _is_on_harm(case, s) for s in level) or _tells_level(case, source, params):
            continue
        own = [told for told in source.told if _is_good(case, told)]
        tellers = _tellers(case, source, params) if own else []
        if len(tellers) < int(params["tellers"]):
            tellers = [other for other in tellers if other.rank <= int(params["rank"])]
        found = next(
            (
                (one, other, null)
                for other in tellers
                if other.rank < source.rank
                for null in _nulls(case, other, params)
                if not level or null.bears("main-outcome") or main_outcome(case, other, null, params)
                for one in own
                if _is_left_out(case, one, source, other, null, params)
            ),
            None,
        )
        if found is not None:
            one, other, null = found
            spot = case.sentence(other.index, null)
            yield quoted(case, Spot.of(one), [spot], case.result_of.get(one.claim.claim_id))


def _tells_level(case: Case, source: Source, params: Params) -> bool:
    """Whether an article gives the shares of two groups in one sentence that lie close together."""
    return any(
        arm.told.claim.measure == control.told.claim.measure == "proportion"
        and abs(arm.measured.point - control.measured.point)
        <= float(params["level"]) * max(arm.measured.point, control.measured.point)
        for arm, control in told_pairs(case, source)
    )


def _is_on_harm(case: Case, statement: Statement) -> bool:
    """Whether a sentence speaks of a harm: that no more were harmed is told beside every result."""
    return bool(case.harms & case.corpus.words.stems(statement.quote))


def _tellers(case: Case, source: Source, params: Params) -> list[Source]:
    """The articles with a result of no difference that tell the same story, share a finding or tell of a study of as many people, the most
    to be trusted first."""
    joined = {other for result in case.results_in.get(source.index, ()) for other in result.sources}
    story = {other.index for other in case.related.retellings(source.index)}
    near = {
        other
        for other in (() if source.bearing("awaits") else case.corpus.sharing_names(source.index))
        if _nulls(case, case.sources[other], params)
        and case.related.comparable(source.index, other)
        and counts_as_many(case, source, case.sources[other], float(params["least_size"]))
    }
    found = [case.sources[index] for index in sorted((joined | story | near) - {source.index})]
    found = [other for other in found if _nulls(case, other, params)]
    return sorted(found, key=lambda other: (other.rank, other.index))


def _is_good(case: Case, told: Told) -> bool:
    """Whether a claim states a result that others report too, or which group had more."""
    if told.claim.direction == "equal" or told.claim.certainty != "asserted":
        return False
    if not told.is_result:
        return told.sort in ("effect", "association", "efficacy") and told.claim.direction is not None
    result = case.result_of.get(told.claim.claim_id)
    sided = told.claim.intervention is not None and any(v.role in ("arm", "comparator") for v in told.claim.values)
    return told.claim.direction is not None or sided or (result is not None and len(result.sources) > 1)


def _nulls(case: Case, source: Source, params: Params) -> list[Statement]:
    """The sentences that tell of no difference, or of a main outcome that is as good as the same in both groups; those on part of the
    people, and doubts, tell too little. What the study was for comes first."""
    return case.once(("nulls", source.index), lambda: _find_nulls(case, source, params))


def _find_nulls(case: Case, source: Source, params: Params) -> list[Statement]:
    found = [
        s
        for s in source.bearing("null-result", "main-outcome")
        if is_sentence(s)
        and (_is_main_null(s) or (not s.bears("subgroup", "limits") and s.certainty != "hedged"))
        and (s.bears("null-result") or _is_main_null(s) or _is_level(s, params))
    ]
    found += _by_chance(case, source, {s.start for s in found}, params)
    return sorted(found, key=lambda s: (not s.bears("main-outcome"), s.start))


def _is_main_null(statement: Statement) -> bool:
    """Whether a sentence says of what the study was for that it came out alike, or that chance explains the difference."""
    return statement.bears("main-outcome") and statement.bears("told-level") and not statement.bears("subgroup")


def _by_chance(case: Case, source: Source, known: set[int], params: Params) -> list[Statement]:
    """The sentences of a study with figures of its main outcome whose difference chance explains, as statements; that it is the main one
    another sentence may say."""
    mains = source.bearing("main-outcome") if source.rank == 0 else []
    of = [stems for main in mains for stems in named_outcomes(case, main, params)]
    found = []
    for told in source.told if mains else ():
        claim = told.claim
        if claim.direction != "equal" or not told.is_result or claim.start in known or claim.certainty == "hedged":
            continue
        statement = source.statement_at.get(claim.start)
        if statement is not None and statement.bears("subgroup", "limits"):
            continue
        is_main = statement is not None and statement.bears("main-outcome")
        if not is_main and not any(own & stems for own in own_outcomes(case, claim, params) for stems in of):
            continue
        known.add(claim.start)
        found.append(
            Statement(
                article_id=claim.article_id,
                start=claim.start,
                end=claim.end,
                quote=claim.quote,
                certainty="asserted",
                strength="none",
                signs=(Sign(sign="main-outcome", start=claim.start, end=claim.end, rule=claim.rule),),
                names=statement.names if statement is not None else (),
            )
        )
    return found


def _is_level(statement: Statement, params: Params) -> bool:
    """Whether all that a sentence tells of two groups, "24 (30%) and 25 (31%)", lies close together, and no chance of it is given."""
    pairs = [(float(a), float(b)) for a, b in _PAIR.findall(statement.quote)]
    level = all(abs(a - b) <= float(params["level"]) * max(a, b) for a, b in pairs)
    return bool(pairs) and level and not _CHANCE.search(statement.quote)


def _is_left_out(case: Case, one: Told, source: Source, other: Source, null: Statement, params: Params) -> bool:
    """Whether a result of no difference is of the treatment and study of a claim, and none of its figures is told. That no more were
    harmed is no bad news that a page leaves out."""
    words = case.corpus.words
    if (
        case.harms & words.stems(null.quote)
        and not null.bears("main-outcome")
        and not main_outcome(case, other, null, params)
    ):
        return False
    is_main = null.bears("main-outcome") and other.rank == 0
    if not is_main and _is_named_exposure(case, one, source, other, null):
        return False
    acts = [] if is_main else [words.stems(name.text) for name in null.names if name.label == "INTERVENTION"]
    if acts and not any(stems <= source.stems for stems in acts):
        return False  # of something narrower, or else
    said = source.statement_at.get(one.claim.start)
    named = [
        words.stems(name.text) for name in (said.names if said is not None else ()) if name.label == "INTERVENTION"
    ]
    if acts and named and not any(stems & (one.stems | source.main.stems) for stems in acts):
        return False  # of two treatments, where the claim is of a third
    sides = [words.stems(name.text) for name in null.names if name.label in ("INTERVENTION", "COMPARATOR")]
    named.append(source.main.stems)
    if len(sides) > len(acts) > 0 and len(named) > 1 and not any(a & b for a in sides for b in named):
        return False  # of two others
    if not _matters(case, one, source, other, null, params):
        return False
    if not is_main and _is_other_outcome_told(case, one, source, other, null):
        return False
    if is_told_level(case, source, other, null, params):
        return False
    told = other.told_at.get(null.start, ())
    result = case.result_of.get(one.claim.claim_id)
    if {"arm", "comparator"} <= {value.role for value in one.claim.values} and any(t in told for t in _joined(result)):
        return False  # both figures show it
    same = [one, *(t for t in (result.told if result is not None else ()) if t.source == other.index)]
    sizes = {t.size for t in source.told if t.size is not None} if one.size is None else {one.size}
    as_many = other.rank == 0 and len(sizes) < _FEW_SIZES and not source.bearing("awaits")
    joined = (
        len(same) > 1
        or (len(sizes) == 1 and any(t.size is not None and _is_as_many(t.size, size) for t in told for size in sizes))
        or (as_many and counts_as_many(case, source, other, float(params["least_size"])))
        or _is_of_size(case, one, other, params)
    )
    if other.article.kind in params["many"] and not any(_is_surely_one_study(t, n) for t in same for n in told):
        return False  # a page on many studies
    return joined and all(_may_be_one_study(t, n) for t in same for n in told)


def _is_of_size(case: Case, one: Told, other: Source, params: Params) -> bool:
    """Whether a study on the treatment of a claim's article tells of one number of people, that of the claim."""
    size = one.size
    if size is None or size < float(params["least_size"]) or other.rank > 0:
        return False
    return {t.size for t in other.told if t.size is not None} == {size} and case.related.is_of_its_study(
        one.source, other.index
    )


def _is_named_exposure(case: Case, one: Told, source: Source, other: Source, null: Statement) -> bool:
    """Whether a sentence is of something else than a claim and the titles, cats beside dogs, which the article of the claim names too."""
    if null.bears("verdict"):
        return False
    stems = case.corpus.words.stems
    acts = [stems(name.text) for name in null.names if name.label == "INTERVENTION"]
    main = one.stems | source.main.stems | stems(f"{other.article.title or ''} {source.article.title or ''}")
    return bool(acts) and all(act and act <= source.stems and not act & main for act in acts)


def _matters(case: Case, one: Told, source: Source, other: Source, null: Statement, params: Params) -> bool:
    """Whether a result of no difference says something of a good one: it is of what the study was for, of the same outcome, such as at a
    later time, or of one that counts most, such as death; or else the study itself sets it beside its good result, and the page says
    nothing of the kind. One of the many things that a study looks at beside is left out by every telling."""
    words = case.corpus.words
    told = other.told_at.get(null.start, ())
    mains = main_outcome(case, other, null, params)
    lines = [words.stems(line) for line in _SENTENCE.split(source.article.text)]
    told_of = any(2 * len(stems & line) >= len(stems) for stems in mains for line in lines)
    level = (t for t in source.told if t.claim.direction == "equal" and not case.harms & words.stems(t.claim.quote))
    if mains and not told_of and not any(level):
        return True  # of what the study was made for
    signs = [sign for sign in null.signs if sign.sign == "null-result"]
    if not signs:
        return False
    at, end = min(sign.start for sign in signs), max(sign.end for sign in signs)
    before = [name.end for name in null.names if name.label == "OUTCOME" and name.end <= at]
    text = other.article.text
    if before and set(LETTERS.findall(text[max(before) : min(at + _FIRST, end)].lower())) & set(params["and"]):
        return not _is_spoken_of(case, source, other, null)
    if null.quote.lower().startswith(tuple(params["refers"])):
        return True  # of the result before it
    hard = words.stems(" ".join(case.corpus.rules.phrases(str(params["hard"]))))
    if null.bears("main-outcome", "verdict") or hard & words.stems(null.quote):
        return True
    result = case.result_of.get(one.claim.claim_id)
    good = [one, *(t for t in _joined(result) if t.source == other.index)]
    if any(_is_one_outcome(case, t, n) for t in good for n in told):
        return True
    own = [words.stems(name.text) for name in null.names if name.label == "OUTCOME"]
    own += [t.concepts["outcome"].stems for t in told if t.concepts["outcome"]]
    if not own and any(name.label in ("INTERVENTION", "COMPARATOR") for name in null.names):
        return True  # of the groups, in what was told last
    if any(stems & t.concepts["outcome"].stems for t in good for stems in own):
        return True
    beside = set(LETTERS.findall(null.quote.lower())) & set(params["beside"])
    return bool(beside) and not _is_spoken_of(case, source, other, null)


def _is_other_outcome_told(case: Case, one: Told, source: Source, other: Source, null: Statement) -> bool:
    """Whether an article has a word that tells the outcome of ``null`` from that of the good result: wrists, where that is of hips."""
    words = case.corpus.words
    good = [one, *(t for t in _joined(case.result_of.get(one.claim.claim_id)) if t.source == other.index)]
    of_good: Stems = frozenset().union(*(t.concepts["outcome"].stems for t in good))
    own: Stems = frozenset().union(*(words.stems(name.text) for name in null.names if name.label == "OUTCOME"))
    return bool(of_good) and not null.bears("verdict") and not (own - of_good).isdisjoint(source.stems)


def _is_one_outcome(case: Case, one: Told, other: Told) -> bool:
    """Whether two claims are of one outcome, by its name or by what it is measured in."""
    if (case.judge.alike(one.concepts["outcome"], other.concepts["outcome"]) or 0.0) > 0:
        return True
    units, others = ({m.dimension for m in t.measured if m is not None} for t in (one, other))
    return bool(units & others - _COMMON)


def _is_spoken_of(case: Case, source: Source, other: Source, null: Statement) -> bool:
    """Whether an article speaks of what ``null`` says made no difference."""
    words = case.corpus.words
    signs = [sign for sign in null.signs if sign.sign == "null-result"]
    at, end = min(sign.start for sign in signs), max(sign.end for sign in signs)
    of = [words.stems(name.text) for name in null.names if name.label == "OUTCOME" and name.end > at]
    if not of:
        text = other.article.text
        last = words.listed(text[at:end] + _CLAUSE.split(text[end : null.end])[0])[-1:]
        of = [frozenset(last)]
    lines = [words.stems(line) for line in _SENTENCE.split(source.article.text)]
    return any(stems and stems <= line for stems in of for line in lines)


def _joined(result: Result | None) -> Sequence[Told]:
    return result.told if result is not None else ()


def _is_surely_one_study(one: Told, other: Told) -> bool:
    """Whether two claims of one story have the same number of people, or one article has the same reference at both."""
    if one.size is not None and one.size == other.size:
        return True
    a, b = one.claim.study, other.claim.study
    return one.source == other.source and a is not None and b is not None and bool(set(a.ref_keys) & set(b.ref_keys))


def _may_be_one_study(one: Told, other: Told) -> bool:
    """Whether nothing says that two claims of one story are of two studies."""
    a, b = one.claim.study, other.claim.study
    for key in ("doi", "pmid"):
        x, y = getattr(a, key, None), getattr(b, key, None)
        if x and y:
            return bool(x == y)
    if a is not None and b is not None and one.source == other.source and a.ref_keys and b.ref_keys:
        return bool(set(a.ref_keys) & set(b.ref_keys))
    return one.size is None or other.size is None or _is_as_many(one.size, other.size)


def _is_as_many(one: float, other: float) -> bool:
    """Whether two numbers of people are one, of which either may have been rounded."""
    return one == other or any(
        abs(one - other) <= _ROUNDED * max(one, other) and math.log10(abs(one - other)) < _zeros(rounder)
        for rounder in (one, other)
    )


def _zeros(number: float) -> int:
    """How many zeros a number ends in."""
    digits = f"{number:.0f}"
    return len(digits) - len(digits.rstrip("0"))
