"""Whatever the text: mentions are exact, sorted and apart, nothing raises, and the work grows with the length."""

from __future__ import annotations

import importlib
import math
import re
import sys
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.model import Mention
from tests.unit.components.quantity_support import finder

constants: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")

PIECES = [
    "5",
    "10",
    "27",
    "1.5",
    "0.05",
    "1,000",
    "2019",
    "1990s",
    "½",
    "10⁶",
    "one",
    "two",
    "three",
    "forty-five",
    "hundred",
    "million",
    "half",
    "third",
    "none",
    "twice",
    "several",
    "few",
    "a",
    "single",
    "weekly",
    "week",
    "12",
    "(44%)",
    "of",
    "27",
    "in",
    "out",
    "every",
    "to",
    "and",
    "or",
    "between",
    "from",
    "about",
    "nearly",
    "over",
    "at",
    "least",
    "≥",
    "<",
    "±",
    "×",
    "/",
    "-",
    "–",
    "—",
    ".",
    ",",
    ";",
    ":",
    "(",
    ")",
    "[",
    "]",
    "%",
    "$",
    "£",
    "US$",
    "mg",
    "mg/kg",
    "m",
    "s−1",
    "°C",
    "years",
    "old",
    "days",
    "hours",
    "times",
    "fold",
    "percent",
    "people",
    "patients",
    "trials",
    "Table",
    "Fig.",
    "CI",
    "95%",
    "p",
    "n",
    "=",
    "et",
    "al.",
    "Miller",
    "May",
    "12:30",
    "http://",
    "a@b.c",
    "NCT01234567",
    "e999",
    "İ",
    "🌱",
    "\n",
    "\t",
    "\xa0",
    "x10^9",
    "²",
    "³",
]
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
)


def check(text: str, mentions: list[Mention]) -> None:
    end = 0
    for mention in mentions:
        assert end <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        assert "\n" not in mention.text
        assert (mention.low is None) == (mention.high is None)
        if mention.low is not None and mention.high is not None:
            assert mention.value is None
            assert mention.low <= mention.high
        numbers = (mention.value, mention.low, mention.high, mention.total, mention.tolerance)
        assert all(number is None or math.isfinite(number) for number in numbers)
        end = mention.end


@given(TEXTS)
@example("")
@example("$1e308bn")
@example("1" * 1000 + " to " + "9" * 40 + " trillion years")
@example("1e308 of 1e308, 1 in 1e308, 1e308:1e-308, 0×10^999")
@settings(max_examples=400, deadline=None)
def test_mentions_are_exact_on_any_text(text: str) -> None:
    check(text, finder().find(text))


@given(TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_a_line_reads_the_same_wherever_it_stands(text: str, other: str) -> None:
    line, above = (re.sub(r"\s", " ", part) for part in (text, other))
    shift = len(above) + 2
    below = [mention for mention in finder().find(f"{above}\n\n{line}") if mention.start >= shift]
    assert [(m.start - shift, m.end - shift, m.value, m.unit) for m in below] == [
        (m.start, m.end, m.value, m.unit) for m in finder().find(line)
    ]


UNITS = [
    "1,", "1-", "7", "one ", "1,111,", "1 ", "1.", "½", "(", "[1,", "two and ", "5 mg/", "1/", "p<0.", "between 1 and ",
    "several months or ", "12 (44%) of ", "none in ", "5 ± ", "Fig. 1, ", "5×10^", "+44 ", "(A et al. ", "5 deaths per 1000 ",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_calls_grow_no_faster_than_the_text(unit: str) -> None:
    short, long = (_calls((unit * size)[:size]) for size in (600, 2400))
    assert long <= 4.2 * short + 500


def _calls(text: str) -> int:
    count = 0

    def step(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(step)
    try:
        finder().find(text)
    finally:
        sys.setprofile(None)
    return count


def test_expressions_look_at_a_bounded_piece_of_text() -> None:
    """No repetition in any expression is unbounded, but for runs of one kind of character that a scan passes once."""
    patterns = list(_patterns(finder(), set()))
    assert len(patterns) > 60
    for pattern in patterns:
        for body in _unbounded(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE | re.UNICODE)):
            assert [operation for operation, _ in body] in ([constants.IN], [constants.CATEGORY]), pattern.pattern


def _patterns(thing: Any, seen: set[int]) -> Iterator[re.Pattern[str]]:
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, re.Pattern):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from _patterns(value, seen)
    elif isinstance(thing, tuple | list):
        for value in thing:
            yield from _patterns(value, seen)
    elif isinstance(thing, ModuleType):
        for value in vars(thing).values():
            if isinstance(value, re.Pattern):
                yield from _patterns(value, seen)
    elif type(thing).__module__.startswith("pipeline."):
        yield from _patterns(sys.modules[type(thing).__module__], seen)
        for value in vars(thing).values():
            yield from _patterns(value, seen)


def _unbounded(parsed: Any) -> Iterator[Any]:
    for operation, argument in parsed:
        if operation in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            _, most, body = argument
            if most is constants.MAXREPEAT:
                yield body
            yield from _unbounded(body)
        elif operation is constants.SUBPATTERN:
            yield from _unbounded(argument[-1])
        elif operation is constants.BRANCH:
            for branch in argument[1]:
                yield from _unbounded(branch)
        elif operation in (constants.ASSERT, constants.ASSERT_NOT):
            yield from _unbounded(argument[1])
