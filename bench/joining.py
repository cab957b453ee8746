"""Fits the weights of the rule ``match-groups`` to stories that were read (``bench/clusters.py``): ``python -m bench.joining``.

The gold of the stories from 17 on lists every sentence that reports a result, headlines, leads and quotes too; that of those before it
mostly the sentences with figures. So the weights are fitted to the former, and the latter are scored by weights of others.

Each pair of groups of claims that the program has not joined by then is one case: what :class:`StoryGroups` finds in it, and whether at
least half of its pairs of claims are of one result of the gold. The weights are those of a logistic regression with a ridge penalty, by
Newton's method (Bishop, Pattern Recognition and Machine Learning, 2006, 4.3.3). Prints, of each story by the weights fitted to all
others, how many pairs of the gold would be joined and how many joined pairs would be right, then the weights fitted to all.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from bench import clusters
from pipeline.claims.analyze import Analyzer
from pipeline.reconcile import reconcile
from pipeline.reconcile.corpus import Told
from pipeline.reconcile.story_groups import Evidence, StoryGroups
from pipeline.rules.loader import load_rules

Floats = npt.NDArray[np.float64]
_FITTED_FROM = 17
"""Number of the first story that weights are fitted to."""
_NEEDED = (0.0, 0.25, 0.5, 0.75)
"""Logarithms of odds from which on groups are joined that are tried."""


class Case(NamedTuple):
    """Two groups of one story."""

    places: tuple[int, int]
    evidence: Evidence
    pairs: frozenset[frozenset[str]]
    """Ids of claims of two articles, one of each group."""


class Read(NamedTuple):
    """One story before groups are held against each other as wholes."""

    name: str
    gold: Mapping[frozenset[str], frozenset[int]]
    """By two claims of one result, which pairs of passages of the gold they stand in."""
    wanted: int
    """How many pairs of passages are to be joined."""
    joined: frozenset[frozenset[str]]
    """Pairs of claims that have been joined."""
    cases: tuple[Case, ...]


class _Groups(StoryGroups):
    """Keeps what it is given."""

    seen: tuple[Sequence[Sequence[Told]], list[tuple[tuple[int, int], Evidence]]]

    def joined(self, groups: Sequence[Sequence[Told]]) -> list[list[Told]]:
        _Groups.seen = groups, list(self.compared(groups))
        return [list(group) for group in groups]


def read(paths: Iterable[Path]) -> list[Read]:
    """The stories, with all pairs of their groups."""
    rules = load_rules(clusters.RULES)
    analyzer = Analyzer(rules)
    found = []
    for path in paths:
        with patch.object(reconcile, "StoryGroups", _Groups):
            story = clusters.read_story(path, rules, analyzer)
        groups, compared = _Groups.seen
        gold, wanted = _gold(story)
        cases = [Case(places, evidence, _across(*(groups[at] for at in places))) for places, evidence in compared]
        joined = frozenset(pair for group in groups for pair in _across(group, group))
        found.append(Read(path.stem, gold, wanted, joined, tuple(cases)))
    return found


def _across(one: Sequence[Told], other: Sequence[Told]) -> frozenset[frozenset[str]]:
    return frozenset(
        frozenset((a.claim.claim_id, b.claim.claim_id)) for a in one for b in other if a.source != b.source
    )


def _gold(story: clusters.Story) -> tuple[dict[frozenset[str], frozenset[int]], int]:
    found: dict[frozenset[str], frozenset[int]] = {}
    wanted = 0
    for finding in story.gold.get("findings") or ():
        asked = finding.get("confidence") != "medium"
        for (one, a), (other, b) in combinations(clusters.members(story, finding), 2):
            if one == other:
                continue
            wanted += asked
            for pair in (frozenset((x, y)) for x in a for y in b):
                found[pair] = found.get(pair, frozenset()) | (frozenset({wanted}) if asked else frozenset())
    return found, wanted


def matrix(stories: Sequence[Read], names: Sequence[str]) -> tuple[Floats, Floats]:
    """[N, F] what there is of each evidence, and [N] whether it is one result, of all cases of ``stories``."""
    cases = [(story, case) for story in stories for case in story.cases]
    rows = [[case.evidence.parts.get(name, 0.0) for name in names] for _, case in cases]
    right = [2 * sum(pair in story.gold for pair in case.pairs) >= len(case.pairs) for story, case in cases]
    return np.array(rows, dtype=np.float64), np.array(right, dtype=np.float64)


def fit(rows: Floats, right: Floats, penalty: float, steps: int = 25) -> tuple[Floats, float]:
    """[F] weights and the constant of a logistic regression; ``penalty`` is that of the weights of evidence of unit variance."""
    mean, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-9)
    x = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    ridge = np.diag([penalty] * rows.shape[1] + [0.0])
    weights = np.zeros(x.shape[1])
    for _ in range(steps):
        chance = 1.0 / (1.0 + np.exp(-x @ weights))
        curve = x.T @ (x * (chance * (1.0 - chance))[:, None]) + ridge
        weights -= np.linalg.solve(curve, x.T @ (chance - right) + ridge @ weights)
    plain = weights[:-1] / spread
    return plain, float(weights[-1] - plain @ mean)


def joined(story: Read, scores: Sequence[float], least: float) -> Counter[str]:
    """What is joined, and right, where cases that score ``least`` are put together as :class:`StoryGroups` does."""
    of = {case.places: (score, case) for score, case in zip(scores, story.cases, strict=True)}
    members = {at: [at] for places in of for at in places}
    place = {at: at for at in members}
    said = set(story.joined)
    for places, (score, _) in sorted(of.items(), key=lambda found: (-found[1][0], found[0])):
        a, b = sorted(place[at] for at in places)
        if score < least or a == b:
            continue
        across = [(min(x, y), max(x, y)) for x in members[a] for y in members[b]]
        known = [(of[pair][0], len(of[pair][1].pairs)) if pair in of else (0.0, 1) for pair in across]
        if sum(score * pairs for score, pairs in known) < least * sum(pairs for _, pairs in known):
            continue
        said.update(*(of[pair][1].pairs for pair in across if pair in of))
        for at in members[b]:
            place[at] = a
        members[a] += members.pop(b)
    found = frozenset[int]().union(*(story.gold.get(pair, ()) for pair in said))
    right = sum(pair in story.gold for pair in said)
    return Counter(wanted=story.wanted, found=len(found), said=len(said), right=right)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--penalty", type=float, default=33.0, help="how strongly weights are held near to zero")
    parser.add_argument(
        "--needed", type=float, default=0.5, help="logarithm of the odds from which on groups are joined"
    )
    args = parser.parse_args(arguments)
    stories = read(clusters.parts_of()["read"])
    fitted = [story for story in stories if int(story.name.partition("-")[0]) >= _FITTED_FROM]
    names = sorted({name for story in stories for case in story.cases for name in case.evidence.parts})
    counts: dict[tuple[str, float], Counter[str]] = defaultdict(Counter)
    for story in stories:
        weights, constant = fit(*matrix([other for other in fitted if other is not story], names), args.penalty)
        scores = (matrix([story], names)[0].reshape(-1, len(names)) @ weights).tolist()
        for needed in _NEEDED:
            one = joined(story, scores, needed - constant)
            for part in ("all", "fitted" if story in fitted else "before"):
                counts[part, needed] += one
    print("stories   needed  found  right   by the weights of the others")
    for (part, needed), count in sorted(counts.items()):
        found, right = count["found"] / count["wanted"], count["right"] / max(count["said"], 1)
        print(f"{part:8} {needed:7} {found:6.3f} {right:6.3f}")
    weights, constant = fit(*matrix(fitted, names), args.penalty)
    print({name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)})
    print(f"least {args.needed - constant:.2f}")


if __name__ == "__main__":
    main()
