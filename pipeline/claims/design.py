"""Which groups an article compares, and which of them is the intervention: by all that it says of them, not by their order.

Every mention of a group and every figure linked to it is weighed: words for controls, a treatment added to what the others get too,
the higher dose, what stands behind "versus", the order in the title, and what the language model says. The sum decides; weights are
the rule ``arm-weights``.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.claims.evidence import COMPARATOR
from pipeline.claims.groups import GroupMention, Key, is_number
from pipeline.rules.items import PhraseSet, phrase_words
from pipeline.rules.ruleset import Ruleset

_LEAST = 1e-3
_DIGITS = 6
"""Decimals of a sum, so that weights that cancel out leave nothing."""
_ACRONYM = re.compile(r"\s?\(\s?(?P<name>[A-Za-z][\w-]{0,9})(?=\s?[);,:=])")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Telling(NamedTuple):
    """What one sentence says of groups."""

    text: str
    start: int
    end: int
    groups: Sequence[GroupMention]
    figures: Sequence[tuple[GroupMention | None, Mapping[str, float]]]
    """Of each figure its group, and the probability of each role."""
    is_title: bool = False
    sizes: Sequence[tuple[GroupMention, int]] = ()
    """How many are in a group."""
    study: float | None = None
    """The size of the study that is being told, where it is known."""


class Design:
    """The groups of one article, and how much speaks for each being the intervention."""

    def __init__(
        self,
        names: Mapping[Key, Key],
        scores: Mapping[Key, float],
        order: Sequence[Key],
        sizes: Mapping[tuple[Key, float], int],
        reasons: Mapping[Key, Mapping[str, float]],
    ) -> None:
        self._names = names
        self._reasons = reasons
        self._scores = scores
        self._sizes = sizes
        self.order = tuple(order)
        """All groups, as first named."""

    def arm(self, key: Key) -> Key:
        """The group that ``key`` names."""
        return self._names.get(key, key)

    def size(self, key: Key, study: float | None) -> int | None:
        """How many are in the group of the study that has ``study`` people, where the article tells one number only."""
        return None if study is None else self._sizes.get((self.arm(key), study))

    def score(self, key: Key) -> float:
        """Log-odds that the group is the intervention and not what it is compared with; 0 where nothing tells."""
        return self._scores.get(self.arm(key), 0.0)

    def reasons(self, key: Key) -> Mapping[str, float]:
        """What :meth:`score` is the sum of, by the names of the weights."""
        return self._reasons.get(self.arm(key), {})


class DesignReader:
    """Reads designs; built once per process."""

    def __init__(self, rules: Ruleset) -> None:
        self._weights: dict[str, float] = {name: float(value) for name, value in rules.params("arm-weights").items()}
        self._against = PhraseSet(rules.phrases("against-words"))
        self._added = PhraseSet(rules.phrases("added-words")).words
        self._apart = PhraseSet(rules.phrases("apart-words")).words
        self._alone = PhraseSet(rules.phrases("alone-words")).words
        self._common = self._added | self._alone

    def read(self, tellings: Sequence[Telling]) -> Design:
        """The design that the sentences of one article tell, ``tellings`` in text order."""
        names = self._same(tellings)
        reasons: defaultdict[Key, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        order: dict[Key, None] = {}
        seen: defaultdict[tuple[Key, str], float] = defaultdict(float)
        for telling in tellings:
            for group in telling.groups:
                if not group.is_population:
                    order.setdefault(names[group.key])
            for key, kind, weight in self._evidence(telling, names):
                seen[key, kind] += weight
        for (key, kind), total in sorted(seen.items()):
            most = self._weights.get(f"{kind}_most", math.inf)
            reasons[key][kind] += max(-most, min(most, total))
        for key, kind, weight in self._between(list(order)):
            reasons[key][kind] += weight
        for key in order:
            most = self._weights.get("added_most", math.inf)
            reasons[key]["added"] = max(-most, min(most, reasons[key]["added"]))
        titled = {key: told_by["title"] for key, told_by in reasons.items() if told_by["title"]}
        for key in order:
            if key not in titled:
                reasons[key]["title"] = self._by_kin(key, titled)
        controls = {names[g.key] for telling in tellings for g in telling.groups if g.is_control}
        if controls:
            for key in order:
                reasons[key]["beside_control"] = (
                    self._weights.get("beside_control", 0.0) if key not in controls else 0.0
                )
        told: defaultdict[tuple[Key, float], set[int]] = defaultdict(set)
        for telling in tellings:
            for group, size in telling.sizes:
                if telling.study is not None and size < telling.study:
                    told[names[group.key], telling.study].add(size)
        sizes = {place: min(found) for place, found in told.items() if len(found) == 1}
        scores = {key: round(sum(told_by.values()), _DIGITS) for key, told_by in reasons.items()}
        return Design(names, scores, list(order), sizes, reasons)

    def _evidence(self, telling: Telling, names: Mapping[Key, Key]) -> list[tuple[Key, str, float]]:
        weights = self._weights
        found: list[tuple[Key, str, float]] = []
        groups = [group for group in telling.groups if not group.is_population]
        for at, group in enumerate(groups):
            key = names[group.key]
            if group.is_control:
                found.append((key, "control", -weights.get("control", 0.0)))
            if group.is_arm:
                found.append((key, "control", weights.get("control", 0.0)))
            if group.label is not None:
                sign = -1.0 if group.label == COMPARATOR else 1.0
                found.append((key, "label", sign * weights.get("label", 0.0) * group.score))
            before = groups[at - 1] if at else None
            if before is not None and names[before.key] != key and self._is_against(telling, before, group):
                kind = "title" if telling.is_title else "against"
                found.append((key, kind, -weights.get(kind, 0.0)))
                found.append((names[before.key], kind, weights.get(kind, 0.0)))
            if telling.is_title and at == 0:
                found.append((key, "title", weights.get("title", 0.0)))
        for figure_group, roles in telling.figures:
            if figure_group is not None and not figure_group.is_population and roles:
                odds = math.log((roles["arm"] + _LEAST) / (roles["comparator"] + _LEAST))
                found.append((names[figure_group.key], "figures", weights.get("figures", 0.0) * odds))
        return found

    def _is_against(self, telling: Telling, one: GroupMention, other: GroupMention) -> bool:
        between = phrase_words(telling.text[one.end : other.start])
        return len(between) <= self._weights.get("against_reach", 0) and self._against.within(between)

    def _between(self, keys: Sequence[Key]) -> list[tuple[Key, str, float]]:
        """What the names say when they are set beside each other: something added, or more of the same."""
        found: list[tuple[Key, str, float]] = []
        for one in keys:
            for other in keys:
                rest = set(one) - set(other)
                if one == other or not set(other) - self._alone:
                    continue
                core = set(other) - self._alone
                if core < set(one) and (rest & self._added or set(other) & self._alone):
                    found.append((one, "added", self._weights.get("added", 0.0)))
                    found.append((other, "added", -self._weights.get("added", 0.0)))
                more, less = _dose(one), _dose(other)
                if more is not None and less is not None and more > less and _without_dose(one) == _without_dose(other):
                    found.append((one, "dose", self._weights.get("dose", 0.0)))
                    found.append((other, "dose", -self._weights.get("dose", 0.0)))
        return found

    def _by_kin(self, key: Key, titled: Mapping[Key, float]) -> float:
        """What the title says of a group that it names in part: by the words that only one of the title's groups has."""
        kin = [
            one
            for one in sorted(titled)
            if set(key) & set(one).difference(*(other for other in titled if other != one)) - self._common
        ]
        return titled[kin[0]] if len(kin) == 1 else 0.0

    def _tells_apart(self, word: str) -> bool:
        """Whether a word more in its name makes a group another one."""
        return word in self._added or word in self._alone or word in self._apart or is_number(word)

    def _same(self, tellings: Sequence[Telling]) -> dict[Key, Key]:
        """For every key the one that stands for all names of its group: abbreviations and letters are led back to what they stand for."""
        first: dict[Key, Key] = {}
        by_id: dict[str, Key] = {}
        for telling in tellings:
            for group in telling.groups:
                first.setdefault(group.key, group.key)
                if group.id is not None:
                    first[group.key] = by_id.setdefault(group.id, first[group.key])
        for telling in tellings:
            for short, long in _abbreviations(telling):
                if short in first and short != long:
                    first[short] = _root(first, long)
            for letter, treatment in _letters(telling):
                if first.get(letter, letter) == letter:
                    first[letter] = _root(first, treatment)
        for key in sorted(first):
            core = tuple(word for word in key if word not in self._alone)
            if core != key and core in first and first[key] == key:
                first[key] = _root(first, core)
        controls = {group.key for telling in tellings for group in telling.groups if group.is_control}
        keys = sorted(first, key=lambda key: (len(key), key))
        for key in keys:
            if first[key] != key:
                continue
            wider = [other for other in keys if first[other] == other and set(key) < set(other)]
            plain = [
                other
                for other in wider
                if (other in controls) == (key in controls) and not any(map(self._tells_apart, set(other) - set(key)))
            ]
            if len(wider) == 1 and plain:
                first[plain[0]] = key
        return {key: _root(first, key) for key in first}


def _abbreviations(telling: Telling) -> list[tuple[Key, Key]]:
    """Short names in brackets behind the long ones: ``(short, long)``."""
    found: list[tuple[Key, Key]] = []
    for group in telling.groups:
        match = _ACRONYM.match(telling.text, group.end, telling.end)
        if match is not None and not group.is_lettered:
            found.append(((match["name"].lower(),), group.key))
    return found


def _letters(telling: Telling) -> list[tuple[Key, Key]]:
    """Which treatment a lettered group got, where a sentence without results tells: the next one named, or the one before brackets."""
    if telling.figures:
        return []
    found = []
    groups = telling.groups
    for at, group in enumerate(groups):
        if not group.is_lettered:
            continue
        in_brackets = telling.text[: group.start].rstrip().endswith("(")
        beside = (
            groups[at - 1]
            if in_brackets and at
            else groups[at + 1]
            if at + 1 < len(groups) and not in_brackets
            else None
        )
        if beside is not None and not beside.is_lettered and not beside.is_population:
            found.append((group.key, beside.key))
    return found


def _root(first: Mapping[Key, Key], key: Key) -> Key:
    seen = {key}
    while first.get(key, key) != key:
        key = first[key]
        if key in seen:
            return min(seen)
        seen.add(key)
    return key


def _dose(key: Key) -> float | None:
    numbers = [float(match.group()) for word in key for match in [_NUMBER.fullmatch(word)] if match is not None]
    return numbers[0] if len(numbers) == 1 and len(key) > 1 else None


def _without_dose(key: Key) -> set[str]:
    return {word for word in key if _NUMBER.fullmatch(word) is None}
