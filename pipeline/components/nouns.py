"""Finds what a number counts: the head noun of the phrase after it, without a parser.

The head is the first plural word of at most five, before a word at which a noun phrase ends ("10,308 London civil servants joined":
servants). After "one" it is the last word before such a stop.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP, alternation

_WORD = re.compile(rf"{SP}{{1,2}}(?:[“\"‘])?([A-Za-zÀ-ÿ][A-Za-zÀ-ÿ0-9’'/.\-]{{0,40}})")
_MEASURE = re.compile(rf"{SP}(?:\d{{1,4}}(?:[.,]\d{{1,3}})?|[a-z]{{3,9}})[-‐‑](?:[A-Za-zµμ]{{1,12}})(?={SP}[a-z])")
"""A measure between a number and its noun: two 50-mg tablets, three five-year plans."""
_SHARE = re.compile(
    rf"{SP}?[(\[]{SP}?[<>~≈]?{SP}?[0-9]{{1,3}}(?:[.·][0-9]{{1,3}})?{SP}?(?:%|percent|per cent){SP}?[)\]]"
)
_SINGULAR_WORDS = 3
_COORDINATED = 2
_MODIFIERS = 3
"""Words after one in -ed or -ing among which its noun is looked for."""


class _Word(NamedTuple):
    """A word in lower case; ``ends`` where punctuation follows it, ``small`` where it has no capital."""

    text: str
    end: int
    ends: bool
    small: bool


class Counted(NamedTuple):
    """``unit`` is the head noun in the plural, or ``people``; the phrase ends at ``end`` and has ``words`` words.

    ``partitive`` where something stands between the number and the phrase: "12 of the patients", "12 (44%) patients".
    """

    unit: str
    end: int
    words: int
    partitive: bool


class CountedNouns:
    """Compiled from the rules ``people-nouns``, ``irregular-plurals`` and ``noun-phrase-stops``."""

    def __init__(self, rules: Ruleset) -> None:
        self.people = frozenset(str(word) for word in rules.lexicon("people-nouns"))
        plural: set[str] = set()
        singular: set[str] = set()
        for entry in rules.lexicon("irregular-plurals"):
            plural.update(entry.get("plural", ()))
            singular.update(entry.get("not_plural", ()))
        self._irregular, self._not_plural = frozenset(plural), frozenset(singular)
        stops: set[str] = set()
        through: set[str] = set()
        endings: list[str] = []
        for entry in rules.lexicon("noun-phrase-stops"):
            stops.update(entry.get("stops", ()))
            through.update(entry.get("through", ()))
            endings.extend(entry.get("verb_endings", ()))
        self.through = frozenset(through)
        self.stops = frozenset(stops) - self.through
        self._verb_endings = tuple(endings)
        self._numbers = frozenset(word for entry in rules.lexicon("number-words") for word in entry["words"])
        self._names = frozenset(str(word) for word in rules.params("noun-phrase-stops").get("names", ()))
        self._and = frozenset(str(word) for word in rules.params("noun-phrase-stops").get("coordinators", ()))
        of, whole = (alternation(rules.params("noun-phrase-stops").get(key, ())) for key in ("of", "whole"))
        self._partitive = re.compile(rf"{SP}{of}{SP}{whole}(?!\w)", re.IGNORECASE)
        bounds = [phrase for entry in rules.lexicon("quantity-qualifiers") for phrase in entry.get("after", ())]
        self._more = re.compile(rf"{SP}{alternation(bounds)}(?!\w)", re.IGNORECASE)
        self._who = re.compile(
            rf"{SP}{alternation(rules.params('noun-phrase-stops').get('who', ()))}(?!\w)", re.IGNORECASE
        )
        self._max_words = int(rules.params("noun-phrase-stops").get("max_words", 5))

    def is_plural(self, word: str) -> bool:
        """Whether ``word`` (lower case) looks like a plural noun."""
        if word in self._irregular or (word in self.people and not word.endswith("n")):
            return word in self._irregular or word.endswith("s")
        return (
            len(word) > 3
            and word.endswith("s")
            and not word.endswith(("ss", "us", "is", "'s", "’s"))
            and word not in self._not_plural
        )

    def after(self, text: str, position: int, one: bool = False) -> Counted | None:
        """What the number that ends at ``position`` counts; ``one`` where it is the number 1, which counts a singular."""
        partitive = self._partitive.match(text, position)
        if partitive is not None and one:
            return None
        if not one and self._who.match(text, position):
            # "three who slept"
            return Counted("people", position, 1, True)
        return self._singular(text, position) if one else self._plural(text, position, partitive)

    def _plural(self, text: str, position: int, partitive: re.Match[str] | None) -> Counted | None:
        at = partitive.end() if partitive is not None else position
        share = _SHARE.match(text, at)
        if share is not None:
            of = self._partitive.match(text, share.end())
            at = of.end() if of is not None else share.end()
        more = self._more.match(text, at)
        at = more.end() if more is not None else at
        measure = _MEASURE.match(text, at)
        if measure is not None and text[measure.start() + 1].isdigit():
            at = measure.end()
        count = 0
        person: Counted | None = None
        while count < self._max_words:
            word = self._word(text, at)
            if word is None:
                break
            if word.text in self._and and count and self._coordinates(text, word.end):
                at = word.end
                continue
            if not self._goes_on(text, word):
                break
            count += 1
            if self.is_plural(word.text) and (word.small or count == 1 or word.text in self.people):
                unit = "people" if word.text in self.people else word.text
                return Counted(unit, word.end, count, any(part is not None for part in (partitive, share, more)))
            if word.text in self.people and count == 1:
                person = Counted("people", word.end, count, share is not None)
            if word.ends and not (text[word.end : word.end + 1] == "," and self._adjective(word.text)):
                break
            at = word.end + word.ends
        return person

    def _singular(self, text: str, position: int) -> Counted | None:
        found: Counted | None = None
        for count in range(1, _SINGULAR_WORDS + 1):
            word = self._word(text, position)
            if word is None or not self._goes_on(text, word):
                break
            if count > 1 and (self.is_plural(word.text) or word.text in self._not_plural):
                break
            if word.text in self.people:
                return Counted("people", word.end, count, False)
            if word.text not in self.through and not word.text.endswith("ly") and len(word.text) > 2:
                found = Counted(pluralise(word.text), word.end, count, False)
            if word.ends:
                break
            position = word.end
        return found

    def _word(self, text: str, position: int) -> _Word | None:
        match = _WORD.match(text, position)
        if match is None:
            return None
        # "cells/ml" counts cells
        bare = match[1].split("/", 1)[0].rstrip(".'’-")
        end = match.start(1) + len(bare)
        return _Word(bare.lower(), end, match.end() > end or text[end : end + 1] in tuple(".,;:!?"), bare[:1].islower())

    def _goes_on(self, text: str, word: _Word) -> bool:
        """Whether ``word`` may belong to the noun phrase."""
        if (
            not word.text
            or word.text in self._numbers
            or (word.text in self.stops and text[word.end - len(word.text) : word.end] not in self._names)
        ):
            return False
        return not word.text.endswith(self._verb_endings) or self._modifies(text, word)

    def _coordinates(self, text: str, end: int) -> bool:
        """Whether an "and" that ends at ``end`` joins two modifiers: "digital and physical sales"."""
        following = self._word(text, end)
        if following is None or following.text in self.stops or following.text in self._numbers:
            return False
        at = following.end
        for _ in range(_COORDINATED):
            last = self._word(text, at)
            if last is None or last.text in self.stops:
                return False
            if self.is_plural(last.text):
                return True
            at = last.end
        return False

    def _modifies(self, text: str, word: _Word) -> bool:
        """Whether a word in -ed or -ing stands before a plural noun ("three randomised trials") rather than after its subject."""
        if word.text in self.through or "-" in word.text:
            return True
        if word.ends:
            return False
        at = word.end
        for _ in range(_MODIFIERS):
            following = self._word(text, at)
            if following is None or following.text in self.stops:
                return False
            if self.is_plural(following.text):
                return True
            at = following.end
        return False

    def _adjective(self, word: str) -> bool:
        """Whether a comma after ``word`` may be one between adjectives."""
        return word in self.through or "-" in word or word.endswith(self._verb_endings)


def pluralise(word: str) -> str:
    """The regular plural of an English noun."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    return word + "s"
