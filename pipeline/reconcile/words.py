"""Words as sources share them: stems of content words, how rare each is, and synonyms that a rule lists."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from itertools import chain
from operator import mul
from typing import Any

import snowballstemmer

from pipeline.rules.ruleset import Ruleset

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
EDGES = ".,;:!?()[]“”\"'’‘"
"""What often stands before or after a word, none of it part of one."""
_SHORTEST = 3
_MOST_KNOWN = 200_000
_MOST_WEIGHED = 20_000
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
        empty = frozenset(_stem(word) for phrase in rules.phrases("empty-words") for word in _words(phrase))
        same: dict[str, str] = {}
        for entry in rules.lexicon("synonyms"):
            names = [str(name) for name in entry["names"]]
            for name in names:
                same.setdefault(_stem(name.lower()), _stem(names[0].lower()))
        self._known = _Known(empty, same)
        self._listed = _Listed(self._known)
        self._stems: dict[str, Stems] = {}

    def stems(self, text: str) -> Stems:
        """The stems of the content words of ``text``, synonyms as one."""
        if text not in self._stems:
            if len(self._stems) > _MOST_WEIGHED:
                self._stems.clear()
            self._stems[text] = frozenset(self.listed(text))
        return self._stems[text]

    def all_stems(self, text: str) -> Stems:
        """The stems of all words of ``text``, as they are."""
        return frozenset(_stem(word) for word in _words(text))

    def listed(self, text: str) -> list[str]:
        """The same in text order, with repetitions."""
        return list(chain.from_iterable(map(self._listed.__getitem__, text.split())))

    def content(self, text: str) -> dict[str, str]:
        """The same, each with the first word of ``text`` that it is the stem of."""
        pairs = list(chain.from_iterable(map(self._known.room().__getitem__, text.split())))
        found = dict(pairs)
        if len(found) < len(pairs):  # a stem that is met twice has its last word
            pairs.reverse()
            first = dict(pairs)
            found = {stem: first[stem] for stem in found}
        return found


class _Known(dict[str, tuple[tuple[str, str], ...]]):
    """The words in each piece of text between spaces that has been met: the stem, synonyms as one, and the word. Those that tell nothing,
    or are too short to, are left out. A text is so read by looking up its pieces, most of which were met before."""

    def __init__(self, empty: Stems, same: Mapping[str, str]) -> None:
        super().__init__()
        self._empty = empty
        self._same = same

    def __missing__(self, piece: str) -> tuple[tuple[str, str], ...]:
        core = piece.strip(EDGES)  # mostly a word with a comma
        printed = [core] if core.isalpha() else _WORD.findall(piece)
        words = [word for word in map(str.lower, printed) if len(word) >= _SHORTEST]
        stems = [(_stem(word), word) for word in words]
        found = tuple((self._same.get(stem, stem), word) for stem, word in stems if stem not in self._empty)
        self[piece] = found = tuple((stem, word) for stem, word in found if stem)
        return found

    def room(self) -> _Known:
        """Itself, emptied where it holds very many pieces."""
        if len(self) > _MOST_KNOWN:
            self.clear()
        return self


class _Listed(dict[str, tuple[str, ...]]):
    """The stems alone of the words in each piece that has been met."""

    def __init__(self, known: _Known) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, piece: str) -> tuple[str, ...]:
        if len(self) > _MOST_KNOWN:
            self.clear()
        self[piece] = found = tuple(stem for stem, _ in self._known.room()[piece])
        return found


def _words(text: str) -> list[str]:
    return [word for word in map(str.lower, _WORD.findall(text)) if len(word) >= _SHORTEST]


class _Logs(dict[str, float]):
    """How rare each stem is that was asked for: looked up without a step of the interpreter, which is asked for millions of times."""

    def __init__(self, total: int, counts: Mapping[str, int]) -> None:
        super().__init__()
        self._total = total
        self._counts = counts

    def __missing__(self, stem: str) -> float:
        if len(self) > _MOST_KNOWN:
            self.clear()
        self[stem] = found = math.log((self._total + 1) / (self._counts.get(stem, 0) + 0.5))
        return found


class Rarity:
    """How much it tells that two texts share a stem: the logarithm of how few texts have it. Sums are rounded once, so that the order of
    stems never shows."""

    def __init__(self, texts: Iterable[Stems], background: int = 0) -> None:
        """``background`` texts that have none of the stems are counted too, so that what both of two texts say is not taken for common."""
        counts: Counter[str] = Counter()
        total = background
        for stems in texts:
            counts.update(stems)
            total += 1
        self._total = total
        self._counts = counts
        self._weights: dict[Stems, float] = {}

    @cached_property
    def of(self) -> Callable[[str], float]:
        """How much it tells that two texts share a stem."""
        return _Logs(self._total, self._counts).__getitem__

    def __getstate__(self) -> dict[str, Any]:
        return {"_total": self._total, "_counts": self._counts, "_weights": {}}

    def share(self, stem: str) -> float:
        """The same from 0, for what all texts have, to 1."""
        return max(self.of(stem), 0.0) / math.log((self._total + 1) / 0.5)

    def weight(self, stems: Iterable[str]) -> float:
        return math.fsum(map(self.of, stems))

    def shared(self, one: Stems, other: Stems) -> float:
        """0 to 1: the weight of what both have, of what the one with less has."""
        both = one & other
        if not both:
            return 0.0
        known = self._weights
        a, b = known.get(one), known.get(other)  # asked for millions of times, so without a call where they are known
        if a is None or b is None:
            a, b = self._weighed(one), self._weighed(other)
        least = a if a <= b else b
        return math.fsum(map(self.of, both)) / least if least > 0 else 0.0

    def _weighed(self, stems: Stems) -> float:
        found = self._weights.get(stems)
        if found is None:
            if len(self._weights) > _MOST_WEIGHED:
                self._weights.clear()
            found = self._weights[stems] = self.weight(stems)
        return found

    def vector(self, counts: Mapping[str, int]) -> dict[str, float]:
        """The unit vector of a text by the stems it uses and how often (TF-IDF, logarithmic counts)."""
        of = self.of
        raw = {stem: of(stem) if count == 1 else (1 + math.log(count)) * of(stem) for stem, count in counts.items()}
        norm = math.sqrt(math.fsum(map(mul, raw.values(), raw.values())))
        return {stem: x / norm for stem, x in raw.items()} if norm > 0 else {}


def cosine(one: Mapping[str, float], other: Mapping[str, float], shared: Stems) -> float:
    """0 to 1: how alike two texts are, by their unit vectors and the stems that both have."""
    return math.fsum(map(mul, map(one.__getitem__, shared), map(other.__getitem__, shared)))
