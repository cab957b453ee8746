"""Reference marks in prose, set apart while cleaning."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import msgspec

from pipeline.model import Reference
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import FROM_RAISED, RAISED_DIGIT

_SUPERSCRIPT = re.compile(rf"{RAISED_DIGIT}{{1,3}}(?:(?:[,;⁻–-]| ?, ?){RAISED_DIGIT}{{1,3}}){{0,30}}(?!⁻)")
_COUNT = r"[0-9]{1,3}"
NUMBERS = rf"{_COUNT}(?:\s?[,;–—-]\s?{_COUNT}){{0,40}}"
BRACKETED = re.compile(rf"\({NUMBERS}\)|\[{NUMBERS}\]")
_FUSED = re.compile(
    rf"([a-zß-öø-ÿ]{{4,40}}[\"”’)]?[.,;:]?[\"”’)]?)({_COUNT}(?:[,–-]{_COUNT}){{0,20}})(?=[.,;:)”\"’]?(?:\s|$))"
)
_STOPS = ".,;:!?"
_WORD_BEFORE = re.compile(r"[^\W_]{1,40}$")
_KEY_NUMBER = re.compile(r"[0-9]+(?=[a-z]?$)")


class Mark(msgspec.Struct, frozen=True):
    """One reference mark of a text: ``text[start:end]`` is the mark, ``keys`` the references it names, ranges expanded."""

    start: int
    end: int
    text: str
    keys: tuple[str, ...]


class MarkSetter:
    """Sets marks apart by the rules ``mark-units`` (words whose small raised 2 or 3 is a power) and ``mark-counted`` (words that
    are counted by a number fused to them)."""

    def __init__(self, rules: Ruleset) -> None:
        self._units = frozenset(str(e).casefold() for e in rules.lexicon("mark-units"))
        self._counted = frozenset(str(e).casefold() for e in rules.lexicon("mark-counted"))

    def apart(self, text: str, keys: Collection[str]) -> str:
        """``text`` with raised marks in square brackets, bracketed marks spaced off, and, where ``keys`` (of a numbered reference
        list) has all their numbers, marks fused to a word in square brackets. No letter or digit is added, dropped or moved."""
        if _SUPERSCRIPT.search(text) is not None:
            text = _SUPERSCRIPT.sub(self._raised, text)
        if "(" in text or "[" in text:
            text = BRACKETED.sub(self._spaced, text)
        if keys:
            text = _FUSED.sub(lambda m: self._fused(m, keys), text)
        return text

    def _raised(self, match: re.Match[str]) -> str:
        before = match.string[max(0, match.start() - 41) : match.start()]
        if not before or before[-1].isspace():
            return match.group()
        if before[-1] not in ".,;:!?)]”\"’'%":
            word = _WORD_BEFORE.search(before)
            bare = word.group() if word is not None else ""
            power = match.group() in ("²", "³")
            if len(bare) < 3 or not bare.isalpha() or (power and bare.casefold() in self._units):
                return match.group()
            if not bare[-1].islower() and len(bare) < 4:
                return match.group()
        after = match.string[match.end() : match.end() + 1]
        return f"[{match.group().translate(FROM_RAISED)}]" + (" " if after.isalnum() else "")

    def _spaced(self, match: re.Match[str]) -> str:
        text, start, end = match.string, match.start(), match.end()
        before, after = text[max(0, start - 3) : start], text[end : end + 1]
        led = before[-1:] in tuple('.,;:!?”"’') or (len(before) == 3 and before.isalpha() and before[1:].islower())
        if not led:
            return match.group()
        glue = " " if match.group()[0] == "(" or before[-1:] in tuple(_STOPS) else ""
        return glue + match.group() + (" " if after.isalnum() or after in tuple("“(") else "")

    def _fused(self, match: re.Match[str], keys: Collection[str]) -> str:
        word, numbers = match.group(1), match.group(2)
        bare = "".join(c for c in word if c.isalpha())
        if bare.casefold() in self._counted or not all(key in keys for key in expand(numbers)):
            return match.group()
        before = match.string[max(0, match.start() - 1) : match.start()]
        if before.isalnum() or before in tuple("/_@."):
            return match.group()
        return f"{word} [{numbers}]" if word[-1] in _STOPS else f"{word}[{numbers}]"


def expand(numbers: str) -> tuple[str, ...]:
    """The keys that ``3,5–7`` names: ``3``, ``5``, ``6``, ``7``. A range of more than 60, or one that falls, is its two ends."""
    keys: list[str] = []
    for part in re.split(r"\s?[,;]\s?", numbers):
        ends = [e for e in re.split(r"\s?[–—-]\s?", part) if e]
        if len(ends) == 2 and 0 < int(ends[1]) - int(ends[0]) <= 60:
            keys.extend(str(n) for n in range(int(ends[0]), int(ends[1]) + 1))
        else:
            keys.extend(str(int(e)) for e in ends)
    return tuple(dict.fromkeys(keys))


def numbers_of(references: Iterable[Reference]) -> frozenset[str]:
    """The numbers of a numbered list; where several entries have one, it stands for all of them."""
    return frozenset(m.group() for r in references if (m := _KEY_NUMBER.match(r.key)) is not None)
