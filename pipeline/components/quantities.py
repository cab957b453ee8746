"""Finds every number mention of a text with value, range, unit and qualifier."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from pipeline.components.amounts import Amounts
from pipeline.components.compose import Composer
from pipeline.components.digits import Digits
from pipeline.components.hints import lowered_words
from pipeline.components.items import Item, Label
from pipeline.components.labels import Labels
from pipeline.components.nouns import CountedNouns
from pipeline.components.numbers import NumberScanner, Numeral
from pipeline.components.qualifiers import Qualifiers
from pipeline.components.roles import NumberRoles
from pipeline.components.shares import Shares
from pipeline.components.statistics import Statistics
from pipeline.language.text import text_of
from pipeline.model import Mention
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP
from pipeline.units import Units

if TYPE_CHECKING:  # at run time spaCy takes most of a second to load, and who compares sources reads numbers alone
    from spacy.tokens import Doc

_SUSPENDED = re.compile(rf"-{SP}")
"""The hyphen of "a two- and sometimes three-person job"."""
_MAX_NOUN_GAP = 30
_OPEN = re.compile(rf"{SP}?[(\[]")
_CLOSE = re.compile(rf"{SP}?[)\]]")
_ADJECTIVE = re.compile(rf"{SP}([a-z]{{3,14}})(?={SP})")


class QuantityFinder:
    """Reads text character by character, not by tokens, since tokens of scraped text are unreliable. Immutable once built."""

    def __init__(self, rules: Ruleset) -> None:
        self._digits = Digits(rules)
        self._labels = Labels(rules)
        self._numbers = NumberScanner(rules)
        self._units = Units(rules)
        self._nouns = CountedNouns(rules)
        self._roles = NumberRoles(rules, self._nouns, self._units)
        self._statistics = Statistics(rules)
        self._composer = Composer(rules)
        self._shares = Shares(rules, self._nouns)
        self._qualifiers = Qualifiers(rules)
        self._amounts = Amounts(rules, self._units, self._nouns)

    def find(self, text: str) -> list[Mention]:
        """All mentions of ``text``, sorted by start and not overlapping; line breaks end everything. Never raises."""
        plain = self._digits.plain(text)
        found = self._find(plain)
        if plain is text:
            return found
        return [msgspec.structs.replace(mention, text=text[mention.start : mention.end]) for mention in found]

    def _find(self, text: str) -> list[Mention]:
        lower = lowered_words(text)
        labels = self._labels.find(text)
        items = self._roles.items(text, _outside(self._numbers.find(text, lower), labels))
        self._statistics.mark(text, items)
        self._shares.mark(text, items)
        items = self._shares.read(text, self._composer.compose(text, items))
        self._statistics.spread(text, items)
        self._roles.ages(text, items)
        items = [
            item
            for item in items
            if not (item.label or not item.finite or (item.bare and _SUSPENDED.match(text, item.end)))
        ]
        self._count(text, items)
        self._shares.complete(text, items)
        for item in items:
            self._qualifiers.read(text, item)
        found = [item.mention(text) for item in items]
        found.extend(mention for label in labels for mention in label.mentions)
        found.extend(self._amounts.find(text, lower, labels))
        return _apart(found)

    def _count(self, text: str, items: list[Item]) -> None:
        """Gives numbers without a unit the noun that they count; those in one list share it."""
        for index in range(len(items) - 1, -1, -1):
            item = items[index]
            if (not item.bare and not (item.form == "n" and item.unit is None)) or item.form == "ratio":
                continue
            counted = self._nouns.after(text, item.number_end, item.value == 1)
            if counted is not None:
                item.unit, item.unit_kind = counted.unit, "noun"
                apart = index + 1 == len(items) or counted.end <= items[index + 1].start
                if item.kind == "digits" and counted.words <= 4 and not counted.partitive and apart:
                    item.end = counted.end
            elif index + 1 < len(items):
                following = items[index + 1]
                gap = text[item.end : following.start]
                if following.unit == "percent" and _OPEN.fullmatch(gap) and index + 2 < len(items):
                    # "four (11%) and 15 relapses"
                    closed = _CLOSE.match(text, following.end)
                    following = items[index + 2]
                    gap = text[closed.end() : following.start] if closed is not None else gap
                listed = len(gap) <= _MAX_NOUN_GAP and (self._lists(gap, following) or item.total is not None)
                if following.unit_kind == "noun" and listed:
                    item.unit, item.unit_kind = following.unit, "noun"
                elif (
                    item.total is not None
                    and index + 2 < len(items)
                    and items[index + 2].form == "total"
                    and items[index + 2].unit_kind == "noun"
                ):
                    item.unit, item.unit_kind = items[index + 2].unit, "noun"

    def _lists(self, gap: str, following: Item) -> bool:
        """Whether ``gap`` joins members of a list, also those of people: "117 tall and 56 short men"."""
        if self._composer.lists(gap):
            return True
        word = _ADJECTIVE.match(gap) if following.unit == "people" else None
        return word is not None and word[1] not in self._nouns.stops and self._composer.lists(gap[word.end() :])


def _outside(numerals: list[Numeral], labels: list[Label]) -> list[Numeral]:
    """The numerals that touch no label, and of those that overlap the first."""
    kept: list[Numeral] = []
    at = 0
    end = -1
    for numeral in numerals:
        while at < len(labels) and labels[at].end <= numeral.start:
            at += 1
        if numeral.start < end or (at < len(labels) and labels[at].start < numeral.end):
            continue
        kept.append(numeral)
        end = numeral.end
    return kept


def _apart(found: list[Mention]) -> list[Mention]:
    """The longer of two mentions that overlap."""
    found.sort(key=lambda mention: (mention.start, -mention.end))
    kept: list[Mention] = []
    for mention in found:
        if kept and mention.start < kept[-1].end:
            if mention.end - mention.start > kept[-1].end - kept[-1].start:
                kept[-1] = mention
            continue
        kept.append(mention)
    return kept


class QuantityComponent:
    """The spaCy component: sets ``doc._.quantities`` to the mentions of the whole text, offsets in characters."""

    def __init__(self, finder: QuantityFinder) -> None:
        self._finder = finder

    def __call__(self, doc: Doc) -> Doc:
        text = text_of(doc)
        doc._.quantities = self._finder.find(text)
        if doc._.sentence_spans:
            doc._.sentence_spans = _whole(text, doc._.sentence_spans, doc._.quantities)
        return doc


def _whole(text: str, spans: list[tuple[int, int]], mentions: list[Mention]) -> list[tuple[int, int]]:
    """``spans`` so that none ends within a mention, which a list without lines may be cut in; what begins in one goes to the one before."""
    whole: list[tuple[int, int]] = []
    at = 0
    for start, end in spans:
        if whole and start < whole[-1][1]:
            start = whole[-1][1]
            while start < end and text[start].isspace():
                start += 1
        while at < len(mentions) and mentions[at].end <= end:
            at += 1
        if at < len(mentions) and mentions[at].start < end:
            end = mentions[at].end
        if start < end:
            whole.append((start, end))
    return whole
