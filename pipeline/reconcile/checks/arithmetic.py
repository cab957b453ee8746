"""Checks on figures that cannot be: percentages that no number of people gives, two numbers for one thing."""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.model import Value
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.denials import denied
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.checks.register import Params, check
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.findings import Figure
from pipeline.reconcile.rounding import Interval, Measured
from pipeline.shapes import LETTERS

_PEOPLE = "people"
_TENS = 10
"""The press rounds to these."""
_NEAR = 80
"""Characters between a percentage and the number that it is of."""
_FEWEST = 10
"""Fewer people than that are seldom all of a study whose shares are told."""
_LEAST_OF_ONE = 50.0
"""Half a person, in percent: a share of fewer is of more people than those named."""
_MOST_ASKED = 60
"""Of more people nearly every printed percentage is possible."""
_DIGITS = re.compile(r"\d+")
_HEAD = re.compile(r"(?<![\d,.])(?<!= )(?<!=)\b(?P<number>\d{1,3}(?:,\d{3})+|\d+)\b(?: [^\W\d]+){0,4} ?[(\[]\Z")
"""A number, what it counts, and the bracket in which its share follows."""
_SIZE_BEHIND = re.compile(r" (?:of|among|in) [^,.;:()\[\]\d]{0,40}[(\[]n ?= ?(\d{2,3})[)\]]")
"""Whom a share is of, and how many they are: "of participants (n=16)"."""
_OF_NUMBER = re.compile(
    r"(?:^|[,;:] )[Oo]f (?:the|these|those|our|all)(?: (?:first|last|latest|past))? (\d{2,3})(?: [^\W\d_]+)?"
    r"(?: (?:who|that) [^,.;:()\[\]\d]{1,60})?, (?:exactly |just |only )?\Z"
)
_NUMBER_BEHIND = re.compile(
    r" of (?:the|these|those|our|all|all the|all of the) (\d{2,3})(?![\d.,%]?\d|%| ?per ?cent)\b"
)
"""Whom a share is of, by their number alone: "of the 27, 61%", "41% of these 40"."""
_PART_OF = re.compile(
    r"(?<![\d.,])\d{1,3} (?:of|out of) (?:the |all |our |these |those )?(\d{2,3})(?: [^\W\d_]+){1,3} [(\[]\Z"
)
"""So many of so many, whose share follows in a bracket: "9 of 14 bakers (64%)"."""
_GROUP_BEHIND = re.compile(r" ?[(\[]n ?= ?(\d{2,3})[)\]]")
"""How many all are, or how many the share is: "41% (n=18)"."""
_GROUP_SIZE = re.compile(r"\bn ?= ?(\d{2,4})\b", re.IGNORECASE)
_MOST_COUNTED = 500
"""Of more people nearly every percentage with one decimal is possible."""
_LEAST_APART = 1e-6
_LARGEST = 100_000
"""Above so many people every printed percentage is possible."""


def fits(percent: Interval, people: int) -> bool:
    """Whether some whole number of ``people`` is a share within ``percent`` (the GRIM test, https://doi.org/10.1177/1948550616673876)."""
    least = max(math.ceil(percent.low * people / 100 - 1e-9), 0)
    return least <= min(math.floor(percent.high * people / 100 + 1e-9), people)


def splits(percents: Sequence[Interval], total: int, least: float = 1.0) -> bool:
    """Whether ``total`` people can be split into two groups, one for each of two percentages, or be one group for a single one; where
    not all were counted in the end, of at least this share of them."""
    if len(percents) == 1:
        return any(fits(percents[0], people) for people in range(1, total + 1))
    first, second = (_fitting(percent, total) for percent in percents[:2])
    fewest = max(math.ceil(total * least), 2)
    for one in first:
        at = bisect.bisect_left(second, fewest - one)  # both lists may have a hundred thousand numbers
        if at < len(second) and one + second[at] <= total:
            return True
    return False


def _fitting(percent: Interval, total: int) -> list[int]:
    """All numbers of people below ``total`` that :func:`fits` holds for."""
    people = np.arange(1, total)
    least = np.maximum(np.ceil(percent.low * people / 100 - 1e-9), 0)
    found: list[int] = people[least <= np.minimum(np.floor(percent.high * people / 100 + 1e-9), people)].tolist()
    return found


@check("impossible_percent")
def impossible_percent(case: Case, params: Params) -> Iterator[Draft]:
    """No whole number of people out of the stated number gives the stated percentage."""
    for source in case.judged:
        for told in source.told:
            if told.claim.measure != "proportion":
                continue
            for at, value in enumerate(told.claim.values):
                measured = told.measured[at]
                if (
                    measured is None
                    or value.n is None
                    or not measured.interval.exact
                    or measured.dimension != "percent"
                ):
                    continue
                if value.qualifier is not None or not 0 < value.n <= _LARGEST or not 0 <= measured.point <= 100:
                    continue
                cut = _cut(measured)
                at = value.start - told.claim.start
                if fits(cut, value.n) or not _is_printed(case, source, value.n, told, at):
                    continue
                if _is_counted(value.n, told.claim.quote[:at], params["of"]) or _has_whole(
                    case, source, value.n, told.claim.quote[:at], measured
                ):
                    continue
                words = _told_beside(case, source, value, measured, value.n)
                yield Draft(
                    [Spot.of(told)],
                    (),
                    case.result_of.get(told.claim.claim_id),
                    words,
                    {"percent": measured.point, "n": value.n},
                )
                break
            else:
                yield from _split(case, source, told, params)
                yield from _of_those_asked(case, source, told, params)
                yield from _of_all(case, source, told, params)


def _cut(measured: Measured) -> Interval:
    """The shares that are printed as this one, by rounding or by leaving off the digits behind; the next printed share is none of them."""
    low, high, _ = measured.interval
    # "451 of 483" is rounded from nothing.
    return Interval(low, high + high - measured.point - _LEAST_APART) if low < high else measured.interval


def _told_beside(case: Case, source: Source, value: Value, measured: Measured, people: int) -> dict[str, str]:
    """What the message says: the share, and the two that so many people can give next to it."""
    below = math.floor(measured.point * people / 100)
    return {
        "source": source.name,
        "figure": case.printed(value),
        "people": str(people),
        "below": f"{below} of {people} is {100 * below / people:.1f}",
        "above": f"{below + 1} is {100 * (below + 1) / people:.1f}",
    }


def _is_printed(case: Case, source: Source, people: int, told: Told, at: int) -> bool:
    """Whether the sentence itself states the number of people, in digits or words, near the figure at ``at``."""
    claim = told.claim
    return any(
        number.value == people and abs(number.start - claim.start - at) <= _NEAR
        for number in case.numbers(source.index, claim.start, claim.end)
    ) or any(
        match.group().replace(",", "") == str(people) and abs(match.start() - at) <= _NEAR
        for match in re.finditer(r"\d+(?:,\d{3})*", claim.quote)
    )


def _is_counted(people: int, before: str, of: Sequence[str]) -> bool:
    """Whether the words ``before`` a share end in the number of those whose share it is, as in "72 patients (80%)", and not, with one of
    the words ``of`` close before it, in that of the whole group."""
    head = _HEAD.search(before)
    if head is None or head.group("number").replace(",", "") != str(people):
        return False
    return not set(before[: head.start()].lower().split()[-2:]) & set(of)


def _has_whole(case: Case, source: Source, people: int, before: str, share: Measured) -> bool:
    """Whether the words ``before`` a share end in a number that is this share of another that its article prints: "in 19 children
    (19.4%)", of 98."""
    head = _HEAD.search(before)
    if head is None or head.group("number").replace(",", "") != str(people):
        return False
    low, high, _ = share.interval
    return any(
        number.value is not None and number.value > people and low <= 100 * people / number.value <= high
        for number in case.numbers(source.index, 0, len(source.article.text))
    )


def _of_those_asked(case: Case, source: Source, told: Told, params: Params) -> Iterator[Draft]:
    """A share of a small group whose number the sentence states before it, or the sentence before where the share is "of them"; also
    where not all were counted in the end."""
    for value, measured in zip(told.claim.values, told.measured, strict=True):
        if measured is None or value.n is not None or value.qualifier is not None or measured.dimension != "percent":
            continue
        if not measured.interval.exact or not 0 < measured.point < 100:
            continue
        found = _asked(case, source, told, value, params)
        if found is None:
            continue
        people, spot, is_of_all = found
        before = told.claim.quote[: value.start - told.claim.start]
        if spot is None and (
            _is_counted(people, before, params["of"]) or _has_whole(case, source, people, before, measured)
        ):
            continue
        if measured.point * people < _LEAST_OF_ONE:
            continue  # 27 women (0.38%): how many they are, of more
        fewest = people if is_of_all else max(math.ceil(people * float(params["least_counted"])), 1)
        interval = measured.interval
        if measured.point % _TENS == 0 and source.article.kind in params["rough_kinds"]:
            slack = float(params["slack"])  # the press cuts 70.8 to 70
            interval = Interval(interval.low - slack, interval.high + slack)
        if any(fits(interval, n) for n in range(fewest, people + 1)):
            continue
        words = _told_beside(case, source, value, measured, people)
        spots = [Spot.of(told), *([spot] if spot is not None else [])]
        result = case.result_of.get(told.claim.claim_id)
        yield Draft(spots, (), result, words, {"percent": measured.point, "n": people}, figures=(float(people),))
        return


def _of_all(case: Case, source: Source, told: Told, params: Params) -> Iterator[Draft]:
    """A share of a group that an article says were all counted in the end: of the one size that its groups have, or of all of a study
    that compares none."""
    claim = told.claim
    everybody = source.bearing(str(params["everybody"]))
    said = set(LETTERS.findall(claim.quote.lower()))
    if not everybody or said & {str(word) for word in params["estimates"]}:
        return
    sizes = {int(size) for size in _GROUP_SIZE.findall(source.article.text)}
    grouped = bool(sizes) or bool(source.bearing("randomised"))
    if grouped:
        people = sizes.pop() if len(sizes) == 1 else None
    else:
        people = int(told.size) if told.size is not None and told.size.is_integer() else None
    if people is None or not _FEWEST <= people <= _MOST_COUNTED:
        return
    for value, measured in zip(claim.values, told.measured, strict=True):
        if measured is None or value.n is not None or value.qualifier is not None or measured.dimension != "percent":
            continue
        if _is_of_part(told, value, params):
            continue
        if (grouped and value.role not in ("arm", "comparator")) or not 0 < measured.point < 100:
            continue
        if not measured.interval.exact or fits(_cut(measured), people):
            continue
        words = _told_beside(case, source, value, measured, people)
        spots = [Spot.of(told), case.sentence(source.index, everybody[0])]
        result = case.result_of.get(claim.claim_id)
        yield Draft(spots, (), result, words, {"percent": measured.point, "n": people}, figures=(float(people),))
        return


def _is_of_part(told: Told, value: Value, params: Params) -> bool:
    """Whether a share is said to be of something else than all those who took part: of some of them, of their load."""
    after = told.claim.quote[value.end - told.claim.start :].lower().split()
    return after[:1] == ["of"] and not set(after[1:4]) & {str(word) for word in params["all_of"]}


class _Asked(NamedTuple):
    """How many people a share is of."""

    people: int
    spot: Spot | None = None
    """Where the sentence before says so."""
    is_of_all: bool = False
    """Whether the words leave no doubt that it is of all of them."""


def _asked(case: Case, source: Source, told: Told, value: Value, params: Params) -> _Asked | None:
    claim = told.claim
    at = value.start - claim.start
    behind = claim.quote[at + len(value.text) :]
    of_number = _OF_NUMBER.search(claim.quote[:at]) or _NUMBER_BEHIND.match(behind)
    if of_number is not None and _counts(case, source, claim.start, claim.end, int(of_number.group(1))):
        people = int(of_number.group(1))
        said = set(LETTERS.findall(claim.quote.lower())) & {str(word) for word in params["estimates"]}
        return _Asked(people, is_of_all=True) if _FEWEST <= people <= _MOST_ASKED and not said else None
    part_of = _PART_OF.search(claim.quote[:at])
    if part_of is not None and behind.startswith((")", "]", ";", ",")):
        people = int(part_of.group(1))
        return _Asked(people, is_of_all=True) if _FEWEST <= people <= _MOST_ASKED else None
    grouped = _GROUP_BEHIND.match(behind)
    if grouped is not None:
        people = int(grouped.group(1))
        known = any(
            t.claim.start != claim.start and t.claim.measure == "sample_size" and t.size == people for t in source.told
        )
        return _Asked(people, is_of_all=True) if known and people <= _MOST_ASKED else None
    after, of_them = behind.lower(), tuple(str(words) for words in params["of_them"])
    sized = _SIZE_BEHIND.match(after)
    if value.group and value.group in (said_before := claim.quote[:at]):
        head = re.compile(rf"(?<![\d,.])(\d{{2,3}}) (?:[^\W\d]+ )??{re.escape(value.group)}(?!\w)")
        numbers = {int(match.group(1)) for match in head.finditer(said_before)}
        if len(numbers) == 1 and len(re.findall(r"\d+", said_before)) == 1:
            people = numbers.pop()
            is_of_all = sized is not None or after.startswith(of_them)
            return _Asked(people, is_of_all=is_of_all) if _FEWEST <= people <= _MOST_ASKED else None
    if sized is not None:
        return _Asked(int(sized.group(1)), is_of_all=True)
    if not after.startswith(of_them):
        return None
    before = [t for t in source.told if t.claim.end <= claim.start and claim.start - t.claim.end <= 2]
    sizes = {v.value for t in before for v in t.claim.values} | {
        t.size for t in before if t.claim.sample_size is not None
    }
    if len(sizes) != 1 or (size := sizes.pop()) is None or not size.is_integer() or not _FEWEST <= size <= _MOST_ASKED:
        return None
    return _Asked(int(size), Spot.of(before[-1]))


def _counts(case: Case, source: Source, start: int, end: int, people: int) -> bool:
    """Whether a number of a sentence has no unit but of people: not a dose, "of the 40 mg group"."""
    known = [number for number in case.numbers(source.index, start, end) if number.value == people]
    return not known or any(number.unit in (None, _PEOPLE) for number in known)


def _split(case: Case, source: Source, told: Told, params: Params) -> Iterator[Draft]:
    """Two groups of a study of known size, whose own sizes are not told."""
    values = [
        (value, measured)
        for value, measured in zip(told.claim.values, told.measured, strict=True)
        if measured is not None and measured.dimension == "percent" and value.role in ("arm", "comparator")
    ]
    total = told.size
    if (
        len(values) != 2
        or len(told.claim.values) != 2
        or total is None
        or not _FEWEST <= total <= 1000
        or not total.is_integer()
    ):
        return
    if any(
        v.n is not None or v.qualifier is not None or not m.interval.exact or not 0 <= m.point <= 100 for v, m in values
    ):
        return
    if any(_is_of_part(told, value, params) for value, _ in values):
        return
    percents = [m.interval for _, m in values]
    if splits(percents, int(total), float(params["least_counted"])) or all(
        fits(percent, int(total)) for percent in percents
    ):
        return  # of two groups, or both of all of them
    words = {
        "source": source.name,
        "figure": " and ".join(case.printed(v) for v, _ in values),
        "people": str(int(total)),
        "below": case.word("no_split"),
        "above": case.word("check_split"),
    }
    result = case.result_of.get(told.claim.claim_id)
    yield Draft([Spot.of(told)], (), result, words, {"n": total}, figures=(total,))


@check("self_contradiction")
def self_contradiction(case: Case, params: Params) -> Iterator[Draft]:
    """One article gives two numbers for one figure, or says in words what it denies elsewhere."""
    yield from denied(case, params)
    for result in case.results:
        for group in result.groups:
            by_source: dict[int, list[int]] = {}
            for place, figure in enumerate(group.figures):
                by_source.setdefault(figure.told.source, []).append(place)
            for source, places in sorted(by_source.items()):
                first = group.figures[places[0]]
                for other in (group.figures[place] for place in places[1:]):
                    if (
                        other.told.claim.start == first.told.claim.start
                        or first.measured.fits(other.measured)
                        or not _is_one(case, first, other)
                        or _prints_both(case, first, other)
                    ):
                        continue
                    likeness = case.judge.compare(first.told, other.told)
                    sure = sum(w for name, w in likeness.parts.items() if not name.startswith(("value_", "articles")))
                    if likeness.barred or sure < float(params["identity"]):
                        continue
                    if case.several.are_of_two(first.told, other.told, case.related.retellings(source)):
                        continue
                    words = {
                        "source": case.sources[source].name,
                        "figure": case.printed(first.value),
                        "other_figure": case.printed(other.value),
                        "result": result.record.label,
                    }
                    yield Draft([Spot.of(first.told), Spot.of(other.told)], (), result, words)
                    break


def _prints_both(case: Case, one: Figure, other: Figure) -> bool:
    """Whether the sentence of one figure has the other too, for something else that was not read."""
    return any(
        y.value.value is not None and case.prints(x.told.source, y.value.value, x.told.claim.start, x.told.claim.end)
        for x, y in ((one, other), (other, one))
    )


def _is_one(case: Case, one: Figure, other: Figure) -> bool:
    """Whether two figures are given for the same thing beyond doubt: of the same group, measured alike at one time, in whole sentences."""
    a, b = one.told, other.told
    treatments = {
        f"{t.concepts['intervention'].key} {_DIGITS.findall(t.concepts['intervention'].text)}" for t in (a, b)
    }
    if len(treatments) > 1:
        return False  # twelve weeks of it, or eight
    return (
        one.value.role is not None
        and one.value.role == other.value.role
        and a.claim.kind == b.claim.kind
        and a.claim.measure == b.claim.measure
        and a.days == b.days
        and a.marks == b.marks
        and case.judge.alike(a.concepts["outcome"], b.concepts["outcome"]) == 1.0
    )
