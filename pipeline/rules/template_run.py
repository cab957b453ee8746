"""Runs the programs that templates are compiled to.

A program has no loops and a place in it is tried at most once at each item, so the work for one target is bounded by the program's
length times its reach, whatever the text (the bit-state search of RE2).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any

from pipeline.model import Mention
from pipeline.rules.items import Item, Items

_MAX_BRACKETS = 40
_NOWHERE = 2**62
"""Behind all items."""


class Op(Enum):
    WORD = auto()
    LIST = auto()
    NUMBER = auto()
    ANY_WORD = auto()
    CAPITAL = auto()
    BRACKETS = auto()
    GAP = auto()
    EDGE = auto()
    SAVE = auto()
    SPLIT = auto()
    JUMP = auto()
    DONE = auto()


# An enumeration is slow to look into, and steps are asked for their kind very often.
_WORD, _SPLIT, _JUMP, _SAVE, _EDGE, _DONE = Op.WORD, Op.SPLIT, Op.JUMP, Op.SAVE, Op.EDGE, Op.DONE
_GAP, _NUMBER, _ANY_WORD, _CAPITAL, _BRACKETS = Op.GAP, Op.NUMBER, Op.ANY_WORD, Op.CAPITAL, Op.BRACKETS


class Trie:
    """Phrases by their words, from the left or from the right."""

    def __init__(self) -> None:
        self.next: dict[str, Trie] = {}
        self.ends = False
        self.depth = 0
        """Words of the longest phrase from here on."""

    def add(self, words: tuple[str, ...]) -> None:
        node = self
        for at, word in enumerate(words):
            node.depth = max(node.depth, len(words) - at)
            node = node.next.setdefault(word, Trie())
        node.ends = True


@dataclass
class Step:
    op: Op
    arg: Any = None
    a: int = 0
    b: int = 0


@dataclass(frozen=True)
class UnitFilter:
    """Which units a quantity may have."""

    exact: frozenset[str | None]
    prefixes: tuple[str, ...] = ()

    def admits(self, unit: str | None) -> bool:
        """Whether a quantity with this unit fits."""
        return unit in self.exact or (unit is not None and bool(self.prefixes) and unit.startswith(self.prefixes))


Units = UnitFilter | None


@dataclass(frozen=True)
class Firsts:
    """What may come first: one of ``words``, and a quantity or a word with a capital where these are true."""

    words: frozenset[str]
    number: bool = False
    capital: bool = False

    def admits(self, item: Item) -> bool:
        """Whether ``item`` may come first."""
        if item.mention is not None:
            return self.number or item.word in self.words
        return item.word in self.words or item.shouted in self.words or (self.capital and item.is_capital)

    def places(self, items: Items) -> Sequence[int]:
        """The items that may come first, in order."""
        found = [place for word in self.words & items.vocabulary for place in items.places[word]]
        if self.number:
            found += items.numbers
        if self.capital:
            found += items.capitals
        return found if len(found) < 2 else sorted(set(found))


@dataclass
class Program:
    steps: list[Step]
    forward: bool
    firsts: Firsts | None = None
    """``None`` where anything may come first."""

    @cached_property
    def joins(self) -> frozenset[int]:
        """The steps that more than one way leads to, which alone can be reached twice at one item."""
        ways = Counter({0: 1})
        for at, step in enumerate(self.steps):
            for to in _leads_to(at, step):
                ways[to] += 2 if step.op is Op.LIST else 1
        return frozenset(at for at, number in ways.items() if number > 1)

    @cached_property
    def anchors(self) -> tuple[tuple[int, int, Firsts], ...]:
        """What has to stand behind the first item on every way through, and how far behind it at least and at most."""
        found: list[tuple[int, int, Firsts]] = []
        size = len(self.steps)
        least, most = [0] * size, [0] * size
        reached = [0] * size  # how often a way has led to the step
        furthest = 0
        for at, step in enumerate(self.steps):
            # No step leads back, so that one which none before leads beyond is on every way.
            if at > 0 and furthest <= at and step.op not in (_SAVE, _EDGE, _DONE):
                firsts = first_items(self.steps, at)
                if firsts is not None and least[at] > 0:
                    found.append((least[at], most[at], firsts))
            shortest, longest = _widths(step)
            for to in _leads_to(at, step):
                if reached[to] == 0 or least[at] + shortest < least[to]:
                    least[to] = least[at] + shortest
                most[to] = max(most[to], most[at] + longest)
                reached[to] += 1
                furthest = max(furthest, to)
        return tuple(found)

    @cached_property
    def anchored(self) -> bool:
        """Whether it begins with the start of the sentence."""
        return self.steps[0].op is Op.EDGE and not self.steps[0].arg

    def places(self, items: Items) -> Sequence[int]:
        """The items at which a match may begin, in order, of a program that goes forward."""
        if self.anchored:
            return range(len(items) and 1)
        found = range(len(items)) if self.firsts is None else self.firsts.places(items)
        for least, most, firsts in self.anchors:
            if not found:
                break
            there = [*firsts.places(items), _NOWHERE]
            found = [place for place in found if there[bisect_left(there, place + least)] <= place + most]
        return found


def _leads_to(at: int, step: Step) -> tuple[int, ...]:
    """The steps that may come next."""
    if step.op is _SPLIT:
        return step.a, step.b
    if step.op is _JUMP:
        return (step.a,)
    return () if step.op is _DONE else (at + 1,)


def _widths(step: Step) -> tuple[int, int]:
    """How many items a step passes, at least and at most."""
    if step.op in (_SPLIT, _JUMP, _SAVE, _EDGE, _DONE):
        return 0, 0
    if step.op is Op.LIST:
        return 1, step.arg.depth
    return (2, _MAX_BRACKETS + 1) if step.op is _BRACKETS else (1, 1)


def first_items(steps: list[Step], start: int = 0) -> Firsts | None:
    """What may come first in a program from the step ``start`` on; ``None`` where anything may."""
    words: set[str] = set()
    number = capital = False
    waiting, seen = [start], set()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        step = steps[at]
        if step.op is Op.WORD:
            words.update(step.arg)
        elif step.op is Op.LIST:
            words.update(step.arg.next)
        elif step.op is Op.SPLIT:
            waiting += [step.a, step.b]
        elif step.op is Op.JUMP:
            waiting.append(step.a)
        elif step.op is Op.SAVE:
            waiting.append(at + 1)
        elif step.op is Op.NUMBER:
            number = True
        elif step.op is Op.CAPITAL:
            capital = True
        else:
            return None
    return Firsts(frozenset(words), number, capital)


def unit_fits(mention: Mention, units: Units) -> bool:
    return units is None or units.admits(mention.unit)


_Saved = tuple[tuple[str, int, int], ...]


def run(program: Program, items: Items, start: int) -> tuple[int, dict[tuple[str, int], int]] | None:
    """Runs ``program`` from item ``start`` on (backward programs go left). Returns the item index behind the match and, for each
    captured name, the positions (between items) where it opens and closes."""
    sequence = items.items
    size = len(sequence)
    if program.firsts is not None:
        if not 0 <= start < size:
            return None
        if not program.firsts.admits(sequence[start]):
            return None
    steps, joins = program.steps, program.joins
    step_by = 1 if program.forward else -1
    waiting: list[tuple[int, int, _Saved]] = []
    seen: set[tuple[int, int]] = set()
    at, position = 0, start
    saved: _Saved = ()
    while True:
        step = steps[at]
        op = step.op
        goes_on = True
        if at in joins:
            goes_on = (at, position) not in seen
            seen.add((at, position))
        if not goes_on:
            pass
        elif op is _WORD:
            goes_on = 0 <= position < size and (
                sequence[position].word in step.arg or sequence[position].shouted in step.arg
            )
            at, position = at + 1, position + step_by
        elif op is _SPLIT:
            waiting.append((step.b, position, saved))
            at = step.a
        elif op is _JUMP:
            at = step.a
        elif op is _DONE:
            return position, {(name, side): place for name, side, place in saved}
        elif op is _SAVE:
            name, side = step.arg
            saved = (*saved, (name, side, position if program.forward else position + 1))
            at += 1
        elif op is _EDGE:
            goes_on = (position >= size) if step.arg else (position < 0 or (program.forward and position == 0))
            at += 1
        else:
            ends = _ends(step, items, position, step_by) if 0 <= position < size else []
            goes_on = bool(ends)
            if goes_on:
                at += 1
                waiting.extend((at, end, saved) for end in ends[:-1])
                position = ends[-1]
        if not goes_on:
            if not waiting:
                return None
            at, position, saved = waiting.pop()


def _ends(step: Step, items: Items, position: int, step_by: int) -> list[int]:
    """Where ``step`` may end when it begins at ``position``; the preferred end comes last."""
    item = items.items[position]
    op = step.op
    following = [position + step_by]
    if op is _GAP:
        passes = item.mention is None and (item.is_word or (step.arg and item.is_wide))
        return following if passes else []
    if op is _NUMBER:
        return following if item.mention is not None and unit_fits(item.mention, step.arg) else []
    if op is _ANY_WORD:
        return following if item.is_word else []
    if op is _CAPITAL:
        return following if item.is_capital else []
    if op is _BRACKETS:
        other = (items.closing if step_by > 0 else items.opening).get(position)
        return [] if other is None or abs(other - position) > _MAX_BRACKETS else [other + step_by]
    ends = []
    trie: Trie | None = step.arg
    while trie is not None and 0 <= position < len(items):
        item = items.items[position]
        trie = trie.next.get(item.shouted or item.word) or trie.next.get(item.word)
        position += step_by
        if trie is not None and trie.ends:
            ends.append(position)
    return ends


def spans(items: Items, saved: Mapping[tuple[str, int], int]) -> dict[str, tuple[int, int]]:
    found = {}
    for (name, side), place in saved.items():
        if side == 0 and (close := saved.get((name, 1))) is not None and close > place:
            found[name] = (items.items[place].start, items.items[close - 1].end)
    return found
