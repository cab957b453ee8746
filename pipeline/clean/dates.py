"""The reader of dates that the rules describe."""

from __future__ import annotations

from pipeline.dates import Dates
from pipeline.rules.ruleset import Ruleset


def dates_of(rules: Ruleset) -> Dates:
    """Dates with the names of the rule ``date-months``: entries ``{month: N, names: [...]}``, params ``ordinals`` and ``links``."""
    params = rules.params("date-months")
    months = {str(name).casefold(): int(e["month"]) for e in rules.lexicon("date-months") for name in e["names"]}
    return Dates(months, [str(w) for w in params.get("ordinals", ())], [str(w) for w in params.get("links", ())])
