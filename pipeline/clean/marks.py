"""Reference marks in prose: set apart while cleaning, found again in the cleaned text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

import msgspec

from pipeline.model import Reference
from pipeline.rules.loader import Ruleset

_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT = re.compile(r"[⁰¹²³⁴-⁹]{1,3}(?:(?:[,;⁻–-]| ?, ?)[⁰¹²³⁴-⁹]{1,3}){0,30}(?!⁻)")
_COUNT = r"[0-9]{1,3}"
_NUMBERS = rf"{_COUNT}(?:\s?[,;–—-]\s?{_COUNT}){{0,40}}"
_BRACKETED = re.compile(rf"\({_NUMBERS}\)|\[{_NUMBERS}\]")
_FUSED = re.compile(
    rf"([a-zß-öø-ÿ]{{4,40}}[\"”’)]?[.,;:]?[\"”’)]?)({_COUNT}(?:[,–-]{_COUNT}){{0,20}})(?=[.,;:)”\"’]?(?:\s|$))"
)
_STOPS = ".,;:!?"
_WORD_BEFORE = re.compile(r"[^\W_]{1,40}$")
_YEAR = r"(?:1[89]|20)[0-9]{2}[a-z]?"
_SURNAME = r"[A-ZÀ-Þ][\w’'-]{1,30}(?:\s(?:[A-ZÀ-Þ][\w’'-]{1,30}))?"
_NAMED = re.compile(
    rf"({_SURNAME})(,?\s(?:et\sal\.?,?)|(?:,?\s(?:and|&)\s{_SURNAME}))?,?\s\(?({_YEAR})(?:,\s?{_YEAR}){{0,5}}\)?"
)
# "Eq. (1)", "Figs. (2)": a short word with a capital and a stop is an abbreviation, not a sentence's end.
_INTEGER = re.compile(r"[0-9]{1,4}")
_NUMBER_BEFORE = re.compile(r"(?<![\w.])([0-9]{1,6}(?:\.[0-9]{1,4})?)\s?%?$")
_SHORT_FORM = re.compile(r"(?<![A-Za-z])[A-Z][a-z]{0,3}\.$")
_PAREN = re.compile(r"\(([^()]{4,400})\)")


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
            text = _BRACKETED.sub(self._spaced, text)
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
        return f"[{match.group().translate(_SUPER)}]" + (" " if after.isalnum() else "")

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


def find_marks(text: str, references: Sequence[Reference]) -> list[Mark]:
    """Every reference mark of the cleaned ``text``, in order and without overlap.

    A number in round brackets is a mark where the references have it, or, without a reference list, where such numbers follow
    a sentence's end somewhere in the text; one that numbers the parts of a sentence, ``(1) first``, is none.
    A name with a year is one where the references have it or it names more than one author.
    """
    keys = {r.key for r in references}
    numeric = _numeric_marks(text, keys)
    named = _named_marks(text, _by_name(references))
    out: list[Mark] = []
    for mark in sorted([*numeric, *named], key=lambda m: (m.start, -m.end)):
        if not out or mark.start >= out[-1].end:
            out.append(mark)
    return out


def _numeric_marks(text: str, keys: Collection[str]) -> list[Mark]:
    found = list(_BRACKETED.finditer(text))
    behind = {m.start(): _behind_stop(text, m) for m in found}
    loose = not keys and any(behind[m.start()] for m in found if m.group()[0] == "(")
    counters = _counters(text, found)
    marks: list[Mark] = []
    for match in found:
        names = expand(match.group()[1:-1])
        known = bool(keys) and all(n in keys for n in names)
        if match.group()[0] == "(":
            if match.start() in counters:
                continue
            closing = text[match.end() : match.end() + 1] in (".", ",", ";", ":", "\n", "")
            placed = behind[match.start()] or (loose and closing and not _behind_short_form(text, match.start()))
            if not known and not placed:
                continue
        elif _is_interval(text, match):
            continue
        marks.append(Mark(match.start(), match.end(), match.group(), names))
    return marks


def _behind_stop(text: str, match: re.Match[str]) -> bool:
    """Whether the bracket stands behind a sentence's end; one inside other brackets, ``(Eq. (1))``, does not."""
    before = text[max(0, match.start() - 3) : match.start()].rstrip(" ")
    stop = before[-1:] in tuple('.!?”"') and text[match.end() : match.end() + 1] != ")"
    return stop and not _behind_short_form(text, match.start())


def _behind_short_form(text: str, start: int) -> bool:
    return _SHORT_FORM.search(text[max(0, start - 8) : start].rstrip(" ")) is not None


def _counters(text: str, found: Iterable[re.Match[str]]) -> set[int]:
    """Starts of brackets that number the parts of a sentence or paragraph: ``(1) tea, (2) milk``.

    The first stands behind a colon, a comma, ``and`` or nothing, before a word; the next go on counting from it on the same line.
    """
    counters: set[int] = set()
    last: tuple[int, int, int] | None = None
    for match in found:
        number = match.group()[1:-1]
        if match.group()[0] != "(" or not number.isdigit():
            continue
        before = text[max(0, match.start() - 6) : match.start()].rstrip(" ")
        led = not before or before[-1] in ":;,\n–—(" or before.endswith((" and", " or"))
        follows = last is not None and int(number) == last[0] + 1 and "\n" not in text[last[2] : match.start()]
        counting = follows and last is not None and last[1] in counters and before[-1:] in tuple(";.,!?")
        if text[match.end() : match.end() + 2].strip()[:1].isalnum():
            if led or counting:
                counters.add(match.start())
                if follows and last is not None and last[0] == 1:
                    counters.add(last[1])
            last = (int(number), match.start(), match.end())
        else:
            last = None
    return counters


def _is_interval(text: str, match: re.Match[str]) -> bool:
    """``95% CI [10, 20]``, ``51 [44-57] years``: two numbers behind an equals sign, capitals, or a number that lies between them."""
    ends = _INTEGER.findall(match.group())
    if len(ends) != 2:
        return False
    before = text[max(0, match.start() - 14) : match.start()].rstrip()
    if before[-1:] == "=" or before[-2:].isupper():
        return True
    value = _NUMBER_BEFORE.search(before)
    return value is not None and int(ends[0]) <= float(value.group(1)) <= int(ends[1])


def _by_name(references: Iterable[Reference]) -> dict[tuple[str, str], str]:
    """Keys of references by first author (case-folded) and year."""
    table: dict[tuple[str, str], str] = {}
    for reference in references:
        year = re.search(rf"\b{_YEAR}\b", reference.key + " " + reference.text)
        name = re.match(r"[^\w]{0,3}([A-ZÀ-Þ][\w’'-]{1,30})", reference.text)
        if year is not None and name is not None:
            table.setdefault((name.group(1).casefold(), year.group()), reference.key)
    return table


def _named_marks(text: str, by_name: dict[tuple[str, str], str]) -> list[Mark]:
    marks: list[Mark] = []
    covered = 0
    for paren in _PAREN.finditer(text):
        keys = [k for m in _NAMED.finditer(paren.group(1)) for k in _named_keys(m, by_name)]
        if keys:
            marks.append(Mark(paren.start(), paren.end(), paren.group(), tuple(dict.fromkeys(keys))))
    inside = [(m.start, m.end) for m in marks]
    for match in _NAMED.finditer(text):
        while covered < len(inside) and inside[covered][1] <= match.start():
            covered += 1
        if covered < len(inside) and inside[covered][0] <= match.start():
            continue
        if "(" in match.group() and match.group().endswith(")"):
            names = _named_keys(match, by_name)
            if names:
                begin = match.start()
                first = match.group(1).split()[0]
                if " " in match.group(1) and _opens_sentence(text, begin):
                    # The first of two words at a sentence's start is no name: "Following Roe et al. (2001)".
                    begin += match.group(1).index(match.group(1).split()[1])
                    names = [n.removeprefix(first).lstrip() for n in names]
                marks.append(Mark(begin, match.end(), text[begin : match.end()], tuple(names)))
    return marks


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 2) : start].rstrip()
    return not before or before[-1] in ".!?\n"


def _named_keys(match: re.Match[str], by_name: dict[tuple[str, str], str]) -> list[str]:
    name, others = match.group(1).split()[-1], match.group(2)
    years = re.findall(_YEAR, match.group()[match.start(3) - match.start() :])
    keys: list[str] = []
    for year in years:
        known = by_name.get((name.casefold(), year)) or by_name.get((match.group(1).split()[0].casefold(), year))
        if known is not None:
            keys.append(known)
        elif others is not None:
            join = " et al." if "et" in others and "al" in others else " " + others.strip(" ,")
            keys.append(f"{match.group(1)}{join}, {year}")
    return keys
