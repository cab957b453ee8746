"""Words as sources share them: stems of content words, how rare each is, and synonyms that a rule lists."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import snowballstemmer

from pipeline.rules.ruleset import Ruleset

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SHORTEST = 3
Stems = frozenset[str]


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    """Porter's English stemmer (https://snowballstem.org/algorithms/english/stemmer.html)."""
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


class Words:
    """Reduces text to stems; built once a run."""

    def __init__(self, rules: Ruleset) -> None:
        self._empty = frozenset(_stem(word) for phrase in rules.phrases("empty-words") for word in _words(phrase))
        self._same: dict[str, str] = {}
        for entry in rules.lexicon("synonyms"):
            names = [str(name) for name in entry["names"]]
            for name in names:
                self._same.setdefault(_stem(name.lower()), _stem(names[0].lower()))

    def stems(self, text: str) -> Stems:
        """The stems of the content words of ``text``, synonyms as one."""
        return frozenset(self.listed(text))

    def all_stems(self, text: str) -> Stems:
        """The stems of all words of ``text``, as they are."""
        return frozenset(_stem(word) for word in _words(text))

    def listed(self, text: str) -> list[str]:
        """The same in text order, with repetitions."""
        return [stem for stem, _ in self._content(text)]

    def content(self, text: str) -> dict[str, str]:
        """The same, each with the first word of ``text`` that it is the stem of."""
        found: dict[str, str] = {}
        for stem, word in self._content(text):
            found.setdefault(stem, word)
        return found

    def _content(self, text: str) -> Iterator[tuple[str, str]]:
        for word in _words(text):
            stem = _stem(word)
            if stem not in self._empty:
                yield self._same.get(stem, stem), word


def _words(text: str) -> list[str]:
    return [word for word in (match.lower() for match in _WORD.findall(text)) if len(word) >= _SHORTEST]


class Rarity:
    """How much it tells that two texts share a stem: the logarithm of how few texts have it."""

    def __init__(self, texts: Iterable[Stems], background: int = 0) -> None:
        """``background`` texts that have none of the stems are counted too, so that what both of two texts say is not taken for common."""
        counts: Counter[str] = Counter()
        total = background
        for stems in texts:
            counts.update(stems)
            total += 1
        self._total = total
        self._counts = counts

    def of(self, stem: str) -> float:
        return math.log((self._total + 1) / (self._counts[stem] + 0.5))

    def share(self, stem: str) -> float:
        """The same from 0, for what all texts have, to 1."""
        return max(self.of(stem), 0.0) / math.log((self._total + 1) / 0.5)

    def weight(self, stems: Iterable[str]) -> float:
        return sum(self.of(stem) for stem in sorted(stems))

    def shared(self, one: Stems, other: Stems) -> float:
        """0 to 1: the weight of what both have, of what the one with less has."""
        least = min(self.weight(one), self.weight(other))
        return self.weight(one & other) / least if least > 0 else 0.0

    def vector(self, counts: Mapping[str, int]) -> dict[str, float]:
        """The unit vector of a text by the stems it uses and how often (TF-IDF, logarithmic counts)."""
        raw = {stem: (1 + math.log(count)) * self.of(stem) for stem, count in sorted(counts.items())}
        norm = math.sqrt(sum(x * x for x in raw.values()))
        return {stem: x / norm for stem, x in raw.items()} if norm > 0 else {}


def cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """0 to 1: how alike two texts are, by their unit vectors."""
    if len(one) > len(other):
        one, other = other, one
    return sum(x * other[stem] for stem, x in one.items() if stem in other)
