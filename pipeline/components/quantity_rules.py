"""Rules that say something of one quantity by what stands around it: its class, its measure, its group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pipeline.model import Mention
from pipeline.rules.items import Items
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.template_run import UnitFilter
from pipeline.rules.template_syntax import fold
from pipeline.rules.templates import Match, Template, TemplateCompiler

DEFAULT_PRIORITY = 100
_DECIMAL_ZERO = re.compile(r"\d[.·]0+(?![\d.,·])")


class Fired(NamedTuple):
    """A rule that fits a quantity, with what its template matched (``None`` where it has no template)."""

    rule: QuantityRule
    match: Match | None


class QuantityRule:
    """One rule of stage ``extract``, compiled: ``match`` and ``unless`` templates, and ``where`` for the quantity itself."""

    def __init__(self, rule: Mapping[str, Any], key: str, compiler: TemplateCompiler) -> None:
        self.id: str = rule["id"]
        self.says: str = rule[key]
        self.priority: int = rule.get("priority", DEFAULT_PRIORITY)
        self.produces: Mapping[str, Any] = rule.get("produces", {})
        self._match = [compiler.compile(template) for template in _texts(rule.get("match"))]
        self._unless = [compiler.compile(template) for template in _texts(rule.get("unless"))]
        where: Mapping[str, Any] = rule.get("where", {})
        self._units: UnitFilter | None = None
        if "unit" in where:
            stated = where["unit"] if isinstance(where["unit"], list) else [where["unit"]]
            self._units = compiler.units(tuple("none" if unit is None else unit for unit in stated))
        self._forms = frozenset(_texts(where.get("form")))
        self._classes = frozenset(_texts(where.get("class")))
        self._words = frozenset(map(fold, _texts(where.get("text"))))
        self._where = where

    def admits_unit(self, unit: str | None) -> bool:
        """Whether the rule can ever fit a quantity with this unit."""
        if self._units is not None and not self._units.admits(unit):
            return False
        return not self._match or any(template.admits(unit) for template in self._match)

    def fires(self, items: Items, index: int) -> Fired | None:
        """Whether the rule fits the quantity that is item ``index``."""
        mention = items.items[index].mention
        if mention is None or not self._suits(mention):
            return None
        found = None
        if self._match:
            found = _first_match(self._match, items, index)
            if found is None:
                return None
        if self._unless and _first_match(self._unless, items, index) is not None:
            return None
        return Fired(self, found)

    def _suits(self, mention: Mention) -> bool:
        where = self._where
        if not where:
            return True
        if self._units is not None and not self._units.admits(mention.unit):
            return False
        if self._forms and mention.form not in self._forms:
            return False
        if self._classes and mention.quantity_class not in self._classes:
            return False
        if self._words and fold(mention.text) not in self._words:
            return False
        numbers = [number for number in (mention.value, mention.low, mention.high) if number is not None]
        if "integer" in where and _is_whole(mention, numbers) != where["integer"]:
            return False
        if not numbers and where.keys() & {"min", "max", "integer"}:
            return False
        if "min" in where and not all(number >= where["min"] for number in numbers):
            return False
        return "max" not in where or all(number <= where["max"] for number in numbers)


def _is_whole(mention: Mention, numbers: Iterable[float]) -> bool:
    """Whether all are whole, and printed so: 6.0 is a measurement, never a number of people."""
    return _DECIMAL_ZERO.search(mention.text) is None and all(number.is_integer() for number in numbers)


class QuantityRules:
    """All rules of stage ``extract`` that have the key ``key`` (``class``, ``measure``), the first that fits wins.

    Rules are tried from the highest priority down, those of equal priority in the order of their ids.
    """

    def __init__(self, rules: Ruleset, key: str, compiler: TemplateCompiler, only: tuple[str, ...] = ()) -> None:
        """Takes the rules with ``key``, of those only the ones that say one of ``only`` if any are given."""
        stated = (rule for rule in rules.stage("extract") if key in rule and (not only or rule[key] in only))
        chosen = [QuantityRule(rule, key, compiler) for rule in stated]
        self._rules = sorted(chosen, key=lambda rule: (-rule.priority, rule.id))
        self._by_id = {rule.id: rule for rule in chosen}
        self._by_unit: dict[str | None, tuple[QuantityRule, ...]] = {}

    def first(self, items: Items, index: int) -> Fired | None:
        """The first rule that fits the quantity that is item ``index``."""
        mention = items.items[index].mention
        if mention is None:
            return None
        for rule in self._candidates(mention.unit):
            fired = rule.fires(items, index)
            if fired is not None:
                return fired
        return None

    def get(self, rule_id: str | None) -> QuantityRule | None:
        """The rule with this id."""
        return self._by_id.get(rule_id) if rule_id is not None else None

    def _candidates(self, unit: str | None) -> tuple[QuantityRule, ...]:
        known = self._by_unit.get(unit)
        if known is None:
            known = tuple(rule for rule in self._rules if rule.admits_unit(unit))
            if len(self._by_unit) < 1000:
                # A counted noun is a unit too, so texts bring ever new ones.
                self._by_unit[unit] = known
        return known


def _texts(stated: str | Iterable[str] | None) -> tuple[str, ...]:
    if stated is None:
        return ()
    return (stated,) if isinstance(stated, str) else tuple(stated)


def _first_match(templates: list[Template], items: Items, index: int) -> Match | None:
    for template in templates:
        match = template.match_at(items, index)
        if match is not None:
            return match
    return None
