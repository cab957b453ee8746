"""What the tests of quantities share: the finder over the shipped rules, and mentions in short."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pipeline.components.quantities import QuantityFinder
from pipeline.model import Mention
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset

RULES = Path(__file__).parents[3] / "rules"

Value = float | tuple[float, float] | None


@lru_cache(maxsize=1)
def rules() -> Ruleset:
    return load_rules(RULES)


@lru_cache(maxsize=1)
def finder() -> QuantityFinder:
    return QuantityFinder(rules())


def value(mention: Mention) -> Value:
    """The value, or the two ends of a range."""
    if mention.low is not None and mention.high is not None:
        return mention.low, mention.high
    return mention.value


def found(text: str) -> list[tuple[str, Value, str | None]]:
    """Text, value and unit of every mention."""
    return [(mention.text, value(mention), mention.unit) for mention in finder().find(text)]


def one(text: str) -> Mention:
    """The only mention of ``text``."""
    mentions = finder().find(text)
    assert len(mentions) == 1, [mention.text for mention in mentions]
    return mentions[0]
