"""The tokenizer on any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from pipeline.language.tokenizer import make_nlp
from pipeline.rules.loader import load_rules

_PIECES = st.sampled_from(
    [
        "don't",
        "cannot",
        "Fig.",
        "No.",
        " ",
        "  ",
        "\n",
        "\u00a0",
        "95%CI",
        "0.5mg",
        "-",
        "'s",
        "(",
        ")",
        ".",
        "..",
        "www.",
        "@",
        "¹²",
        "\u00ad",
        "A.",
        "3",
        "é",
    ]
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return make_nlp(load_rules(Path(__file__).parents[2] / "rules"))


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200) | st.lists(_PIECES, max_size=40).map("".join))
def test_tokens_are_the_text(nlp: Language, text: str) -> None:
    doc = nlp(text)
    assert "".join(token.text_with_ws for token in doc) == text
    for token in doc:
        assert token.text
        # No token joins what white space parts.
        assert token.is_space or not any(character.isspace() for character in token.text)


@settings(max_examples=50, deadline=None)
@given(before=st.lists(_PIECES, max_size=20).map("".join), after=st.lists(_PIECES, max_size=20).map("".join))
def test_a_line_break_parts_texts(nlp: Language, before: str, after: str) -> None:
    words = [token.text for token in nlp(f"{before}\n{after}") if not token.is_space]
    apart = [token.text for part in (before, after) for token in nlp(part) if not token.is_space]
    assert words == apart
