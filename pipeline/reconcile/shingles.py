"""Runs of words as numbers, by which articles that copy each other are found without comparing all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.reconcile.quotes import Quotes
from pipeline.reconcile.words import EDGES

_WORD = re.compile(r"\w+")
_MOST_KNOWN = 200_000
_FACTOR = 0x9E3779B97F4A7C15
"""Odd, so that multiplying by it loses nothing (2**64 over the golden ratio)."""
_MOST_BITS = 24
Place = tuple[int, int]
"""Where a word begins and ends."""
Hashes = npt.NDArray[np.uint64]
Owners = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64]


class _Hashes(dict[str, bytes]):
    """The hashes of the words in each piece of text between spaces that has been met, as bytes of uint64."""

    def __missing__(self, piece: str) -> bytes:
        core = piece.strip(EDGES)  # mostly a word with a comma
        words = [core] if core.isalnum() else _WORD.findall(piece)
        self[piece] = numbers = np.array([hashed(word.lower()) for word in words], np.uint64).tobytes()
        return numbers


def hashed(text: str) -> int:
    """A number of 64 bits for ``text``, the same in every process."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


class Shingler:
    """Gives every run of ``size`` words a number of 64 bits, the same in every process. What stands in quotation marks is left out: a
    quoted speaker is the same for all."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._known = _Hashes()

    def hashes(self, text: str) -> Hashes:
        """[max(words - size + 1, 0)] the number of the run that begins at each word."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        pieces = _own_pieces(text)
        numbers = np.frombuffer(b"".join(map(self._known.__getitem__, pieces)), np.uint64)
        if len(numbers) < self.size:
            return np.zeros(0, np.uint64)
        # A polynomial in the factor, which wraps around: runs of n words, and those n words on, make the runs of 2n.
        runs, length = numbers, 1
        for bit in f"{self.size:b}"[1:]:
            runs = runs[:-length] * np.uint64(pow(_FACTOR, length, 2**64)) + runs[length:]
            length *= 2
            if bit == "1":
                runs = runs[:-1] * np.uint64(_FACTOR) + numbers[length:]
                length += 1
        return runs ^ (runs >> np.uint64(29))


@lru_cache(maxsize=2)
def shingler_of(size: int) -> Shingler:
    """That of runs of ``size`` words, which keeps the words that it has met."""
    return Shingler(size)


def may_be_of(hashes: Hashes, least: int) -> Places:
    """The places of those hashes that may stand there ``least`` times, and of few others: by their last bits, which costs less than sorting
    all of them, most of which stand there once."""
    bits = min(max(4 * len(hashes), 1).bit_length(), _MOST_BITS)
    ends = (hashes & np.uint64(2**bits - 1)).astype(np.int64)
    found: Places = np.flatnonzero(np.bincount(ends, minlength=1)[ends] >= least)
    return found


def shared_by_few(
    hashes: Hashes, owners: Owners, most: int, *, and_first: bool = False
) -> Iterator[tuple[Places, Places]]:
    """Where each hash stands that two to ``most`` owners have: for every two of its owners, the lesser first, a place in ``hashes`` of
    each; with ``and_first`` also where one stands that more have, for the first of its owners and every other. Of a hash that an owner has
    twice the first counts."""
    order = may_be_of(hashes, 2)
    order = order[np.lexsort((owners[order], hashes[order]))]
    ordered, of = hashes[order], owners[order]
    if not len(order):
        return
    order = order[np.concatenate([[True], (ordered[1:] != ordered[:-1]) | (of[1:] != of[:-1])])]
    ordered = hashes[order]
    edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]))
    counts = np.diff(edges)
    for count in range(2, most + 1):
        rows = order[edges[:-1][counts == count][:, None] + np.arange(count)]
        ones, others = np.triu_indices(count, 1)
        yield rows[:, ones].ravel(), rows[:, others].ravel()
    if and_first:
        further = np.repeat(counts > most, counts)
        further[edges[:-1]] = False
        yield np.repeat(order[edges[:-1]], counts)[further], order[further]


def _own_pieces(text: str) -> list[str]:
    """What stands between spaces, without what stands in quotation marks."""
    spans = Quotes(text).spans
    if not spans:
        return text.split()
    return [piece for first, last in _outside(text, spans) for piece in text[first:last].split()]


def own_words(text: str, quotes: Quotes) -> list[Place]:
    """The places of the words of an article, without what stands in quotation marks."""
    return [match.span() for first, last in _outside(text, quotes.spans) for match in _WORD.finditer(text, first, last)]


def _outside(text: str, spans: Iterable[Place]) -> list[Place]:
    """What of ``text`` is not within ``spans``."""
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    return list(pairwise(edges))[::2]
