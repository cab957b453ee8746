"""Reference marks in a cleaned text, found again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipeline.clean.entries import citation_words
from pipeline.clean.marks import BRACKETED, NUMBERS, Mark, expand
from pipeline.model import Reference
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import YEAR, alternation

_LETTERED_YEAR = rf"{YEAR}[a-z]?"
_LISTED_YEAR = re.compile(rf"\b({YEAR})([a-z]?)\b")
_FIRST_NAME = re.compile(r"[^\w]{0,3}([A-ZÀ-Þ][\w’'-]{1,30})")
_SURNAME = r"[A-ZÀ-Þ][\w’'-]{1,30}(?:\s(?:[A-ZÀ-Þ][\w’'-]{1,30}))?"
_KEY_NUMBER = re.compile(r"([0-9]+)[a-z]?$")
# "Eq. (1)", "Figs. (2)": a short word with a capital and a stop is an abbreviation, not a sentence's end.
_INTEGER = re.compile(r"[0-9]{1,4}")
_NUMBER_BEFORE = re.compile(r"(?<![\w.])([0-9]{1,6}(?:\.[0-9]{1,4})?)\s?%?$")
_SHORT_FORM = re.compile(r"(?<![A-Za-z])[A-Z][a-z]{0,3}\.$")
_PAREN = re.compile(r"\(([^()]{4,400})\)")


class MarkFinder:
    """Finds marks: numbers in brackets, and names with a year, by the rule ``mark-names``: what stands for further authors
    (``role: others``), what joins two names or numbered parts (``role: join``), the one before a last part (``role: or``), and what
    a reference is called (``role: called``)."""

    def __init__(self, rules: Ruleset) -> None:
        self._others, joins = citation_words(rules)
        self._named = re.compile(
            rf"({_SURNAME})((?P<others>,?\s(?:{self._others})\.?,?)|(?:,?\s(?:{joins})\s{_SURNAME}))?,?\s\(?"
            rf"(?P<year>{_LETTERED_YEAR})(?:,\s?{_LETTERED_YEAR}){{0,5}}\)?"
        )
        joined = {str(w) for e in rules.lexicon("mark-names") if e["role"] in ("join", "or") for w in e["words"]}
        self._before_part = tuple(f" {word}" for word in sorted(joined))
        called = [str(w) for e in rules.lexicon("mark-names") if e["role"] == "called" for w in e["words"]]
        self._called = re.compile(rf"[\[(](?:see )?{alternation(called)}\.? ?({NUMBERS})[\])]", re.IGNORECASE)
        self._more = next((str(e["words"][0]) for e in rules.lexicon("mark-names") if e["role"] == "others"), "")

    def find(self, text: str, references: Sequence[Reference]) -> list[Mark]:
        """Every reference mark of the cleaned ``text``, in order and without overlap.

        A number in round brackets is a mark where the references have it, or, without a reference list, where such numbers follow
        a sentence's end somewhere in the text; one that numbers the parts of a sentence, ``(1) first``, is none.
        A name with a year is one where the references have it or it names more than one author. A mark that fits several entries names all.
        """
        numbers = _by_number(references)
        numeric = [*self._numeric_marks(text, numbers), *self._called_marks(text, numbers)]
        named = self._named_marks(text, _by_name(references))
        out: list[Mark] = []
        for mark in sorted([*numeric, *named], key=lambda m: (m.start, -m.end)):
            if not out or mark.start >= out[-1].end:
                out.append(mark)
        return out

    def _numeric_marks(self, text: str, known_numbers: Mapping[str, tuple[str, ...]]) -> list[Mark]:
        found = list(BRACKETED.finditer(text))
        behind = {m.start(): _behind_stop(text, m) for m in found}
        loose = not known_numbers and any(behind[m.start()] for m in found if m.group()[0] == "(")
        counters = self._counters(text, found)
        marks: list[Mark] = []
        for match in found:
            numbers = expand(match.group()[1:-1])
            known = bool(known_numbers) and all(n in known_numbers for n in numbers)
            if match.group()[0] == "(":
                if match.start() in counters:
                    continue
                closing = text[match.end() : match.end() + 1] in (".", ",", ";", ":", "\n", "")
                placed = behind[match.start()] or (loose and closing and not _behind_short_form(text, match.start()))
                if not known and not placed:
                    continue
            elif _is_interval(text, match):
                continue
            names = tuple(key for n in numbers for key in known_numbers.get(n, (n,)))
            marks.append(Mark(match.start(), match.end(), match.group(), names))
        return marks

    def _called_marks(self, text: str, known_numbers: Mapping[str, tuple[str, ...]]) -> Iterator[Mark]:
        """Numbers in brackets that are called references: ``(ref. 3)``."""
        for match in self._called.finditer(text) if known_numbers else ():
            numbers = expand(match.group(1))
            if all(number in known_numbers for number in numbers):
                keys = tuple(key for number in numbers for key in known_numbers[number])
                yield Mark(match.start(), match.end(), match.group(), keys)

    def _counters(self, text: str, found: Iterable[re.Match[str]]) -> set[int]:
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
            led = not before or before[-1] in ":;,\n–—(" or before.endswith(self._before_part)
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

    def _named_marks(self, text: str, by_name: Mapping[tuple[str, str], tuple[str, ...]]) -> list[Mark]:
        marks: list[Mark] = []
        covered = 0
        for paren in _PAREN.finditer(text):
            keys = [k for m in self._named.finditer(paren.group(1)) for k in self._named_keys(m, by_name)]
            if keys:
                marks.append(Mark(paren.start(), paren.end(), paren.group(), tuple(dict.fromkeys(keys))))
        inside = [(m.start, m.end) for m in marks]
        for match in self._named.finditer(text):
            while covered < len(inside) and inside[covered][1] <= match.start():
                covered += 1
            if covered < len(inside) and inside[covered][0] <= match.start():
                continue
            if "(" in match.group() and match.group().endswith(")"):
                names = self._named_keys(match, by_name)
                if names:
                    begin = match.start()
                    first = match.group(1).split()[0]
                    if " " in match.group(1) and _opens_sentence(text, begin):
                        # The first of two words at a sentence's start is no name: "Following Roe et al. (2001)".
                        begin += match.group(1).index(match.group(1).split()[1])
                        names = [n.removeprefix(first).lstrip() for n in names]
                    marks.append(Mark(begin, match.end(), text[begin : match.end()], tuple(names)))
        return marks

    def _named_keys(self, match: re.Match[str], by_name: Mapping[tuple[str, str], tuple[str, ...]]) -> list[str]:
        name, others = match.group(1).split()[-1], match.group(2)
        years = re.findall(_LETTERED_YEAR, match.group()[match.start("year") - match.start() :])
        keys: list[str] = []
        for year in years:
            known = by_name.get((name.casefold(), year)) or by_name.get((match.group(1).split()[0].casefold(), year))
            if known is not None:
                keys.extend(known)
            elif others is not None:
                join = f" {self._more}." if match["others"] is not None else " " + others.strip(" ,")
                keys.append(f"{match.group(1)}{join}, {year}")
        return keys


def _by_number(references: Iterable[Reference]) -> dict[str, tuple[str, ...]]:
    """Keys of references by their number."""
    table: dict[str, tuple[str, ...]] = {}
    for reference in references:
        number = _KEY_NUMBER.fullmatch(reference.key)
        if number is not None:
            table[number.group(1)] = (*table.get(number.group(1), ()), reference.key)
    return table


def _by_name(references: Iterable[Reference]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Keys of references by first author (case-folded) and year, with its letter and without."""
    table: dict[tuple[str, str], tuple[str, ...]] = {}
    for reference in references:
        year = _LISTED_YEAR.search(f"{reference.key} {reference.text}")
        name = _FIRST_NAME.match(reference.text)
        if year is not None and name is not None:
            for written in dict.fromkeys((year.group(), year.group(1))):
                place = (name.group(1).casefold(), written)
                table[place] = (*table.get(place, ()), reference.key)
    return table


def _behind_stop(text: str, match: re.Match[str]) -> bool:
    """Whether the bracket stands behind a sentence's end; one inside other brackets, ``(Eq. (1))``, does not."""
    before = text[max(0, match.start() - 3) : match.start()].rstrip(" ")
    stop = before[-1:] in tuple('.!?”"') and text[match.end() : match.end() + 1] != ")"
    return stop and not _behind_short_form(text, match.start())


def _behind_short_form(text: str, start: int) -> bool:
    return _SHORT_FORM.search(text[max(0, start - 8) : start].rstrip(" ")) is not None


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


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 2) : start].rstrip()
    return not before or before[-1] in ".!?\n"
