"""Contradictions in words: what lasts and what fades, an effect and none, what is common and rare."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from pipeline.model import Statement, Value
from pipeline.reconcile.agreement import agreement
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, each_sentence_once, fill
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.checks.retold import told_to_beat
from pipeline.reconcile.checks.said import is_sentence, quoted, subjects
from pipeline.reconcile.checks.turned import told_otherwise
from pipeline.reconcile.checks.ways import told_the_other_way
from pipeline.reconcile.concept_likeness import likeness
from pipeline.reconcile.corpus import RELATIVE, Source, Told
from pipeline.reconcile.made import is_level
from pipeline.reconcile.rounding import same_time, significant_digits
from pipeline.reconcile.words import Stems
from pipeline.shapes import LETTERS

_PEOPLE = "people"
_TELLING = 2
"""So many words tell one exposure from another."""
_BESIDE = 30
"""Characters between a figure and the name of its group, at most."""
_LEAST_DIGITS = 2
_SAME_TIME = 0.1
_DIGIT = re.compile(r"\d")


def _contradicted(case: Case, params: Params) -> Iterator[Draft]:
    """What a better source denies: that the effect lasts, that there is one. The rule's ``said`` puts both quotes in the message."""
    for source in case.judged:
        yield from _lasting(case, source, params)
        yield from _denied_by_better(case, source, params)


def _denied_by_better(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """An effect, where a better telling of the story found none and no other: of the same outcome, at no other time."""
    for other in case.related.retellings(source.index):
        nulls = [told for told in other.told if _is_null(told)] if other.rank < source.rank else []
        for one in source.told if nulls else ():
            if not _is_effect(one) or _is_thought(one, params) or _is_doubted(case, one, params):
                continue
            null = max(nulls, key=lambda told: (_alike(case, one, told), -told.claim.start))
            least = float(params["outcome"])
            if _alike(case, one, null) < least or _share_figures(case, one, null):
                continue
            if any(_is_found(told) and _alike(case, one, told) >= least for told in other.told):
                continue  # in one place, at one time or in some people there was an effect
            if _is_of_exposure_beside(case, one, null) or _is_of_animals(case, one) != _is_of_animals(case, null):
                continue
            result = case.result_of.get(one.claim.claim_id)
            yield _said(case, quoted(case, Spot.of(one), [Spot.of(null)], result), params)
            return


def _is_of_animals(case: Case, one: Told) -> bool:
    """Whether the sentence of a claim says that it is of animals."""
    statement = case.source(one).statement_at.get(one.claim.start)
    return statement is not None and statement.bears("animals")


def _is_of_exposure_beside(case: Case, one: Told, null: Told) -> bool:
    """Whether a null names something else than the title of its study does, one gas beside the dust, of which neither the claim speaks nor
    an effect that the study found."""
    source = case.source(null)
    titled = case.corpus.words.stems(source.article.title or "") or source.main.stems
    apart = (null.concepts["intervention"].stems & null.stems) - titled
    if null.claim.intervention is None or len(apart) < _TELLING or apart & one.stems:
        return False
    effects = (told for told in source.told if _is_found(told) and told.is_result)
    return any(2 * len(apart - told.stems) > len(apart) for told in effects)


def _share_figures(case: Case, one: Told, null: Told) -> bool:
    """Whether the sentence of a null has the numbers of that of an effect: "a fourfold rise was seen in 58.1% and 55.9%"."""
    numbers = case.numbers(one.source, one.claim.start, one.claim.end)
    printed = [v.value for v in numbers if v.value is not None and len(significant_digits(v.text)) > 1]
    shared = sum(case.prints(null.source, number, null.claim.start, null.claim.end) for number in printed)
    return shared > 1


def _alike(case: Case, one: Told, other: Told, tolerance: float = 0.1, least: float = 0.5) -> float:
    """How much two claims are of one outcome, 0 where time, number of people or treatment tell them apart."""
    if same_time(one.days, other.days, tolerance) is False:
        return 0.0
    if one.size is not None and other.size is not None and one.size != other.size:
        return 0.0
    if (case.judge.alike(one.concepts["condition"], other.concepts["condition"]) or 0.0) < 0:
        return 0.0
    treatment = case.judge.alike(one.concepts["intervention"], other.concepts["intervention"])
    one_study = one.size is not None and one.size == other.size
    if treatment is not None and (treatment < 0 or (treatment < least and not one_study)):
        return 0.0  # where the study is the same, so is the treatment, whatever it is called
    return likeness(case.corpus, one.concepts["outcome"], other.concepts["outcome"])


def _lasting(case: Case, source: Source, params: Params) -> Iterator[Draft]:
    """An effect that is said to last, where a better source on the treatment says that it fades."""
    if source.signs("fades"):
        return
    story = {other.index for other in case.related.retellings(source.index)}
    for statement in subjects(source, "lasting"):
        if statement.certainty != "asserted" or statement.bears("efficacy-absolute"):
            continue
        for other in case.related.same_treatment(source.index):
            if other.rank >= source.rank or other.signs("lasting"):
                continue
            tells_it = other.index in story and other.article.kind in params["tellers"]
            fades = next(
                (
                    s
                    for s in other.statements
                    if s.bears("fades") and (tells_it or _share(case, source, statement, s, params))
                ),
                None,
            )
            if fades is not None and is_sentence(fades):
                spots = [case.sentence(other.index, fades)]
                yield _said(case, quoted(case, case.sentence(source.index, statement), spots), params)
                return


def _share(case: Case, source: Source, one: Statement, other: Statement, params: Params) -> bool:
    """Whether two sentences have a word in common for what lasts, beside the treatment and "effect"."""
    words = case.corpus.words
    vague = words.stems(" ".join([*case.corpus.rules.phrases("vague-outcomes"), *params["empty"]])) | source.main.stems
    a, b = words.stems(one.quote) - vague, words.stems(other.quote) - vague
    return case.corpus.sentences.shared(a, b) >= float(params["share"])


def _is_null(one: Told) -> bool:
    return one.claim.direction == "equal" and one.claim.certainty != "hedged"


def _is_found(one: Told) -> bool:
    return one.claim.direction in ("higher", "lower") and one.claim.certainty != "negated"


def _is_effect(one: Told) -> bool:
    """Whether a claim says flatly that there is more or less; a comparison of shares may be chance, and says so elsewhere."""
    claim = one.claim
    if claim.certainty != "asserted" or claim.direction == "equal":
        return False
    if claim.strength == "causal":
        lone = _is_of_shares(one) and len(claim.values) == 1  # of one group, which shows no effect
        return not lone and (claim.direction is not None or one.sort is not None)
    return claim.direction is not None and claim.strength == "correlational" and not _is_of_shares(one)


def _is_thought(one: Told, params: Params) -> bool:
    """Whether a sentence says what somebody fears or believes."""
    return not {str(word) for word in params["thought"]}.isdisjoint(LETTERS.findall(one.claim.quote.lower()))


def _is_doubted(case: Case, one: Told, params: Params) -> bool:
    """Whether the sentence says itself that it may be chance."""
    statement = case.source(one).statement_at.get(one.claim.start)
    return statement is not None and statement.bears(*params["doubts"])


def _is_of_shares(one: Told) -> bool:
    """Whether a claim gives figures of groups side by side, and not how many times the one is of the other."""
    return one.is_result and one.claim.measure not in RELATIVE


def _said(case: Case, draft: Draft, params: Params) -> Draft:
    words = {**draft.words, "result": fill(str(params["said"]), draft.words)}
    return Draft(draft.subject, draft.evidence, draft.result, words, draft.details)


@check("direction_conflict")
def direction_conflict(case: Case, params: Params) -> Iterator[Draft]:
    """One source says better, another no difference or worse."""
    finders = (_contradicted, told_to_beat, told_otherwise, told_the_other_way)
    yield from each_sentence_once(find(case, params) for find in finders)
    for result in case.shared:
        best = result.reference
        for one in result.told[1:]:
            if one.source == best.source:
                continue
            sure = min(one.claim.confidence, best.claim.confidence) >= float(params["confidence"])
            crossed = _crossed(one, best) and _owns_groups(case, one) and _owns_groups(case, best)
            crossed = crossed or _crossed_by_number(case, one, best)
            crossed = crossed or any(_crossed_by_name(case, one, t) for t in result.told if t.source == best.source)
            if crossed or (sure and _opposed(case, one, best, params)) or _turned_round(case, one, best, params):
                words = {
                    "source": case.name(one),
                    "reference": case.name(best),
                    "direction": one.claim.direction or "",
                    "reference_direction": best.claim.direction or "",
                    "result": result.record.label,
                }
                details = {"direction": one.claim.direction, "reference": best.claim.direction}
                yield Draft([Spot.of(one)], [Spot.of(best)], result, words, details)


def _opposed(case: Case, one: Told, best: Told, params: Params) -> bool:
    """Whether two claims of one outcome point opposite ways."""
    if {one.claim.direction, best.claim.direction} != {"higher", "lower"} or not (one.is_result and best.is_result):
        return False
    if is_level(one, float(params["close"])) or is_level(best, float(params["close"])):
        return False
    lie = agreement(one, best)
    if any(t.claim.direction == best.claim.direction for t in case.source(one).told_at[one.claim.start] if t.is_result):
        return False  # a lower hazard, a longer life
    alike = [(case.judge.alike(one.concepts[s], best.concepts[s]) or 0.0) > 0 for s in ("intervention", "comparator")]
    if (_is_turned(one, best, lie.agree) and not all(alike)) or not (any(alike) or lie.agree):
        return False  # told from the other side, or from one that neither a name nor a figure shows
    if lie.agree and not lie.differ:
        same = any(one.claim.values[i].role == best.claim.values[j].role for i, j in lie.agree)
        called = any(_is_called(case, one.claim.values[i], best.claim.values[j]) for i, j in lie.agree)
        if same or called or not (_owns_groups(case, one) and _owns_groups(case, best)):
            return False  # the same figures of the same groups, of which one was misread
    return (
        case.judge.alike(one.concepts["outcome"], best.concepts["outcome"]) == 1.0 and one.claim.kind == best.claim.kind
    )


def _is_turned(one: Told, best: Told, agree: Collection[tuple[int, int]]) -> bool:
    """Whether the figures in common are of the arm in one claim and of what it is compared with in the other: told from the other side."""
    roles = [(one.claim.values[i].role, best.claim.values[j].role) for i, j in agree]
    return bool(roles) and all(set(pair) == {"arm", "comparator"} for pair in roles)


def _is_called(case: Case, one: Value, other: Value) -> bool:
    """Whether the groups of two values have a word of their name in common, a group apart."""
    words = case.corpus.words
    vague = words.stems(" ".join(case.corpus.rules.phrases("statement-subjects")))
    return bool((words.stems(one.group or "") & words.stems(other.group or "")) - vague)


def _crossed(one: Told, best: Told) -> bool:
    """Whether two comparisons give the same two figures to the groups the other way round."""
    if len(one.claim.values) != 2 or len(best.claim.values) != 2:
        return False
    x, y = one.measured, best.measured
    ids, best_ids = (
        [value.group_id if value.group is not None else None for value in told.claim.values] for told in (one, best)
    )
    if None in (*x, *y) or None in (*ids, *best_ids) or ids[0] == ids[1]:
        return False
    assert x[0] is not None
    assert x[1] is not None
    assert y[0] is not None
    assert y[1] is not None
    if x[0].interval.overlaps(x[1].interval):
        return False
    if ids == best_ids[::-1]:
        return x[0].interval.overlaps(y[0].interval) and x[1].interval.overlaps(y[1].interval)
    return ids == best_ids and x[0].interval.overlaps(y[1].interval) and x[1].interval.overlaps(y[0].interval)


def _crossed_by_number(case: Case, one: Told, best: Told) -> bool:
    """Whether two comparisons of groups that a number tells apart, one session and three, 10 mg and 20, give the same figure to the other
    group: both sentences know both numbers."""
    if len(one.claim.values) != 2 or len(best.claim.values) != 2 or not case.is_held_against(one, best):
        return False
    lie = agreement(one, best)
    if len(lie.agree) != 2 or lie.differ:
        return False
    for i, j in lie.agree:
        called = one.claim.values[i].group, best.claim.values[j].group
        if None in called:
            continue
        words = [case.corpus.words.stems(name or "") for name in called]
        if words[0].isdisjoint(words[1]):
            return False
        numbers = [_numbers_in(case, told, name or "") for told, name in zip((one, best), called, strict=True)]
        return (
            len(numbers[0]) == len(numbers[1]) == 1
            and numbers[0] != numbers[1]
            # Whole sentences are read last.
            and all(numbers[0] | numbers[1] <= _numbers_in(case, told, told.claim.quote) for told in (one, best))
        )
    return False


def _crossed_by_name(case: Case, one: Told, best: Told) -> bool:
    """Whether two comparisons, each of which names both its groups right beside their figures, give the same two figures to the groups of
    the same names the other way round."""
    values, others = one.claim.values, best.claim.values
    if len(values) != 2 or len(others) != 2 or not case.is_held_against(one, best):
        return False
    x, y = one.measured, best.measured
    if x[0] is None or x[1] is None or y[0] is None or y[1] is None or x[0].interval.overlaps(x[1].interval):
        return False
    if min(len(significant_digits(value.text)) for value in (*values, *others)) < _LEAST_DIGITS:
        return False
    if not all(_stands_beside(told, value) for told in (one, best) for value in told.claim.values):
        return False
    if not _owns_groups(case, one):
        return False
    names, known = _names(case, values), _names(case, others)
    straight = x[0].fits(y[0]) and x[1].fits(y[1])
    turned = x[0].fits(y[1]) and x[1].fits(y[0])
    same = bool(names[0] & known[0] and names[1] & known[1]) and not (names[0] & known[1] or names[1] & known[0])
    swapped = bool(names[0] & known[1] and names[1] & known[0]) and not (names[0] & known[0] or names[1] & known[1])
    return (straight and not turned and swapped) or (turned and not straight and same)


def _names(case: Case, values: Sequence[Value]) -> tuple[Stems, Stems]:
    """The words by which two groups are called, those that both have left out."""
    one, other = (case.corpus.words.stems(value.group or "") for value in values)
    vague = case.corpus.words.stems(" ".join(case.corpus.rules.phrases("statement-subjects")))
    return one - other - vague, other - one - vague


def _stands_beside(told: Told, value: Value) -> bool:
    """Whether the name of its group follows a figure, or a figure the name, with no other figure between."""
    quote, at = told.claim.quote, value.start - told.claim.start
    if value.group is None:
        return False
    behind = quote.find(value.group, at)
    if behind >= 0:
        between = quote[at + len(value.text) : behind]
        return len(between) <= _BESIDE and not _DIGIT.search(between)
    before = quote.rfind(value.group, 0, at)
    between = quote[before + len(value.group) : at]
    return before >= 0 and len(between) <= _BESIDE and not _DIGIT.search(between)


def _turned_round(case: Case, one: Told, best: Told, params: Params) -> bool:
    """Whether two claims tell the same change of one outcome, once as a fall and once as a rise, each in a word right beside the figure."""
    if len(one.measured) != 1 or len(best.measured) != 1 or not case.is_held_against(one, best):
        return False
    x, y = one.measured[0], best.measured[0]
    if x is None or y is None or x.dimension != y.dimension or not x.size.fits(y.size) or x.digits is None:
        return False
    if {one.claim.measure, best.claim.measure} - {"relative_change", "difference"}:
        return False
    ways = {_way_beside(told, params) for told in (one, best)}
    if ways != {"up", "down"} or {one.claim.direction, best.claim.direction} != {"higher", "lower"}:
        return False
    if case.judge.alike(one.concepts["outcome"], best.concepts["outcome"]) != 1.0:
        return False
    alike = [
        case.judge.alike(one.concepts[slot], best.concepts[slot])
        for slot in ("intervention", "comparator", "condition")
    ]
    timed = same_time(one.days, best.days, _SAME_TIME) is not False
    return timed and all(likeness is None or likeness > 0 for likeness in alike)


def _way_beside(told: Told, params: Params) -> str | None:
    """Whether the words next to the one figure of a claim say that something went up or down; None where they say neither, or both."""
    value, quote = told.claim.values[0], told.claim.quote
    at = value.start - told.claim.start
    words = [*LETTERS.findall(quote[:at].lower())[-3:], *LETTERS.findall(quote[at + len(value.text) :].lower())[:2]]
    found = {way for way in ("up", "down") if not {str(word) for word in params[way]}.isdisjoint(words)}
    return found.pop() if len(found) == 1 else None


def _numbers_in(case: Case, told: Told, words: str) -> frozenset[float]:
    """The numbers in some words of a claim's sentence, those of people apart."""
    start = case.source(told).article.text.find(words, told.claim.start)
    if start < 0:
        return frozenset()
    found = case.numbers(told.source, start, start + len(words))
    return frozenset(number.value for number in found if number.value is not None and number.unit != _PEOPLE)


def _owns_groups(case: Case, told: Told) -> bool:
    """Whether no other claim of its sentence gives one of its groups a figure: else which figure is whose may have been misread."""
    groups = _called(told)
    return not any(
        other is not told and other.claim.start == told.claim.start and groups & _called(other)
        for other in case.source(told).told
    )


def _called(told: Told) -> set[str]:
    return {name for value in told.claim.values for name in (value.group, value.group_id) if name is not None}
