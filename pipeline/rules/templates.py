"""Surface templates: patterns over words and quantities that rule authors write as data (docs/rules.md).

A template becomes two small programs, one for what stands left of the target quantity and one for what stands right of it, each run
outward from the target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.rules.items import Items, phrase_words
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.template_run import Op, Program, Step, Trie, UnitFilter, Units, first_items, run, spans, unit_fits
from pipeline.rules.template_syntax import (
    MAX_NODES,
    Capture,
    Choice,
    Edge,
    Gap,
    Mark,
    Node,
    Optional,
    Seq,
    Slot,
    TemplateError,
    Word,
    parse_template,
)

__all__ = ["Match", "Template", "TemplateCompiler", "TemplateError", "TemplateSets", "compiler_for"]

UNIT_LIST_PREFIX = "units-"
NUMBERS = ("number", "q")
BUILT_IN = {
    "number": Op.NUMBER,
    "q": Op.NUMBER,
    "word": Op.ANY_WORD,
    "capital": Op.CAPITAL,
    "brackets": Op.BRACKETS,
}
"""Slots that are no lists."""


@dataclass(frozen=True)
class Match:
    """Where a template matched: item indices ``first`` to ``last`` (inclusive) and captured character spans by name."""

    first: int
    last: int
    captures: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class Needs:
    """The sets of words of which a sentence needs one each for a template to match, as bits: so all templates that can't match a
    sentence are told from the others by one pass over its words."""

    def __init__(self) -> None:
        self._bits: dict[frozenset[str], int] = {}
        self._by_word: dict[str, int] = {}

    def bit(self, words: frozenset[str]) -> int:
        """The bit of this set."""
        bit = self._bits.get(words)
        if bit is None:
            bit = self._bits[words] = 1 << len(self._bits)
            for word in words:
                self._by_word[word] = self._by_word.get(word, 0) | bit
        return bit

    def met(self, items: Items) -> int:
        """The bits of all sets of which the sentence has a word."""
        known = items.needs_met
        if known is not None and known[0] is self and known[1] == len(self._bits):
            return known[2]
        met = 0
        for word in items.vocabulary:
            met |= self._by_word.get(word, 0)
        items.needs_met = self, len(self._bits), met
        return met


class Template:
    """One compiled template."""

    def __init__(
        self,
        text: str,
        left: Program | None,
        right: Program,
        target: Units,
        has_target: bool,
        needs: Needs,
        needed: tuple[frozenset[str], ...],
    ) -> None:
        self.text = text
        self.has_target = has_target
        self.needs = needs
        self._needed = needed
        self.bits = 0
        """What it needs, as :attr:`needs` counts it."""
        for words in needed:
            self.bits |= needs.bit(words)
        self._left = left
        self._right = right
        self._target = target

    @property
    def rarest(self) -> frozenset[str] | None:
        """The words of which a sentence needs one, or the template can't match it: of several such sets the rarest. None without any."""
        return max(self._needed, key=_rarity, default=None)

    def admits(self, unit: str | None) -> bool:
        """Whether the target may have this unit."""
        return self._target is None or self._target.admits(unit)

    def match_at(self, items: Items, index: int) -> Match | None:
        """The match in which item ``index`` is the target quantity ``{q}``."""
        if self.bits & ~self.needs.met(items):
            return None
        mention = items.items[index].mention
        if mention is None or self._left is None or not unit_fits(mention, self._target):
            return None
        right = run(self._right, items, index + 1)
        if right is None:
            return None
        left = run(self._left, items, index - 1)
        if left is None:
            return None
        return Match(left[0] + 1, right[0] - 1, spans(items, {**left[1], **right[1]}))

    def find(self, items: Items) -> Iterator[Match]:
        """All matches from left to right, none of which overlap, of a template that has no target."""
        if self.has_target or self.bits & ~self.needs.met(items):
            return
        at = 0
        for start in self._right.places(items):
            if start < at:
                continue
            found = run(self._right, items, start)
            if found is not None and found[0] > start:
                yield Match(start, found[0] - 1, spans(items, found[1]))
                at = found[0]


class TemplateSets:
    """Many sets of templates without a target, of which those that may match a sentence are told by its words at once."""

    def __init__(self, sets: Sequence[Sequence[Template]]) -> None:
        self._templates: list[tuple[int, int, Template]] = []
        self._needs: Needs | None = None
        self._always: list[int] = []
        self._by_word: dict[str, list[int]] = {}
        for place, templates in enumerate(sets):
            for template in templates:
                number = len(self._templates)
                self._templates.append((place, template.bits, template))
                self._needs = template.needs
                rarest = template.rarest
                if rarest is None:
                    self._always.append(number)
                for word in rarest or ():
                    self._by_word.setdefault(word, []).append(number)

    def find(self, items: Items) -> Iterator[tuple[int, list[Match]]]:
        """For each set that matches anywhere, in order, its index and all matches, template by template."""
        if self._needs is None:
            return
        missing = ~self._needs.met(items)
        numbers = set(self._always)
        for word in self._by_word.keys() & items.vocabulary:
            numbers.update(self._by_word[word])
        at, found = -1, list[Match]()
        for number in sorted(numbers):
            place, bits, template = self._templates[number]
            if bits & missing:
                continue
            matches = template.find(items)
            if place != at:
                if found:
                    yield at, found
                at, found = place, []
            found.extend(matches)
        if found:
            yield at, found


class TemplateCompiler:
    """Compiles templates, with the lists that ``rules`` hold. Every template is compiled once."""

    def __init__(self, rules: Mapping[str, Mapping[str, Any]]) -> None:
        self._rules = Ruleset(rules)
        self._tries: dict[tuple[str, bool], Trie] = {}
        self._templates: dict[str, Template] = {}
        self._needs = Needs()

    def compile(self, text: str, *, needs_target: bool = False) -> Template:
        """The compiled template. Raises ``TemplateError``, also where ``needs_target`` and there is no ``{q}``."""
        template = self._templates.get(text)
        if template is None:
            template = self._templates[text] = self._compile(text)
        if needs_target and not template.has_target:
            raise TemplateError(f"the template {text!r} has no {{q}}; mark the quantity it is about")
        return template

    def _compile(self, text: str) -> Template:
        parts = tuple(_opened(parse_template(text).parts))
        targets = [index for index, part in enumerate(parts) if isinstance(part, Slot) and part.name == "q"]
        inner = sum(_count_targets(part) for part in parts) - len(targets)
        if inner or len(targets) > 1:
            raise TemplateError(
                f"{{q}} must stand once in {text!r}, outside `(...)` and without `?`; use {{number}} for others"
            )
        if not targets:
            return Template(text, None, self._program(parts, True, text), None, False, self._needs, self._needed(parts))
        at = targets[0]
        slot = parts[at]
        assert isinstance(slot, Slot)
        left, right = self._program(parts[:at], False, text), self._program(parts[at + 1 :], True, text)
        return Template(text, left, right, self.units(slot.specs), True, self._needs, self._needed(parts))

    def units(self, specs: tuple[str, ...]) -> Units:
        """The units that ``specs`` admit: names of units (``mg*``: all that begin so), of
        unit lists, or ``none``; ``None`` admits all. Raises ``TemplateError``."""
        if not specs:
            return None
        named: list[str | None] = []
        for spec in specs:
            if spec.startswith(UNIT_LIST_PREFIX):
                listed = self._rules.phrases(spec)
                if not listed:
                    raise TemplateError(f"there is no list {spec!r}, or it is empty; correct the name or add the list")
                named.extend(listed)
            else:
                named.append(None if spec == "none" else spec)
        prefixes = tuple(sorted(unit[:-1] for unit in named if unit is not None and unit.endswith("*")))
        return UnitFilter(frozenset(named), prefixes)

    def _needed(self, parts: Iterable[Node]) -> tuple[frozenset[str], ...]:
        """Sets of words of each of which a sentence needs one, or the template can't match it."""
        found: list[frozenset[str]] = []
        for part in parts:
            match part:
                case Word(word):
                    found.append(frozenset((word,)))
                case Slot(name) if name not in BUILT_IN:
                    found.append(frozenset(self._trie(name, True).next))
                case Seq(inner):
                    found.extend(self._needed(inner))
                case Capture(_, inner):
                    found.extend(self._needed((inner,)))
                case Choice(options):
                    needs = [self._needed((option,)) for option in options]
                    if all(needs):
                        found.append(frozenset().union(*(max(option, key=_rarity) for option in needs)))
                case _:
                    pass
        return tuple(found)

    def _program(self, parts: tuple[Node, ...], forward: bool, text: str) -> Program:
        steps: list[Step] = []
        self._emit(Seq(parts), steps, forward)
        if len(steps) > MAX_NODES:
            raise TemplateError(f"the template {text!r} is too long; split it")
        steps.append(Step(Op.DONE))
        return Program(steps, forward, first_items(steps))

    def _emit(self, node: Node, steps: list[Step], forward: bool) -> None:
        match node:
            case Word(word):
                steps.append(Step(Op.WORD, frozenset((word,))))
            case Slot():
                steps.append(self._slot(node, forward))
            case Edge(end):
                steps.append(Step(Op.EDGE, end))
            case Gap(size, wide):
                # Lazily: at each of `size` places, first try to go on without another item.
                splits = []
                for _ in range(size):
                    splits.append(len(steps))
                    steps.append(Step(Op.SPLIT))
                    steps.append(Step(Op.GAP, wide))
                for at in splits:
                    steps[at].a, steps[at].b = len(steps), at + 1
            case Seq(parts):
                for part in parts if forward else reversed(parts):
                    self._emit(part, steps, forward)
            case Optional(part):
                at = len(steps)
                steps.append(Step(Op.SPLIT))
                self._emit(part, steps, forward)
                steps[at].a, steps[at].b = at + 1, len(steps)
            case Choice(_):
                jumps = []
                options = _words_together(node.options)
                for option in options[:-1]:
                    at = len(steps)
                    steps.append(Step(Op.SPLIT))
                    self._emit_option(option, steps, forward)
                    jumps.append(len(steps))
                    steps.append(Step(Op.JUMP))
                    steps[at].a, steps[at].b = at + 1, len(steps)
                self._emit_option(options[-1], steps, forward)
                for jump in jumps:
                    steps[jump].a = len(steps)
            case Mark(name, end):
                steps.append(Step(Op.SAVE, (name, int(end))))
            case Capture(name, part):
                steps.append(Step(Op.SAVE, (name, 0 if forward else 1)))
                self._emit(part, steps, forward)
                steps.append(Step(Op.SAVE, (name, 1 if forward else 0)))

    def _emit_option(self, option: Node | frozenset[str], steps: list[Step], forward: bool) -> None:
        if isinstance(option, frozenset):
            steps.append(Step(Op.WORD, option))
        else:
            self._emit(option, steps, forward)

    def _slot(self, slot: Slot, forward: bool) -> Step:
        if slot.name in NUMBERS:
            return Step(Op.NUMBER, self.units(slot.specs))
        if slot.specs:
            raise TemplateError(f"{{{slot.name}:...}} takes nothing after the colon; remove it")
        if slot.name in BUILT_IN:
            return Step(BUILT_IN[slot.name])
        return Step(Op.LIST, self._trie(slot.name, forward))

    def _trie(self, name: str, forward: bool) -> Trie:
        trie = self._tries.get((name, forward))
        if trie is None:
            phrases = self._rules.phrases(name)
            if not phrases:
                raise TemplateError(f"there is no list {name!r}, or it is empty; correct the name or add the list")
            trie = Trie()
            for phrase in phrases:
                words = phrase_words(phrase)
                if not words:
                    raise TemplateError(f"the list {name!r} holds {phrase!r}, which has no word; remove it")
                trie.add(words if forward else words[::-1])
            self._tries[name, forward] = trie
        return trie


def compiler_for(rules: Ruleset) -> TemplateCompiler:
    """A compiler with the lists of ``rules``."""
    return TemplateCompiler(rules.rules)


def _words_together(options: Iterable[Node]) -> list[Node | frozenset[str]]:
    """``options`` with single words that follow each other as one set, which is looked up at once."""
    found: list[Node | frozenset[str]] = []
    for option in options:
        inner = option.parts[0] if isinstance(option, Seq) and len(option.parts) == 1 else option
        if not isinstance(inner, Word):
            found.append(option)
        elif found and isinstance(found[-1], frozenset):
            found[-1] |= {inner.text}
        else:
            found.append(frozenset((inner.text,)))
    return found


def _rarity(words: frozenset[str]) -> tuple[int, list[str]]:
    """The longer its words and the fewer, the rarer a set is met."""
    return min(map(len, words), default=0) - len(words), sorted(words)


def _opened(parts: Iterable[Node]) -> Iterator[Node]:
    """``parts`` with the captures that hold the target opened up, so that the target stands among them."""
    for part in parts:
        if isinstance(part, Capture) and _count_targets(part):
            yield Mark(part.name, end=False)
            yield from _opened(part.part.parts if isinstance(part.part, Seq) else (part.part,))
            yield Mark(part.name, end=True)
        else:
            yield part


def _count_targets(node: Node) -> int:
    match node:
        case Slot(name):
            return int(name == "q")
        case Seq(parts) | Choice(parts):
            return sum(_count_targets(part) for part in parts)
        case Optional(part) | Capture(_, part):
            return _count_targets(part)
        case _:
            return 0
