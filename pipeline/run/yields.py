"""Whether a source gives much less than it used to (rule ``source-yields``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Literal, NamedTuple

from pipeline.model import Record

RULE = "source-yields"
What = Literal["articles", "claims", "characters"]


class Yield(Record, frozen=True, kw_only=True):
    """What one source gives in one run."""

    articles: int = 0
    characters: int = 0
    """Of cleaned text."""
    claims: int = 0


class Fall(NamedTuple):
    """What there is too little of."""

    what: What
    now: int
    usual: int
    """How much there should be: the median of the earlier runs, for as many articles as there are now."""


def fallen(history: Sequence[Yield], now: Yield, params: Mapping[str, Any]) -> Fall | None:
    """What of ``now`` is much less than in ``history``, the latest run last, by the ``params`` of the rule; ``None`` where nothing is.

    Claims and text are held against those of as many articles as there are now, so that a source may publish less.
    """
    past = [one for one in history[-int(params.get("runs", 0)) :] if one.articles]
    if not past or "share" not in params:
        return None
    if not now.articles:
        articles = round(median(one.articles for one in past))
        return Fall("articles", 0, articles) if articles >= params["articles"] else None
    for what, have, had in (
        ("claims", now.claims, [one.claims / one.articles for one in past]),
        ("characters", now.characters, [one.characters / one.articles for one in past]),
    ):
        usual = median(had) * now.articles
        if usual >= params[what] and have <= params["share"] * usual:
            return Fall("claims" if what == "claims" else "characters", have, round(usual))
    return None
