"""Words as word pieces, the input of the encoder, and sentences that are too long for it as windows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

_LONGEST = 100
"""Characters of a word that are looked at; a longer one is no word."""
_MOST = 120
"""Pieces of a word that are kept."""
_KNOWN = 50_000
"""Words whose pieces are remembered: most words of a text come again."""
MARKS = 2
"""Pieces of a sentence beside those of its words: the marks of its begin and end."""

Indices = npt.NDArray[np.int64]


class Pieces(NamedTuple):
    """W words as P pieces, the marks of begin and end among them; all int64."""

    ids: Indices
    """[P]"""
    shapes: Indices
    """[P] case of the word that a piece belongs to; see :func:`shape_of`."""
    first: Indices
    """[W] index of a word's first piece"""
    last: Indices
    """[W] index of a word's last piece"""


class _Word(NamedTuple):
    ids: tuple[int, ...]
    shapes: tuple[int, ...]


class WordPieces:
    """Cuts words into pieces; each word by itself, so that a word's pieces never depend on its neighbours."""

    def __init__(self, path: Path) -> None:
        """``path`` is a file of the ``tokenizers`` library: an uncased WordPiece. Raises ``Exception`` where it is none."""
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        # "[SEP]" printed in a text is text.
        self._tokenizer.encode_special_tokens = True
        begin, end, unknown = (self._tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]", "[UNK]"))
        if begin is None or end is None or unknown is None:
            raise ValueError("the pieces lack [CLS], [SEP] or [UNK]")
        self._begin, self._end, self._unknown = begin, end, unknown
        self._word = lru_cache(maxsize=_KNOWN)(self._cut)

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return int(self._tokenizer.get_vocab_size())

    def __call__(self, words: Sequence[str]) -> Pieces:
        """The pieces of one sentence. A word of which nothing is left (white space, an odd sign) is one unknown piece."""
        cut = [self._word(word[:_LONGEST]) for word in words]
        sizes = np.fromiter((len(word.ids) for word in cut), np.int64, len(cut))
        ends = sizes.cumsum()
        return Pieces(
            ids=np.array([self._begin, *chain.from_iterable(word.ids for word in cut), self._end], np.int64),
            shapes=np.array([0, *chain.from_iterable(word.shapes for word in cut), 0], np.int64),
            first=ends - sizes + 1,
            last=ends,
        )

    def sizes(self, words: Sequence[str]) -> list[int]:
        """How many pieces each word has, at least 1."""
        return [len(self._word(word[:_LONGEST]).ids) for word in words]

    def _cut(self, word: str) -> _Word:
        clean = word.encode("utf-8", "replace").decode("utf-8")  # half a character would be an error
        ids = tuple(self._tokenizer.encode(clean, add_special_tokens=False).ids[:_MOST]) or (self._unknown,)
        return _Word(ids, (shape_of(word),) * len(ids))


def shape_of(word: str) -> int:
    """0 other, 1 lower case, 2 Capitalised, 3 UPPER CASE, 4 miXed, 5 with a digit."""
    if any(character.isdigit() for character in word):
        return 5
    if not any(character.isalpha() for character in word):
        return 0
    if word.islower():
        return 1
    if word.isupper() and len(word) > 1:
        return 3
    if word[0].isupper() and (word[1:].islower() or len(word) == 1):
        return 2
    return 4


def windows(
    words: Sequence[str], sizes: Sequence[int], limit: int, breaks: Sequence[Collection[str]] = ()
) -> list[tuple[int, int]]:
    """Cuts ``words`` into ranges ``(start, end)`` whose ``sizes`` add up to at most ``limit``; one range where all fit.

    A window ends behind the last word in its second half that is one of ``breaks[0]``, else of ``breaks[1]`` and so on, else
    where it is full. A word larger than ``limit`` has a window of its own.
    """
    found: list[tuple[int, int]] = []
    start = size = 0
    at = 0
    while at < len(words):
        if at > start and size + sizes[at] > limit:
            end = _break(words, start, at, breaks)
            found.append((start, end))
            start = end
            size = sum(sizes[start:at])
            continue
        size += sizes[at]
        at += 1
    if start < len(words):
        found.append((start, len(words)))
    return found


def _break(words: Sequence[str], start: int, end: int, breaks: Sequence[Collection[str]]) -> int:
    for marks in breaks:
        for at in range(end - 1, (start + end) // 2 - 1, -1):
            if words[at] in marks:
                return at + 1
    return end
