"""What is known of a whole run when a part of it is compared: how many articles there are, and which words and names are common."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.model import Article
from pipeline.reconcile.concepts import SLOTS, Concept
from pipeline.reconcile.shingles import hashed
from pipeline.reconcile.sources import Source, name_of
from pipeline.reconcile.words import Rarity, Stems
from pipeline.rules.ruleset import Ruleset

_SMALL = re.compile(r"(?<!\w)[a-z][\w’'-]{3,}")


@dataclass(frozen=True)
class Background:
    """What articles are compared against. Words are counted in an even sample where there are very many articles, names in all."""

    articles: int
    """How many the run has."""
    words: Rarity
    """Of the stems of articles."""
    sentences: Rarity
    """Of the stems of the sentences of claims."""
    named: Mapping[str, Rarity]
    """Of the names in each slot of claims."""
    frequent: frozenset[int]
    """Names and numbers, by their hashes, that too many articles have for them to tell a story."""
    ordinary: frozenset[str]
    """Words that are printed small: "Safety" in a heading is no name where "safety" is a word."""
    crowd: float
    """0 for a ``few`` articles, 1 for ``many``: how much must be asked for, since the pairs that are alike by chance grow with their
    square."""
    alike: dict[tuple[Any, Any], float] = field(default_factory=dict, repr=False, compare=False)
    """What :meth:`pipeline.reconcile.corpus.Corpus.concepts_alike` says of names that were met, from part to part."""

    def is_common(self, name: str) -> bool:
        """Whether a name or number tells no story."""
        return name.lower() in self.ordinary or hashed(name) in self.frequent


def background_of(sources: Sequence[Source], rules: Ruleset) -> Background:
    """That of a run which has no other articles than ``sources``."""
    known = Counter(name for source in sources for name in source.specifics)
    most = most_with_a_name(len(sources), rules)
    frequent = frozenset(hashed(name) for name, count in known.items() if count > most)
    return background_from(sources, len(sources), frequent, rules)


def background_from(sample: Sequence[Source], articles: int, frequent: frozenset[int], rules: Ruleset) -> Background:
    """That of a run of so many ``articles``, of which ``sample`` are some, or all."""
    limits, story = rules.params("match-limits"), rules.params("same-story")
    background, among = int(limits.get("background", 0)), int(limits.get("among", 0))
    few, many = float(story.get("few", 20)), float(story.get("many", 700))
    told = [one for source in sample for one in source.told]
    return Background(
        articles,
        Rarity((source.stems for source in sample), max(among - len(sample), background)),
        Rarity((one.stems for one in told), background),
        {slot: Rarity((counted(one.concepts[slot]) for one in told), background) for slot in SLOTS},
        frequent,
        # Each piece between spaces is looked at once, however often it is printed.
        frozenset(_SMALL.findall(" ".join({piece for source in sample for piece in source.article.text.split()}))),
        min(max(math.log(max(articles, 1) / few) / math.log(many / few), 0.0), 1.0),
    )


def most_with_a_name(articles: int, rules: Ruleset) -> float:
    """How many articles of so many may have a name in common for it to tell a story."""
    story = rules.params("same-story")
    least, most = float(story.get("least_articles", 6)), float(story.get("most_articles", 12))
    return min(max(least, float(story.get("share", 0.01)) * articles), most)


def counted(concept: Concept) -> Stems:
    """What a concept is counted by: its canonical name, else its words."""
    return concept.stems if concept.id is None else frozenset({concept.id})


def lone_publishers(publishers: Iterable[str | None]) -> frozenset[str]:
    """The publishers of one article only, whose name alone is enough to call it by."""
    counts = Counter(publisher for publisher in publishers if publisher is not None)
    return frozenset(publisher for publisher, count in counts.items() if count == 1)


def called(article: Article, lone: frozenset[str]) -> str:
    """How messages call ``article`` where these publishers have only one."""
    return name_of(article, is_alone=article.publisher in lone)
