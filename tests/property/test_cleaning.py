"""Whatever the text, cleaning gives blocks or a plain refusal, and loses no digit of ordinary prose."""

from __future__ import annotations

from html import escape
from typing import Literal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.clean.clean import clean
from pipeline.clean.mark_finder import MarkFinder
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
    for mark in MarkFinder(rules()).find(found.text, found.references):
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


cited = st.sampled_from(
    ["(Roe et al., 2019)", "(Poe & Doe, 2020)", "[3]", "(4)", "J Garden Med. 2019;3:1-9", "10.1234/tea.5"]
)
citing = st.lists(words | cited, min_size=3, max_size=25).map(lambda w: "In NAP 1 gardeners " + " ".join(w) + ".")
entries = st.sampled_from(
    [
        "Roe A. Tea. J Tea. 2019;1:1-9.",
        "Roe A. Milk at night. J Tea. 2019;2:1-9.",
        "Poe B, Doe C. Naps. J Tea. 2020;3:1-9. doi:10.1234/nap.1",
        "1. Moe D. Beds. J Tea. 2021;4:1-9.",
        "[2] Loe E. Mint. J Tea. 2021;5:1-9.",
        "References",
        "Sources",
    ]
)


@settings(max_examples=150, deadline=None)
@example(["In NAP 1 gardeners CD4 tea (4) J Garden Med. 2019;3:1-9."], "text")
@given(st.lists(citing | sentences | entries, min_size=1, max_size=8), st.sampled_from(["text", "markdown", "html"]))
def test_no_paragraph_is_in_neither_text_nor_references(
    paragraphs: list[str], media: Literal["text", "markdown", "html"]
) -> None:
    source = "".join(f"<p>{escape(p)}</p>" for p in paragraphs) if media == "html" else "\n\n".join(paragraphs)
    try:
        found = clean(document(source, media), rules(), LIMITS)
    except UnusableInputError:
        return
    everything = alnum(" ".join([found.text, *(f"{r.key} {r.text}" for r in found.references)]))
    # A heading goes with its list; the number of an entry is its key.
    lost = [
        p
        for p in paragraphs
        if p not in ("References", "Sources") and alnum(p.split("] ")[-1].removeprefix("1. ")) not in everything
    ]
    assert lost == []
