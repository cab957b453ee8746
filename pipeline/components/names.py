"""Tells from the words beside a number whether it is a name (Table 2, Windows 10), a pronoun (one another) or a point in time."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.components.items import Item
from pipeline.components.neighbours import NO_WORD, Word, opens_sentence, percent_follows, word_after, word_before
from pipeline.components.nouns import CountedNouns
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP, alternation
from pipeline.units import Unit, Units

_MAX_DIGITS = 4
"""Longer numbers count something."""
_REACH = 12
"""Characters from one label of a list to the next."""
_NEXT_LABELS = 2
_FEW = 20
"""Below this a number behind a name with a capital is part of the name, whatever noun follows."""
_RULE = "label-words"


class Names:
    """Compiled from the rules ``label-words``, ``number-names`` and ``one-idioms``."""

    def __init__(
        self, rules: Ruleset, nouns: CountedNouns, units: Units, prefixes: frozenset[str], below: float
    ) -> None:
        self._nouns, self._units, self._prefixes, self._below = nouns, units, prefixes, below
        words = _words(rules, "label-words")
        self.hard, self.soft, self._dotted = words("hard"), words("soft"), words("dotted")
        self.fine, self._time, self._time_before = words("capital_fine"), words("time"), words("time_before")
        self._fixed = frozenset(str(name).lower() for name in rules.lexicon("number-names"))
        idioms = _words(rules, "one-idioms")
        self._one_before, self._one_after, self._one_day = idioms("before"), idioms("after"), idioms("day_before")
        self._one_keep, self._one_never = idioms("keep_before"), idioms("never")
        of = [
            str(word)
            for entry in rules.lexicon("range-words")
            for key in ("of", "out of")
            for word in entry.get(key, ())
        ]
        self._part = re.compile(rf"{SP}{alternation(of)}{SP}\d")
        """What follows the number of some out of many."""
        self._listed = re.compile(
            rf"[A-Za-z]?{SP}?(?:,|[-–]|&|/)?{SP}?{alternation(rules.params('label-words').get('joints', ()))}?{SP}?"
        )

    def is_name(self, text: str, item: Item, previous: Item | None, joined: bool) -> bool:
        """Whether ``item``, which has no unit, is a name; ``joined`` where it goes on to another number. May read a point in time."""
        if self._goes_on(text, item, previous):
            assert previous is not None
            item.rule, item.form = _RULE, previous.form
            return previous.form.startswith("hard") or self._nouns.after(text, item.end) is None
        word = word_before(text, item.start)
        if word.text.endswith(".") and word.bare not in self._dotted:
            word = NO_WORD
        if item.plain and f"{word.lower} {text[item.start : item.end]}" in self._fixed:
            item.rule = _RULE
            return True
        if not word.apart and word.text and (word.bare in self.hard or word.bare in self._dotted):
            item.rule, item.form = _RULE, "hards" if word.bare.endswith("s") else "hard"
            return True
        if word.apart or (item.kind == "digits" and percent_follows(text, item.end)):
            word = NO_WORD
        if item.kind == "word":
            if word.lower in self._time and self._is_point_in_words(text, item, word):
                return False
            return not joined and self._is_word_name(text, item, word)
        if not item.plain or (word.lower in self._time and self._point_in_time(text, item, word)):
            return False
        return item.end - item.start <= _MAX_DIGITS and self._is_digit_name(text, item, word)

    def is_idiom(self, text: str, item: Item, unit: Unit) -> bool:
        """Whether "one day" means some day."""
        if item.kind != "word" or item.value != 1 or unit.kind != "time":
            return False
        return word_before(text, item.start).lower in self._one_day

    def is_lettered(self, text: str, item: Item, unit: Unit, previous: Item | None) -> bool:
        """Whether "3A" is part A of the third figure rather than three amperes."""
        if not item.plain or unit.start != item.end or unit.end != unit.start + 1 or not text[unit.start].isupper():
            return False
        if previous is not None and previous.label and previous.rule == _RULE and item.start - previous.end <= _REACH:
            return True
        return word_before(text, item.start).bare in self.hard

    def _goes_on(self, text: str, item: Item, previous: Item | None) -> bool:
        """Whether ``item`` goes on a list of names: "phases 3, 5 and 7", "Table 2 and 3" but not "arm 1 and 16"."""
        if previous is None or not previous.label or previous.rule != _RULE or item.start - previous.end > _REACH:
            return False
        if not self._listed.fullmatch(text, previous.end, item.start):
            return False
        if text[previous.end : item.start] in ("-", "–", "/") or previous.form in ("hards", "softs"):
            return True
        if previous.value is None or item.value is None:
            return True
        return item.plain and 0 <= item.value - previous.value <= _NEXT_LABELS

    def _is_digit_name(self, text: str, item: Item, word: Word) -> bool:
        if word.bare in self.soft:
            if self._part.match(text, item.end):
                return False  # in the trial 31 of 240
            item.rule, item.form = _RULE, "softs" if word.bare.endswith("s") else "soft"
            titled = word.text[0].isupper() and item.value is not None and item.value < _FEW
            if titled and not word.bare.endswith("s") and not opens_sentence(text, word.start):
                return True
            return self._nouns.after(text, item.end) is None
        if item.value is None or item.value >= self._below:
            return False
        counted = self._nouns.after(text, item.end)
        if any(char.isupper() for char in word.text) and self._is_proper(text, word):
            item.rule = _RULE
            if counted is None:
                return True
            if counted.unit == "people":
                return counted.words == 1 and not text[item.end : counted.end].endswith("s")
            return item.value < _FEW and not opens_sentence(text, word.start)
        following = word_after(text, item.end)
        spaced = item.start > 0 and text[item.start - 1] == " "
        return counted is None and spaced and len(following) > 1 and following[0].isupper()

    def _is_proper(self, text: str, word: Word) -> bool:
        """Whether a word with a capital is a name rather than the opening of a sentence or a measure."""
        lower, nouns = word.bare, self._nouns
        if lower in nouns.stops or lower in self.fine or lower in nouns.people or lower in self._prefixes:
            return False
        return not (lower in nouns.through and (word.text.islower() or opens_sentence(text, word.start)))

    def _point_in_time(self, text: str, item: Item, word: Word) -> bool:
        """Reads "at week 12" as 12 weeks."""
        unit = self._units.after(text, word.start)
        if unit is None or unit.kind != "time" or self._part.match(text, item.end):
            return False  # nor "within the year 211 of 602"
        item.start, item.unit, item.unit_kind, item.form = word.start, unit.unit, "time", "index"
        item.quantity_class, item.rule = "timepoint", _RULE
        return True

    def _is_point_in_words(self, text: str, item: Item, word: Word) -> bool:
        """Reads "at week twelve" as 12 weeks; "from day one" is no time, and what is counted behind the number is another thing."""
        if item.value is None or item.value <= 1 or word.lower.endswith("s") or self._nouns.after(text, item.end):
            return False
        led = word_before(text, word.start).lower in self._time_before
        return led and self._point_in_time(text, item, word)

    def _is_word_name(self, text: str, item: Item, word: Word) -> bool:
        written = text[item.start : item.end]
        after = word_after(text, item.end)
        opens = opens_sentence(text, item.start) or (len(word.text) > 3 and word.text.isupper())
        if written[0].isupper() and not opens and not written.isupper():
            small = item.value is not None and item.value < 100
            return small or word.text[:1].isupper() or after[:1].isupper()
        if written.lower() != "one":
            return word.lower in self.soft and self._nouns.after(text, item.end) is None
        if percent_follows(text, item.end):
            return False
        if word.bare in self._one_keep and after.lower() not in self._one_never:
            return False
        if word.lower in self._one_before or after.lower() in self._one_after or not after:
            return True
        return text[item.end : item.end + 1] in ("'", "’") or self._nouns.after(text, item.end, one=True) is None


def _words(rules: Ruleset, rule_id: str) -> Callable[[str], frozenset[str]]:
    """Gives the words that the entries of a rule have under a key."""
    entries = rules.lexicon(rule_id)
    return lambda key: frozenset(str(word).strip("-") for entry in entries for word in entry.get(key, ()))
