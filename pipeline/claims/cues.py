"""What the words of a sentence show about the claim in it: comparison, direction, certainty ..."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from pipeline.components.quantity_rules import DEFAULT_PRIORITY
from pipeline.rules.items import Items
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import Template, TemplateCompiler, TemplateSets


class Cue(NamedTuple):
    """A cue found in a sentence: items ``first`` to ``last`` (inclusive) show ``produces``."""

    first: int
    last: int
    priority: int
    rule: str
    produces: Mapping[str, Any]


class CueRules:
    """The rules of stage ``context``, or those that show one of ``keys``."""

    def __init__(self, rules: Ruleset, compiler: TemplateCompiler, keys: Collection[str] | None = None) -> None:
        self._rules: list[tuple[Mapping[str, Any], list[Template]]] = []
        matches = []
        for rule in rules.stage("context"):
            if "match" in rule and (keys is None or not rule.get("produces", {}).keys().isdisjoint(keys)):
                match, unless = (
                    [compiler.compile(template) for template in _list(rule.get(key))] for key in ("match", "unless")
                )
                self._rules.append((rule, unless))
                matches.append(match)
        self._sets = TemplateSets(matches)

    def find(self, items: Items) -> list[Cue]:
        """All cues of the sentence, by place. A cue that overlaps a match of its rule's ``unless`` does not count."""
        found: list[Cue] = []
        for place, hits in self._sets.find(items):
            rule, unless = self._rules[place]
            spans = {(hit.first, hit.last) for hit in hits}
            barred = [(hit.first, hit.last) for template in unless for hit in template.find(items)]
            priority = rule.get("priority", DEFAULT_PRIORITY)
            for first, last in spans:
                if not any(first <= end and start <= last for start, end in barred):
                    found.append(Cue(first, last, priority, rule["id"], rule["produces"]))
        return sorted(found, key=lambda cue: (cue.first, cue.last, cue.rule))


def shown(
    cues: list[Cue],
    key: str,
    first: int = 0,
    last: int | None = None,
    place: int | None = None,
    *,
    nearest: bool = False,
) -> Any:
    """What the cues within items ``first`` to ``last`` show for ``key``, see :func:`deciding`; None where none shows it."""
    best = deciding(cues, key, first, last, place, nearest=nearest)
    return None if best is None else best.produces[key]


def deciding(
    cues: list[Cue],
    key: str,
    first: int = 0,
    last: int | None = None,
    place: int | None = None,
    *,
    nearest: bool = False,
) -> Cue | None:
    """The cue within items ``first`` to ``last`` that counts for ``key``: that of the highest priority, then the earliest.

    With ``place``, an item index, cues that say ``before`` count only that many items before it and in its clause, and those that
    say ``at`` only where they hold it; with ``nearest`` the nearest cue to it says, whatever the priority: first of those with the
    fewest cues between that show ``joint``, since words there begin to tell something else.
    """
    inside = [
        cue
        for cue in cues
        if key in cue.produces
        and cue.first >= first
        and (last is None or cue.last <= last)
        and (place is None or _concerns(cues, cue, place))
    ]
    if nearest and place is not None:
        return min(
            inside,
            key=lambda cue: (joints_between(cues, cue, place), _distance(cue, place), -cue.priority, cue.rule),
            default=None,
        )
    return min(inside, key=lambda cue: (-cue.priority, cue.first, cue.rule), default=None)


def follows(cues: list[Cue], key: str, value: Any, place: int, last: int) -> bool:
    """Whether a cue behind item ``place``, up to ``last`` and in the same clause, shows ``value`` for ``key``."""
    return any(
        cue.produces.get(key) == value
        and place < cue.first
        and cue.last <= last
        and not any("clause" in other.produces and place < other.first < cue.first for other in cues)
        for cue in cues
    )


def _concerns(cues: list[Cue], cue: Cue, place: int) -> bool:
    if cue.produces.get("at"):
        return cue.first <= place <= cue.last
    reach = cue.produces.get("before")
    if reach is None:
        return True
    if not 0 < place - cue.last <= reach:
        return False
    return not any("clause" in other.produces and cue.last < other.first <= place for other in cues)


def joints_between(cues: list[Cue], cue: Cue, place: int) -> int:
    """How many cues that show ``joint`` stand between ``cue`` and item ``place``."""
    return sum("joint" in one.produces and min(cue.last, place) < one.first < max(cue.first, place) for one in cues)


def _distance(cue: Cue, place: int) -> int:
    return max(cue.first - place, place - cue.last, 0)


def _list(stated: str | list[str] | None) -> list[str]:
    return [stated] if isinstance(stated, str) else list(stated or ())
