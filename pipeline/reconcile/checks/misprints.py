"""Numbers whose digits change places on the way from one source to another, where no finding need join the claims."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pipeline.model import Value
from pipeline.reconcile.agreement import are_swapped, is_swapped
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot
from pipeline.reconcile.corpus import Source, Told
from pipeline.reconcile.rounding import significant_digits

_LEAST_DIGITS = 2
_LEAST_SIZE = 100
"""Two digits of a smaller number are swapped by chance."""
_NUMBER = re.compile(r"\d[\d.,\u00b7]*")
_MARKS = str.maketrans("", "", ".,\u00b7")
Orders = Mapping[str, set[str]]
"""The digits of numbers as they are printed, by the same digits in order of size."""


def misprints(case: Case) -> Iterator[Draft]:
    """A number that no source of the story has, in a sentence with another number of the study, where a better source has that other
    number beside one of the same digits: 96 and 63, where 96 and 36 are told."""
    orders: dict[int, Orders] = {}
    for source in case.judged:
        story = case.related.retellings(source.index)
        better = [o for o in story if o.rank < source.rank and case.related.is_of_its_study(source.index, o.index)]
        for o in better:
            if o.index not in orders:
                orders[o.index] = _orders(o.article.text)
        told_otherwise = [orders[o.index] for o in better]
        for one in _sentences(source) if better else ():
            if not _may_be_swapped(one.claim.quote, told_otherwise):
                continue  # reading all its numbers costs much more
            ours = _long(case, one)
            for x in ours if len(ours) > 1 else ():
                if not _may_be_swapped(x.text, told_otherwise):
                    continue
                found = next((pair for o in better if (pair := _swapped(case, source, ours, x, o))), None)
                if found is not None and not _is_told(case, x, story):
                    yield _draft(case, one, x, *found)
                    break


def swapped_sizes(case: Case) -> Iterator[Draft]:
    """The number of people of one study with two digits swapped: 86,420 for 68,420."""
    for source in case.judged:
        own = {t.size: t for t in reversed(source.told) if t.size is not None and t.size >= _LEAST_SIZE}
        better = case.related.better_retellings(source) if own else []
        if any(t.size in own for other in better for t in other.told):
            continue  # one of them tells it so; another has it wrong
        for other in better:
            sizes = {t.size: t for t in reversed(other.told) if t.size is not None}
            pairs = [(t, best) for size, t in own.items() for known, best in sizes.items() if is_swapped(size, known)]
            if pairs:
                yield _size_draft(case, *pairs[0])
                break


def _size_draft(case: Case, one: Told, best: Told) -> Draft:
    figures = [f"{told.size:,.0f}" for told in (one, best)]
    words = {
        "source": case.name(one),
        "figure": figures[0],
        "reference": case.name(best),
        "reference_figure": figures[1],
        "group": case.word("people"),
        "result": case.word("size"),
    }
    spots = [case.size_told(told) for told in (one, best)]
    return Draft(spots[:1], spots[1:], None, words, {"stated": one.size, "reference": best.size, "unit": "people"})


def _is_told(case: Case, x: Value, story: Sequence[Source]) -> bool:
    """Whether some other source of the story has the number; all numbers of its text are read for that, so that it is asked last."""
    return x.value is None or any(case.prints(o.index, x.value, 0, len(o.article.text)) for o in story)


def _orders(text: str) -> Orders:
    found: dict[str, set[str]] = defaultdict(set)
    for number in _NUMBER.findall(text):
        digits = number.translate(_MARKS)
        if len(digits) >= _LEAST_DIGITS:
            found["".join(sorted(digits))].add(digits)
    return found


def _may_be_swapped(text: str, others: Sequence[Orders]) -> bool:
    """Whether some other text has the digits of a number of ``text`` in another order."""
    return any(
        digits != theirs
        for size, own in _orders(text).items()
        for other in others
        for theirs in other.get(size, ())
        for digits in own
    )


def _swapped(case: Case, source: Source, ours: list[Value], x: Value, other: Source) -> tuple[Told, Value] | None:
    """The number of the same digits as ``x`` in a sentence that has another of ``ours``; none that ``source`` has too."""
    rest = {value.value for value in ours if value is not x}
    own = [_orders(x.text)]
    for told in _sentences(other):
        if not _may_be_swapped(told.claim.quote, own):
            continue
        theirs = _long(case, told)
        for y in theirs:
            if not are_swapped(x.text, y.text) or x.unit != y.unit or len(x.text) != len(y.text) or y.value is None:
                continue
            beside = {value.value for value in theirs if value is not y}
            if rest & beside and not case.prints(source.index, y.value, 0, len(source.article.text)):
                return told, y
    return None


def _sentences(source: Source) -> Iterator[Told]:
    """One claim of each sentence that has one."""
    for told in source.told_at.values():
        yield told[0]


def _long(case: Case, one: Told) -> list[Value]:
    """The numbers of a claim's sentence that are not met everywhere: of two digits and more."""
    numbers = case.numbers(one.source, one.claim.start, one.claim.end)
    return [v for v in numbers if v.value is not None and len(significant_digits(v.text)) >= _LEAST_DIGITS]


def _draft(case: Case, one: Told, x: Value, best: Told, y: Value) -> Draft:
    words = {
        "source": case.name(one),
        "figure": x.text,
        "reference": case.name(best),
        "reference_figure": y.text,
        "group": case.word("group"),
        "result": best.claim.outcome.text if best.claim.outcome is not None else case.word("group"),
    }
    details = {"stated": x.value, "reference": y.value, "unit": y.unit}
    return Draft([Spot.of(one)], [Spot.of(best)], None, words, details)
