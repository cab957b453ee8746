"""Which articles have runs of words in common, and which of these a publisher prints under many of its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from pipeline.reconcile.shingles import Hashes, Owners, may_be_of, shared_by_few, shingler_of
from pipeline.reconcile.sources import Source
from pipeline.reconcile.witnesses import publisher_key

Numbers = npt.NDArray[np.int64]


class Common(NamedTuple):
    """The runs of words that two articles have in common."""

    origin: int
    """Place of the article that stands first."""
    copy: int
    starts: dict[int, int]
    """Where in the copy each run begins, and where in the origin, both counted in words."""
    own: frozenset[int]
    """The words of the copy at which runs begin that some publisher prints under many of its pages."""
    shorter: int
    """How many words the shorter of the two has."""
    longer: int


class CopyFinder:
    """Runs of words that articles have in common, by the ``params`` of the check: of so many words (``run``). Two articles are tied where
    these cover ``least_words`` and a ``share`` of the shorter, or where ``least_run`` words follow one upon the other. Of a run that more
    than ``most_sources`` articles have, each is held against the first alone. What ``own_pages`` of one publisher have is what it prints
    under its pages, and two pages of one are tied by what is at least ``own_share`` of the shorter alone."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.size = int(params["run"])
        self._most = int(params["most_sources"])
        self._least_words = int(params["least_words"])
        self._share = float(params["share"])
        self._least_run = int(params["least_run"])
        self._pages = int(params["own_pages"])
        self._own_share = float(params["own_share"])

    @overload
    def ties(self, covered: int, longest: int, shorter: int) -> bool: ...

    @overload
    def ties(self, covered: Numbers, longest: Numbers, shorter: Numbers) -> npt.NDArray[np.bool_]: ...

    def ties(
        self, covered: int | Numbers, longest: int | Numbers, shorter: int | Numbers
    ) -> bool | npt.NDArray[np.bool_]:
        """Whether so many words in common, so many of them one upon the other, tie two articles, the ``shorter`` of so many words."""
        return (covered >= self._least_words) & (covered >= self._share * shorter) | (longest >= self._least_run)

    def common(self, sources: Sequence[Source]) -> Iterator[Common]:
        """The pairs of ``sources`` that are tied, in order; places are those in ``sources``, where the first is held to be the origin."""
        shingler = shingler_of(self.size)
        hashes = [
            shingler.hashes(source.article.text)
            if source.read is None or source.read.run != self.size
            else np.frombuffer(source.read.runs, np.uint64)
            for source in sources
        ]
        lengths = [len(found) for found in hashes]
        runs = np.concatenate([*hashes, np.zeros(0, np.uint64)])
        owners = np.repeat(np.arange(len(sources)), lengths)
        begins = np.concatenate([*(np.arange(length) for length in lengths), np.zeros(0, np.int64)])
        shared = list(shared_by_few(runs, owners, self._most, and_first=True))
        ones, others = (np.concatenate([*(places[at] for places in shared), np.zeros(0, np.int64)]) for at in (0, 1))
        order = np.lexsort((begins[others], owners[others], owners[ones]))
        ones, others = ones[order], others[order]
        pair = owners[ones] * len(sources) + owners[others]
        if not len(pair):
            return
        edges = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1], [True]]))
        covered, longest = _measures(begins[others], begins[ones], edges, self.size)
        counted, firsts = np.array(lengths), edges[:-1]
        shorter_of = np.minimum(counted[owners[ones[firsts]]], counted[owners[others[firsts]]]) + self.size - 1
        publishers = _numbered([publisher_key(source.article.publisher) for source in sources])
        printed = _printed(runs, owners, publishers, self._pages)
        of = publishers[owners[ones[firsts]]]
        apart = (of == 0) | (of != publishers[owners[others[firsts]]]) | (covered >= self._own_share * shorter_of)
        for at in np.flatnonzero(self.ties(covered, longest, shorter_of) & apart).tolist():
            span = slice(int(edges[at]), int(edges[at + 1]))
            one, other = ones[span], others[span]
            met = begins[other].tolist()
            own = frozenset(word for word, run in zip(met, runs[other].tolist(), strict=True) if run in printed)
            origin, copy = int(owners[one[0]]), int(owners[other[0]])
            starts = dict(zip(met, begins[one].tolist(), strict=True))
            shorter, longer = sorted(lengths[place] + self.size - 1 for place in (origin, copy))
            yield Common(origin, copy, starts, own, shorter, longer)


def _measures(begins: Numbers, met: Numbers, edges: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """For each pair of articles, whose common runs stand from one of ``edges`` to the next: how many words these cover in one, and how many
    words follow one upon the other in both at most. ``begins`` is in order, for each pair."""
    step = np.full(len(begins), size)
    step[:-1] = np.minimum(begins[1:] - begins[:-1], size)
    step[edges[1:] - 1] = size  # the last run of a pair
    begun = np.ones(len(begins), bool)
    begun[1:] = (begins[1:] - begins[:-1] != 1) | (met[1:] - met[:-1] != 1)
    begun[edges[:-1]] = True
    starts = np.flatnonzero(begun)
    rows = np.diff(np.append(starts, len(begins)))
    longest = np.maximum.reduceat(rows, np.searchsorted(starts, edges[:-1]))
    return np.add.reduceat(step, edges[:-1]), longest + size - 1


def _numbered(publishers: Sequence[str]) -> Numbers:
    """Each publisher as a number; 0 for nobody."""
    numbers = {publisher: number for number, publisher in enumerate(dict.fromkeys(("", *publishers)))}
    return np.array([numbers[publisher] for publisher in publishers], np.int64)


def _printed(runs: Hashes, owners: Owners, of: Numbers, pages: int) -> set[int]:
    """The runs that at least ``pages`` articles of one publisher have; ``of`` are the publishers of the owners, 0 for nobody."""
    places = may_be_of(runs, pages)
    places = places[of[owners[places]] > 0]
    if not len(places):
        return set()
    places = places[np.lexsort((owners[places], of[owners[places]], runs[places]))]
    found, owner = runs[places], owners[places]
    publisher = of[owner]
    other = np.concatenate([[True], (found[1:] != found[:-1]) | (publisher[1:] != publisher[:-1])])
    firsts = np.flatnonzero(other)
    counts = np.add.reduceat(other | np.concatenate([[True], owner[1:] != owner[:-1]]), firsts, dtype=np.int64)
    return set(found[firsts[counts >= pages]].tolist())
