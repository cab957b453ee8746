"""Params of rules that cleaning can't do without."""

from __future__ import annotations

from typing import Any

from pipeline.errors import RulesError
from pipeline.rules.ruleset import Ruleset


class Params(dict[str, Any]):
    """The params of a rule that cleaning can't do without. Raises ``RulesError`` for one that is missing."""

    def __init__(self, rules: Ruleset, rule_id: str) -> None:
        super().__init__(rules.params(rule_id))
        self._rule_id = rule_id

    def __missing__(self, name: str) -> Any:
        raise RulesError(
            [f"rule {self._rule_id}: the param `{name}` is missing; take it from the rules that come with the program"]
        )
