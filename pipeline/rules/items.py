"""A sentence as templates see it: one item for each quantity, word and punctuation mark."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from pipeline.model import Mention
from pipeline.rules.template_syntax import NOT_LENGTH, contraction, fold, is_shouted

_ITEM = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_QUOTES = frozenset("\"'`´“”„‘’‚«»")
_HYPHENS = frozenset("-\u2010\u2011\u2013\u00ad")
_OPEN = {"(": ")", "[": "]"}
_KNOWN = 50_000
"""Words that are remembered."""
_PIECES = 1024
"""Pieces of texts whose items are remembered."""
_WIDE = frozenset(",()[]%&/-\u2013+*")


class Item(NamedTuple):
    """One item; ``start`` and ``end`` count into the text the items were made of."""

    start: int
    end: int
    word: str
    """The text, folded."""
    mention: Mention | None
    is_word: bool
    is_wide: bool
    """Whether a wide gap may pass over it."""
    is_capital: bool
    shouted: str | None = None
    """The text itself where it is all capitals, such as OR or US: lists and templates may ask for it so."""


class Items:
    """The items of one sentence, in order, without quotation marks and without the hyphens inside words."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)
        self.closing: dict[int, int] = {}
        """For each opening bracket the index of the one that closes it."""
        self.opening: dict[int, int] = {}
        self.vocabulary = frozenset(item.word for item in self.items) | {
            item.shouted for item in self.items if item.shouted
        }
        """Every word of the sentence, folded and, where it is in capitals, as it stands."""
        self.needs_met: tuple[object, int, int] | None = None
        """What templates remember of the words, so that they look at them once."""
        self._starts = [item.start for item in self.items]
        waiting: list[tuple[int, str]] = []
        for index, item in enumerate(self.items):
            if item.word in _OPEN and item.mention is None:
                waiting.append((index, _OPEN[item.word]))
            elif waiting and item.mention is None and item.word == waiting[-1][1]:
                self.closing[waiting[-1][0]] = index
                self.opening[index] = waiting.pop()[0]

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """For each word of :attr:`vocabulary` the items that are it."""
        found: dict[str, list[int]] = {}
        for place, item in enumerate(self.items):
            found.setdefault(item.word, []).append(place)
            if item.shouted:
                found.setdefault(item.shouted, []).append(place)
        return found

    @cached_property
    def numbers(self) -> list[int]:
        """The items that are quantities."""
        return [place for place, item in enumerate(self.items) if item.mention is not None]

    @cached_property
    def capitals(self) -> list[int]:
        """The words that begin with a capital."""
        return [place for place, item in enumerate(self.items) if item.is_capital]

    def index_of(self, mention: Mention) -> int | None:
        """Which item ``mention`` is."""
        at = bisect_right(self._starts, mention.start) - 1
        return at if at >= 0 and self.items[at].mention is mention else None


def itemise(text: str, start: int, end: int, mentions: Sequence[Mention]) -> Items:
    """The items of ``text[start:end]``. ``mentions`` lie within it, sorted and apart; their offsets count into ``text``.

    Reference marks are left out, with their brackets: they interrupt nothing.
    """
    items: list[Item] = []
    at = start
    marked = False
    for mention in mentions:
        items.extend(_words(text, at, mention.start))
        if mention.quantity_class == "citation":
            at, marked = mention.end, True
            continue
        word = fold(text[mention.start : mention.end])
        items.append(Item(mention.start, mention.end, word, mention, False, False, False))
        at = mention.end
    items.extend(_words(text, at, end))
    return Items(_without_hollow_brackets(items) if marked else items)


def _without_hollow_brackets(items: list[Item]) -> list[Item]:
    """``items`` without the bracket pairs that hold neither word nor quantity."""
    kept: list[Item] = []
    open_at: int | None = None
    for item in items:
        if item.mention is None and item.word in _OPEN:
            open_at = len(kept)
        elif item.mention is not None or item.is_word:
            open_at = None
        kept.append(item)
        if open_at is not None and item.word == _OPEN[kept[open_at].word]:
            del kept[open_at:]
            open_at = None
    return kept


def phrase_words(text: str) -> tuple[str, ...]:
    """The words of a phrase as templates compare them, cut as ``itemise`` cuts a sentence."""
    return tuple(item.shouted or item.word for item in _found(text, 0, len(text)))


class PhraseSet:
    """Phrases, found in any text by their words."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = {phrase_words(phrase) for phrase in phrases}
        self._sizes = sorted({len(phrase) for phrase in self._phrases})
        self.words = frozenset(word for phrase in self._phrases for word in phrase)
        """Every word of any phrase."""

    def within(self, words: Sequence[str]) -> bool:
        """Whether ``words``, as :func:`phrase_words` gives them, hold one of the phrases."""
        words = tuple(words)
        return any(words[at : at + size] in self._phrases for size in self._sizes for at in range(len(words)))


def _found(text: str, start: int, end: int) -> list[Item]:
    """The words and marks in ``text[start:end]``, which holds no quantity."""
    items: list[Item] = []
    for match in _ITEM.finditer(text, start, end):
        raw = match.group()
        first = raw[0]
        if first in _QUOTES:
            continue
        at, behind = match.span()
        if first in _HYPHENS and text[at - 1 : at].isalnum() and text[behind : behind + 1].isalnum():
            continue
        for size, look in _look(raw):
            items.append(Item(at, at + size, *look))
            at += size
    return items


_words = lru_cache(maxsize=_PIECES)(_found)
"""What stands between two quantities; a text is read before and after these are classed."""


@lru_cache(maxsize=_KNOWN)
def _look(raw: str) -> list[tuple[int, tuple[str, None, bool, bool, bool, str | None]]]:
    """What an item is, as far as its text tells, after its length; two items of a contraction. Most words of a text come again."""
    parts = contraction(raw)
    if parts is not None:
        lengths = (len(raw) - NOT_LENGTH, NOT_LENGTH)[-len(parts) :]
        capitals = (raw[0].isupper(), False)[-len(parts) :]
        return [
            (size, (word, None, True, True, capital, None))
            for size, word, capital in zip(lengths, parts, capitals, strict=True)
        ]
    first = raw[0]
    is_word = first.isalnum() or first == "_"
    shouted = raw if is_shouted(raw) else None
    return [
        (len(raw), (fold(raw), None, is_word, is_word or first in _WIDE, is_word and first.isupper(), shouted)),
    ]
