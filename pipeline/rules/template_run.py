"""Runs the programs that templates are compiled to.

A program has no loops and a place in it is tried at most once at each item, so the work for one target is bounded by the program's
length times its reach, whatever the text (the bit-state search of RE2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import Any

from pipeline.model import Mention
from pipeline.rules.items import Item, Items

_MAX_BRACKETS = 40


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


class Trie:
    """Phrases by their words, from the left or from the right."""

    def __init__(self) -> None:
        self.next: dict[str, Trie] = {}
        self.ends = False

    def add(self, words: tuple[str, ...]) -> None:
        node = self
        for word in words:
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

    def places(self, items: Items) -> Iterable[int]:
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
            if step.op is Op.SPLIT:
                ways.update((step.a, step.b))
            elif step.op is Op.JUMP:
                ways[step.a] += 1
            elif step.op is not Op.DONE:
                ways[at + 1] += 2 if step.op is Op.LIST else 1
        return frozenset(at for at, number in ways.items() if number > 1)

    @cached_property
    def anchored(self) -> bool:
        """Whether it begins with the start of the sentence."""
        return self.steps[0].op is Op.EDGE and not self.steps[0].arg


def first_items(steps: list[Step]) -> Firsts | None:
    """What may come first in a program; ``None`` where anything may."""
    words: set[str] = set()
    number = capital = False
    waiting, seen = [0], set()
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
        elif op is Op.WORD:
            goes_on = 0 <= position < size and (
                sequence[position].word in step.arg or sequence[position].shouted in step.arg
            )
            at, position = at + 1, position + step_by
        elif op is Op.SPLIT:
            waiting.append((step.b, position, saved))
            at = step.a
        elif op is Op.JUMP:
            at = step.a
        elif op is Op.DONE:
            return position, {(name, side): place for name, side, place in saved}
        elif op is Op.SAVE:
            name, side = step.arg
            saved = (*saved, (name, side, position if program.forward else position + 1))
            at += 1
        elif op is Op.EDGE:
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
    if op is Op.GAP:
        passes = item.mention is None and (item.is_word or (step.arg and item.is_wide))
        return following if passes else []
    if op is Op.NUMBER:
        return following if item.mention is not None and unit_fits(item.mention, step.arg) else []
    if op is Op.ANY_WORD:
        return following if item.is_word else []
    if op is Op.CAPITAL:
        return following if item.is_capital else []
    if op is Op.BRACKETS:
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
