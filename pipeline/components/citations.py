"""Finds reference marks and citations: [3,4], (17), therapy.17, (Smith et al., 2003), Smith et al. (2003)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.components.items import Label
from pipeline.model import Mention
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import DASH, SP, alternation

_YEAR = r"(?:1[5-9]|20)\d\d"
_NAME = r"[A-ZÀ-Þ][\w'’\-]{1,24}"
_SUPER = r"⁰¹²³⁴-⁹"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

_SQUARE = re.compile(
    rf"\[[ ]?((?:\d{{1,4}}[a-z]?(?:[ ]?(?:[,;]|{DASH})[ ]?|[ ]?\]\[)){{0,40}}\d{{1,4}}[a-z]?)[ ]?\](?!\w)"
)
_ROUND = re.compile(rf"\([ ]?(\d{{1,3}}(?:[ ]?(?:[,]|{DASH})[ ]?\d{{1,3}}){{0,30}})[ ]?\)")
_RAISED = re.compile(rf"[{_SUPER}]{{1,3}}(?:[⁻,˒–-][{_SUPER}]{{1,3}}){{0,12}}")
_FUSED = re.compile(rf"\d{{1,3}}(?:[,–-]\d{{1,3}}){{0,8}}(?=[ \u00a0][A-Z]|{SP}{{0,3}}(?:$|\n))")
_GLUED = re.compile(r"\d{1,2}(?:[,–-]\d{1,2}){0,5}(?=[.;:]?(?:\s|$)|,\s)")
_WORD_OF_FIVE = re.compile(r"[a-z]{5}\Z")
_WORD_OF_FOUR = re.compile(r"[a-z]{4}\Z")
_STOPPED_WORD = re.compile(r"[a-z)”\"’][.,]\Z")
_SHORT_WORD = re.compile(r"(?<![A-Za-zµμ])[A-Za-zµμ]{1,3}\Z")
_SPAN = re.compile(rf"(\d{{1,3}}){DASH}(\d{{1,3}})")
_WHOLE = re.compile(r"(?<![\d.,·])(\d{1,3}) \Z")
_RUN = re.compile(r"\d+")
_NUMBER = re.compile(rf"(\d{{1,4}})[a-z]?(?:[ ]?{DASH}[ ]?(\d{{1,4}}))?")
_YEAR_ALONE = re.compile(rf"(?<!\d)({_YEAR})(?!\d)")


class Citations:
    """Compiled from the rule ``citation-words``."""

    def __init__(self, rules: Ruleset) -> None:
        sizes = (
            word for entry in rules.lexicon("statistic-words") if entry["kind"] == "size-of" for word in entry["words"]
        )
        self._sized = re.compile(
            rf"(?<!\w){alternation([*map(str, rules.lexicon('people-nouns')), *map(str, sizes)])} $"
        )
        words: dict[str, list[str]] = {}
        for entry in rules.lexicon("citation-words"):
            for key, values in entry.items():
                words.setdefault(key, []).extend(str(value) for value in values)
        others, joins = alternation(words.get("and others", ())), alternation(words.get("and", ()))
        press = alternation(words.get("unpublished", ()))
        authors = rf"{_NAME}(?:{SP}(?:{others}|{joins}{SP}{_NAME}))?(?:['’]s)?"
        years = rf"{_YEAR}[a-z]?(?:[,;]{SP}?(?:{_YEAR}[a-z]?|[a-z](?!\w))){{0,6}}"
        self._list = re.compile(rf"\((?=[^()\n]{{0,300}}?{_YEAR}[a-z]?)([^()\n]{{0,40}}?{authors}[^()\n]{{0,300}})\)")
        self._listed = re.compile(rf"(?:{_NAME}|{others}),?{SP}(?P<years>{press}|{years})(?!{SP}?(?:%|[A-Za-zµμ]))")
        self._bracketed = re.compile(rf"[(\[](?P<years>{years})[)\]]")
        self._authors_before = re.compile(rf"(?<![\w]){authors}{SP}?\Z")

    def find(self, text: str) -> Iterator[Label]:
        """The labels of ``text``, not in order; a label may overlap another."""
        has_digits = _RUN.search(text) is not None
        if has_digits:
            yield from self._in_brackets(text)
        yield from _raised(text)
        if has_digits:
            yield from _fused(text)

    def _in_brackets(self, text: str) -> Iterator[Label]:
        for match in self._list.finditer(text):
            for part in self._listed.finditer(text, *match.span(1)):
                start, end = part.span("years")
                yield Label(start, end, _years(text, start, end))
        for match in self._bracketed.finditer(text):
            if self._authors_before.search(text, max(0, match.start() - 70), match.start()):
                start, end = match.span("years")
                yield Label(start, match.end(), _years(text, start, end))
        for match in _SQUARE.finditer(text):
            if not match.start() or text[match.start() - 1] not in "=∈+*":
                yield Label(match.start(), match.end(), _marks(text, *match.span(1)))
        for match in _ROUND.finditer(text):
            label = self._round(text, match)
            if label is not None:
                yield label

    def _round(self, text: str, match: re.Match[str]) -> Label | None:
        """A number in round brackets: a mark behind a word or a stop, but a figure behind a figure, and a formula's number behind a letter.

        Behind people or a group it is their number: "the tea group (58)".
        """
        start = match.start()
        before = text[start - 1 : start] if start else ""
        glued = before not in (" ", "\u00a0")
        if not glued:
            before = text[start - 2 : start - 1] if start > 1 else ""
        if text[match.end() : match.end() + 1].isalnum():
            # "S0140(17)30160", "(188)Re"
            return Label(start, match.end(), ())
        if before.isdigit() and _beyond(text, match):
            return Label(start, match.end(), _marks(text, *match.span(1)))
        if not before or before.isdigit() or before in "%±=<>" or not (before.isalnum() or before in '.,;:!?’"”)'):
            return None
        if glued and before.isalpha() and not _WORD_OF_FOUR.search(text, max(0, start - 4), start):
            return Label(start, match.end(), ())
        if not glued and match[1].isdecimal() and self._sized.search(text, max(0, start - 20), start):
            return None
        return Label(start, match.end(), _marks(text, *match.span(1)))


def _beyond(text: str, match: re.Match[str]) -> bool:
    """Whether the range in brackets is not around the whole number before it, as spread would be: "part 7 (14–17)"."""
    span, before = _SPAN.fullmatch(match[1]), _WHOLE.search(text, max(0, match.start() - 5), match.start())
    return span is not None and before is not None and not int(span[1]) <= int(before[1]) <= int(span[2])


def _raised(text: str) -> Iterator[Label]:
    for match in _RAISED.finditer(text):
        start, end = match.span()
        before = text[start - 1 : start] if start else ""
        if not before or not (before.isalpha() or before in '.,;:!?)”"’%'):
            continue
        if match.group() in "¹²³⁴" and _SHORT_WORD.search(text, max(0, start - 4), start):
            # "cm²" and "m³" are units
            continue
        first = re.match(r"\d{1,3}", match.group().translate(_SUPERSCRIPTS))
        if first is not None:
            yield Label(start, end, (citation(text, start, end, float(first.group())),))


def _fused(text: str) -> Iterator[Label]:
    """Marks that lost their place above the line: "therapy.17 We", "individuals2."."""
    for run in _RUN.finditer(text):
        start = run.start()
        match = None
        if _STOPPED_WORD.search(text, max(0, start - 2), start):
            match = _FUSED.match(text, start)
        elif _WORD_OF_FIVE.search(text, max(0, start - 5), start):
            match = _GLUED.match(text, start)
        if match is not None:
            yield Label(start, match.end(), _marks(text, *match.span()))


def _marks(text: str, start: int, end: int) -> tuple[Mention, ...]:
    return tuple(
        citation(
            text,
            match.start(1),
            match.end(2) if match[2] else match.end(1),
            float(match[1]),
            float(match[2]) if match[2] else None,
        )
        for match in _NUMBER.finditer(text, start, end)
    )


def _years(text: str, start: int, end: int) -> tuple[Mention, ...]:
    return tuple(citation(text, *match.span(1), float(match[1])) for match in _YEAR_ALONE.finditer(text, start, end))


def citation(text: str, start: int, end: int, value: float, high: float | None = None) -> Mention:
    """A mention of class ``citation``; a run of marks (5–7) is a range."""
    return Mention(
        start=start,
        end=end,
        text=text[start:end],
        value=value if high is None else None,
        low=value if high is not None else None,
        high=high,
        quantity_class="citation",
        form="mark",
        rule="citation-words",
    )
