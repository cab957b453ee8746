"""A word that is not there is not looked for, and what is there is found as it would be by looking everywhere."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pipeline.components.hints import Hint, lowered_words
from pipeline.shapes import alternation

PHRASES = ("half", "a few", "no one", "one", "twenty-one", "million")
HINT = Hint(PHRASES)
PATTERN = re.compile(rf"(?<![\w-]){alternation(PHRASES)}(?!\w)")
_PIECES = st.sampled_from((*PHRASES, "A FEW", "none", "İ", "é", "-", " ", "  ", "\n", "_", "’s", "1", "x", "."))


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_all_that_a_pattern_finds_is_found(text: str) -> None:
    lower = lowered_words(text)
    everywhere = [match.span() for match in PATTERN.finditer(lower.text)]
    assert [match.span() for match in HINT.matches(PATTERN, lower)] == everywhere
    assert HINT.may_be_in(lower) or not everywhere


def test_nothing_is_looked_for_without_its_longest_word() -> None:
    assert not HINT.may_be_in(lowered_words("no day as a way"))
    assert HINT.may_be_in(lowered_words("No One"))


def test_without_phrases_there_is_nothing_to_look_for() -> None:
    assert not Hint(()).may_be_in(lowered_words("one"))
