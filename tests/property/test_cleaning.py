"""Whatever the text, cleaning gives blocks or a plain refusal, and loses no digit of ordinary prose."""

from __future__ import annotations

from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clean.clean import clean
from pipeline.clean.marks import find_marks
from pipeline.errors import UnusableInputError
from tests.unit.clean.support import LIMITS, alnum, document, rules

PIECES = [
    *[
        "Tea",
        "tea",
        "sleep",
        "12",
        "0.5",
        "?mg",
        "(3)",
        "[4]",
        "¹²",
        "10²",
        ".",
        ", ",
        " ",
        " ",
        "\n",
        "\n\n",
        "\n\n\n",
    ],
    *[
        "• ",
        "1. ",
        "2) ",
        "|",
        "\t",
        "- ",
        "References",
        "(Roe et al., 2019)",
        "Leave a Reply",
        "Share",
        "?",
        "!",
        "a" * 50,
    ],
    "References\n\n1. Roe A. Tea. J Tea. 2019;1:1-9.\n\n2. Poe B. Milk. J Tea. 2020;2:1-9.\n\n",
    *[
        "What is it?The",
        "GoodMany people sleep well",
        "â€™",
        "\u00ad",
        "\u200b",
        "\u202e",
        "&lt;",
        "http://example.org/a?b=1",
    ],
    *[
        "10.1234/x",
        "---\n",
        "# ",
        "<sup>2</sup>",
        "**",
        "`",
        "[^1]",
        "[^1]: ",
        "é",
        "e\u0301",
        "–",
        "By Jane Roe",
        "May 4, 2019",
    ],
]
messy = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map("".join)
words = st.sampled_from(
    [
        "tea",
        "sleep",
        "garden",
        "12",
        "3.5",
        "40%",
        "of",
        "and",
        "kg/m2",
        "CD4",
        "(n = 5)",
        "10²",
        "COVID-19",
        "p < 0.05",
    ]
)
sentences = st.lists(words, min_size=3, max_size=25).map(lambda w: "Gardeners " + " ".join(w) + ".")


@settings(max_examples=150, deadline=None)
@given(messy | st.text(max_size=200), st.sampled_from(["text", "markdown"]))
def test_nothing_but_a_refusal_is_raised(content: str, media: Literal["text", "markdown"]) -> None:
    try:
        found = clean(document(content, media), rules(), LIMITS)
    except UnusableInputError:
        return
    assert found.blocks
    assert all(
        block.text and "\n" not in block.text and block.text == " ".join(block.text.split()) for block in found.blocks
    )
    for mark in find_marks(found.text, found.references):
        assert found.text[mark.start : mark.end] == mark.text
        assert mark.keys


@settings(max_examples=100, deadline=None)
@given(messy)
def test_cleaning_is_repeatable(content: str) -> None:
    try:
        first = clean(document(content), rules(), LIMITS)
    except UnusableInputError:
        return
    assert clean(document(content), rules(), LIMITS) == first


@settings(max_examples=100, deadline=None)
@given(st.lists(sentences, min_size=1, max_size=6))
def test_prose_keeps_every_letter_and_digit(prose: list[str]) -> None:
    text = "\n\n".join(prose)
    assert alnum(clean(document(text), rules(), LIMITS).text) == alnum(text)


@settings(max_examples=60, deadline=None)
@given(sentences)
def test_one_sentence_is_untouched(sentence: str) -> None:
    assert clean(document(sentence), rules(), LIMITS).text == sentence
