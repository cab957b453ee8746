"""What a text quotes."""

from __future__ import annotations

import time

import pytest

from pipeline.reconcile.quotes import Quotes


@pytest.mark.parametrize(
    ("text", "word", "quoted"),
    [
        ("She said: “It cures all.” We doubt it.", "cures", True),
        ("She said: “It cures all.” We doubt it.", "doubt", False),
        ('"It cures all," she said, "and fast." We doubt it.', "fast", True),
        ('"It cures all," she said, "and fast." We doubt it.', "said", False),
        ("“It cures all,\n\nshe went on. It is cheap.", "cures", True),
        ("“It cures all,\n\nshe went on. It is cheap.", "cheap", False),
        ("It ended there.” It is cheap.", "cheap", False),
        ('A 5" nail and a 6" nail.', "nail", True),
        ("No marks at all.", "marks", False),
    ],
)
def test_a_word_is_quoted_where_it_stands_between_marks_of_its_paragraph(text: str, word: str, quoted: bool) -> None:
    assert Quotes(text).holds(text.index(word)) is quoted


def test_a_mark_that_was_forgotten_quotes_no_whole_page() -> None:
    text = "“It " + "runs on " * 400
    assert not Quotes(text).holds(100)


def test_many_marks_take_no_longer_than_their_number() -> None:
    start = time.process_time()
    assert Quotes('"' * 200_000).holds(1)
    assert time.process_time() - start < 5
