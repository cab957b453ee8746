"""Word pieces and windows."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from pipeline.language.pieces import WordPieces, shape_of, windows

VOCABULARY = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "walk",
    "##ers",
    "slept",
    "(",
    ")",
    "-",
    "4",
    "##8",
    ".",
    "2",
    "cafe",
    "[",
    "]",
)


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> WordPieces:
    model = WordPiece({piece: index for index, piece in enumerate(VOCABULARY)}, unk_token="[UNK]")
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=4)
    path: Path = tmp_path_factory.mktemp("pieces") / "pieces.json"
    tokenizer.save(str(path))
    return WordPieces(path)


def named(pieces: WordPieces, *words: str) -> list[str]:
    return [VOCABULARY[index] for index in pieces(words).ids]


def test_words_become_pieces_between_marks(pieces: WordPieces) -> None:
    found = pieces(["Walkers", "slept", "48.2", "(", "café"])
    assert [VOCABULARY[index] for index in found.ids] == [
        "[CLS]", "walk", "##ers", "slept", "4", "##8", ".", "2", "(", "cafe", "[SEP]",
    ]  # fmt: skip
    assert found.first.tolist() == [1, 3, 4, 8, 9]
    assert found.last.tolist() == [2, 3, 7, 8, 9]
    assert found.shapes.tolist() == [0, 2, 2, 1, 5, 5, 5, 5, 0, 1, 0]
    assert {array.dtype.name for array in found} == {"int64"}


def test_words_of_which_nothing_is_left_are_unknown(pieces: WordPieces) -> None:
    assert named(pieces, "\n", "\u200b", "", "☃", "\ud800") == ["[CLS]", *["[UNK]"] * 5, "[SEP]"]


def test_a_printed_mark_is_no_mark(pieces: WordPieces) -> None:
    assert named(pieces, "[SEP]")[1:-1] == ["[", "[UNK]", "]"]


def test_the_pieces_of_a_word_never_depend_on_its_neighbours(pieces: WordPieces) -> None:
    words = ["Walkers", "slept", "-", "(", "\n", "48.2"]
    for start in range(len(words)):
        alone = pieces([words[start]]).ids[1:-1].tolist()
        found = pieces(words)
        assert found.ids[found.first[start] : found.last[start] + 1].tolist() == alone


def test_a_word_of_a_megabyte_is_cut(pieces: WordPieces) -> None:
    begin = time.process_time()
    assert len(pieces(["-" * 1_000_000]).ids) <= 122
    assert len(pieces(["walk" * 250_000]).ids) == 3  # one unknown word
    assert pieces.sizes(["(-" * 500_000, "slept"]) == [100, 1]
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    ("word", "shape"),
    [("(", 0), ("walk", 1), ("Walk", 2), ("I", 2), ("MRI", 3), ("iPod", 4), ("COVID-19", 5), ("4", 5), ("", 0)],
)
def test_shapes(word: str, shape: int) -> None:
    assert shape_of(word) == shape


BREAKS = (frozenset(";"), frozenset(","))


def test_what_fits_is_one_window() -> None:
    assert windows(["a", ";", "b"], [1, 1, 1], 3, BREAKS) == [(0, 3)]
    assert windows([], [], 3, BREAKS) == []


def test_windows_end_at_the_best_mark_in_reach() -> None:
    words = list("a;b,cdef")
    assert windows(words, [1] * 8, 5, BREAKS) == [(0, 4), (4, 8)]  # the semicolon would leave half of the window empty
    assert windows(list("ab;c,def"), [1] * 8, 5, BREAKS) == [(0, 3), (3, 8)]
    assert windows(["a"] * 8, [1] * 8, 5, BREAKS) == [(0, 5), (5, 8)]


def test_windows_hold_all_words_and_no_more_pieces_than_they_may() -> None:
    words = ["x", ",", "y", ";", "z"] * 400
    sizes = [3, 1, 120, 1, 7] * 400
    found = windows(words, sizes, 498, BREAKS)
    assert [start for start, _ in found] == [0, *(end for _, end in found[:-1])]
    assert found[-1][1] == len(words)
    assert all(sum(sizes[start:end]) <= 498 for start, end in found)


def test_a_word_larger_than_a_window_stands_alone() -> None:
    assert windows(["a", "b", "c"], [1, 9, 1], 5) == [(0, 1), (1, 2), (2, 3)]
