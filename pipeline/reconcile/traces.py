"""By what articles are found that may tell of one study, without comparing all of them: names, numbers, figures, runs of words.

A trace is an array of hashes, each with the article that has it. Articles that share enough of them are put into one part of the run,
and only within a part are claims compared. A trace that many articles have ties none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.reconcile.corpus import name_weight
from pipeline.reconcile.matching import keys_of_study
from pipeline.reconcile.shingles import Hashes, Owners, hashed, shared_by_few, shingler_of
from pipeline.reconcile.source_reader import size_of
from pipeline.reconcile.sources import TextRead
from pipeline.reconcile.traced import TracedSource, TracedTold
from pipeline.rules.ruleset import Ruleset

KINDS = ("names", "halves", "studies", "sizes", "figures", "runs")
"""Names and numbers, those that count half, studies that are named, sizes of studies of a treatment, figures of its outcomes, and runs of
words."""
_TELLS = {"names": 1.0, "halves": 0.5, "studies": 5.0, "sizes": 2.0, "figures": 0.25, "runs": 0.25}
"""How much each tells that two articles belong together: a name counts one, as in ``same-story``."""
_MOST_KNOWN = 100_000
_FEW = 10
"""At most one article in so many is heard as context."""
_KEYS = {"study": "studies", "size": "sizes", "figure": "figures"}
"""Kinds of keys of claims (``matching.py``), by their first part."""


@dataclass(frozen=True)
class Traces:
    """Those of some articles. ``owners`` say which article each hash is of."""

    hashes: dict[str, Hashes]
    owners: dict[str, Owners]
    topics: Hashes
    """[articles] the treatment that each is about; 0 for none."""
    witness: npt.NDArray[np.int64]
    """[articles] how much each has to say of its treatment at large: 0 for nothing."""

    def dump(self) -> dict[str, bytes]:
        """For another process."""
        return {
            **{f"hash {kind}": self.hashes[kind].tobytes() for kind in KINDS},
            **{f"owner {kind}": self.owners[kind].tobytes() for kind in KINDS},
            "topics": self.topics.tobytes(),
            "witness": self.witness.tobytes(),
        }


def restored(parts: Iterable[dict[str, bytes]]) -> Traces:
    """The traces that were dumped, all of them together."""
    listed = list(parts)

    def whole(name: str, kind: Any) -> Any:
        return np.frombuffer(b"".join(part.pop(name) for part in listed), kind)

    return Traces(
        {kind: whole(f"hash {kind}", np.uint64) for kind in KINDS},
        {kind: whole(f"owner {kind}", np.int64) for kind in KINDS},
        whole("topics", np.uint64),
        whole("witness", np.int64),
    )


class Tracer:
    """Takes the traces of articles. ``ordinary`` are words that are no names."""

    def __init__(self, rules: Ruleset, ordinary: frozenset[str]) -> None:
        params = rules.params("parts")
        self._ordinary = ordinary
        self._hashed = lru_cache(maxsize=_MOST_KNOWN)(hashed)
        self._every = np.uint64(params.get("every", 4))
        self._signs = frozenset(str(sign) for sign in params.get("testify", ()))
        run = next((rule for rule in rules.stage("check") if rule.get("check") == "shared_origin"), {})
        self._shingler = shingler_of(int(run.get("params", {}).get("run", 8)))

    def traces(self, sources: Sequence[TracedSource]) -> tuple[Traces, list[TextRead]]:
        """Those of ``sources``, whose ``index`` is their place among all articles; and what was found in the text of each."""
        found: dict[str, list[int]] = {kind: [] for kind in KINDS}
        owners: dict[str, list[int]] = {kind: [] for kind in KINDS}
        runs: list[Hashes] = []
        lengths: list[int] = []
        read: list[TextRead] = []
        for source in sources:
            for kind, hashes in self._of(source):
                found[kind] += hashes
                owners[kind] += [source.index] * len(hashes)
            own = self._shingler.hashes(source.text)
            read.append(TextRead(source.numbers, list(source.specifics), self._shingler.size, own.tobytes()))
            own = np.unique(own[own % self._every == 0])
            runs.append(own)
            lengths.append(len(own))
        arrays = {kind: np.array(hashes, np.uint64) for kind, hashes in found.items()}
        arrays["runs"] = np.concatenate([*runs, np.zeros(0, np.uint64)])
        indices = {kind: np.array(listed, np.int64) for kind, listed in owners.items()}
        indices["runs"] = np.repeat(np.array([source.index for source in sources], np.int64), lengths)
        traces = Traces(
            arrays,
            indices,
            np.array([hashed(source.main.key) if source.main.key else 0 for source in sources], np.uint64),
            np.array([self._witness(source) for source in sources], np.int64),
        )
        return traces, read

    def _of(self, source: TracedSource) -> Iterator[tuple[str, list[int]]]:
        names = [name for name in source.specifics if name.lower() not in self._ordinary]
        yield "names", [self._hashed(name) for name in names if name_weight(name) == 1.0]
        yield "halves", [self._hashed(name) for name in names if name_weight(name) < 1.0]
        found: dict[str, set[str]] = {kind: set() for kind in _KEYS.values()}
        for key in {key for told in source.told for key in _keys(told)}:
            for treatment in source.main.stems if key[0] == "size" else ("",):
                found[_KEYS[key[0]]].add("\0".join((*key, treatment)))
        for kind, keys in found.items():
            yield kind, list(map(self._hashed, keys))

    def _witness(self, source: TracedSource) -> int:
        """How many different things it says of its treatment that others may be held against, those near to the study before others."""
        kinds = source.signs & self._signs
        return len(kinds) * 100 + (99 - min(source.rank, 99)) if kinds else 0


def _keys(told: TracedTold) -> Iterator[tuple[str, ...]]:
    return keys_of_study(told.claim.study, size_of(told.claim), told.measured, told.intervention, told.outcome)


def common_names(traces: Traces, most: float) -> frozenset[int]:
    """The hashes of names and numbers that more than ``most`` articles have."""
    found: set[int] = set()
    for kind in ("names", "halves"):
        hashes, counts = np.unique(traces.hashes[kind], return_counts=True)
        found.update(hashes[counts > most].tolist())
    return frozenset(found)


@dataclass(frozen=True)
class Part:
    """Articles that are compared with each other, by their places among all."""

    articles: tuple[int, ...]
    context: tuple[int, ...]
    """Others on the same treatments, which are heard but whose claims are joined in their own part."""


def parts_of(traces: Traces, rules: Ruleset) -> list[Part]:
    """All articles in parts: what may tell of one study together, and treatments kept together as far as that goes."""
    params, story = rules.params("parts"), rules.params("same-story")
    size = int(params.get("articles", 400))
    enough = float(story.get("told", 0.6)) * float(story.get("enough", 3))
    most = int(rules.params("match-limits").get("most_articles", 12))
    articles = len(traces.topics)
    links = _linked(traces, most, int(params.get("copies", 20)), enough)
    groups = _Groups(articles, size // 2)
    for one, other in links:
        groups.join(one, other)
    members: dict[int, list[int]] = defaultdict(list)
    for article in range(articles):
        members[groups.of(article)].append(article)
    topics = traces.topics.tolist()
    on_topic: dict[int, list[list[int]]] = defaultdict(list)
    for found in members.values():
        on_topic[topics[found[0]]].append(found)
    packed = _packed([on_topic[topic] for topic in sorted(on_topic)], size)
    return list(_with_context(packed, traces, params))


def _with_context(packed: Sequence[list[int]], traces: Traces, params: Any) -> Iterator[Part]:
    """Each part with the witnesses on those of its topics that other parts have too."""
    where: dict[int, set[int]] = defaultdict(set)
    topics = traces.topics.tolist()
    for number, part in enumerate(packed):
        for article in part:
            where[topics[article]].add(number)
    heard: dict[int, list[int]] = defaultdict(list)
    order = np.lexsort((np.arange(len(topics)), -traces.witness)).tolist()
    most = int(params.get("context", 30))
    for article in order:
        topic = topics[article]
        if traces.witness[article] > 0 and topic and len(where[topic]) > 1 and len(heard[topic]) < most:
            heard[topic].append(article)
    for part in packed:
        own = Counter(topics[article] for article in part)
        # Those whose treatments most of the part is about come first, and all of them are few beside it.
        listed = [article for topic in sorted(own, key=lambda topic: (-own[topic], topic)) for article in heard[topic]]
        inside = set(part)
        context = [article for article in listed if article not in inside][: len(part) // _FEW]
        yield Part(tuple(sorted(part)), tuple(sorted(context)))


def _packed(topics: Sequence[Sequence[list[int]]], size: int) -> list[list[int]]:
    """Groups of articles put together up to ``size``; those on one topic into one part where they fit."""
    parts: list[list[int]] = [[]]
    for groups in topics:
        whole = sum(map(len, groups))
        if parts[-1] and len(parts[-1]) + whole > size >= whole:
            parts.append([])
        for group in groups:
            if parts[-1] and len(parts[-1]) + len(group) > size:
                parts.append([])
            parts[-1] += group
    return [part for part in parts if part]


def _linked(traces: Traces, most: int, copies: int, enough: float) -> list[tuple[int, int]]:
    """Pairs of articles that belong together, the surest first."""
    found = {
        kind: _pairs(traces.hashes[kind], traces.owners[kind], copies if kind == "runs" else most) for kind in KINDS
    }
    weights = [np.full(len(found[kind]), _TELLS[kind]) for kind in KINDS]
    every, place = np.unique(np.concatenate(list(found.values())), return_inverse=True)
    strength = np.bincount(place, np.concatenate(weights), len(every))
    # A figure or a size is enough to be looked at, though it comes last.
    kept = (strength >= enough) | np.isin(every, np.concatenate([found[kind] for kind in _KEYS.values()]))
    every, strength = every[kept], strength[kept]
    order = np.lexsort((every, -strength))
    every = every[order]
    return list(zip((every >> np.uint64(32)).tolist(), (every & np.uint64(0xFFFFFFFF)).tolist(), strict=True))


def _pairs(hashes: Hashes, owners: Owners, most: int) -> npt.NDArray[np.uint64]:
    """Each pair of owners (the lesser in the high half) of each hash that two to ``most`` have."""
    of = owners.astype(np.uint64)
    packed = [(of[ones] << np.uint64(32)) | of[others] for ones, others in shared_by_few(hashes, owners, most)]
    return np.concatenate([*packed, np.zeros(0, np.uint64)])


class _Groups:
    """Union-find over numbers, halving paths, with groups of at most ``size``."""

    def __init__(self, count: int, size: int) -> None:
        self._parent = list(range(count))
        self._count = [1] * count
        self._size = size

    def of(self, one: int) -> int:
        parent = self._parent
        while parent[one] != one:
            parent[one] = one = parent[parent[one]]
        return one

    def join(self, one: int, other: int) -> None:
        a, b = self.of(one), self.of(other)
        if a != b and self._count[a] + self._count[b] <= self._size:
            a, b = min(a, b), max(a, b)
            self._parent[b] = a
            self._count[a] += self._count[b]
