"""How alike articles are: what is told early is what all of it tells."""

from __future__ import annotations

from collections import Counter
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.reconcile.nearness import Nearness
from pipeline.reconcile.words import Rarity, cosine

_FULL = 0.3


@pytest.fixture(scope="module")
def sources() -> list[Any]:
    draw = Random(7)
    words = [f"w{number}" for number in range(60)]
    texts = [Counter(draw.choices(words[: draw.randint(5, 60)], k=draw.randint(1, 40))) for _ in range(30)]
    texts.append(Counter())
    return [SimpleNamespace(index=index, counts=counts, stems=frozenset(counts)) for index, counts in enumerate(texts)]


@pytest.mark.parametrize("most", [0.05, 0.6, 0.66, 1.0])
def test_no_more_is_told_than_asked_for_and_no_less_than_there_is(sources: list[Any], most: float) -> None:
    rarity = Rarity((source.stems for source in sources), 10)
    vectors = [rarity.vector(source.counts) for source in sources]
    nearness = Nearness(sources, rarity, _FULL)
    for one in sources:
        for other in sources:
            found = nearness.of(one.index, other.index, most)
            shared = one.stems & other.stems
            exact = min(cosine(vectors[one.index], vectors[other.index], shared) / _FULL, 1.0)
            assert found == (most if one is other else min(exact, most))


def test_what_was_asked_roughly_is_told_exactly_afterwards(sources: list[Any]) -> None:
    rarity = Rarity((source.stems for source in sources), 10)
    asked, fresh = Nearness(sources, rarity, _FULL), Nearness(sources, rarity, _FULL)
    for one in range(len(sources)):
        for other in range(len(sources)):
            asked.of(one, other, 0.1)
            assert asked.of(one, other) == fresh.of(one, other) == asked.of(other, one)
