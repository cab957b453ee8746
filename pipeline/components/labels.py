"""Finds numbers that are no quantities by their form: addresses, codes, dates, clock times, list marks, reference marks.

Each is a ``Label``: a stretch of text in which no quantity is looked for. Reference marks come with mentions of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.components.citations import Citations
from pipeline.components.items import Label
from pipeline.rules.ruleset import Ruleset
from pipeline.shapes import SP, alternation

_BRACKET_REACH = 200
_LIST_REACH = 800
_LONGEST = 40
"""Digits beyond which a number is a code."""

# Addresses and registered numbers, found by a literal piece that is rare in prose.
_ADDRESSES = (
    ("://", re.compile(r"https?://[^\s<>\"]{1,400}")),
    ("www.", re.compile(r"www\.[^\s<>\"]{1,400}")),
    ("10.", re.compile(r"(?:doi:?\s?)?(?<![\w/])10\.\d{4,9}/[^\s<>\"]{1,200}")),
    ("@", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,30}){1,4}")),
)
# Tried where a run of digits begins, or at the bracket or sign before it.
_FORMS = re.compile(
    "|".join(
        f"(?:{form})"
        for form in (
            r"(?<![\w.])\d{4}-\d{2}-\d{2}(?:T[\d:.]{4,15}Z?)?(?!\w)",
            r"(?<![\w./])\d{1,2}[/.]\d{1,2}[/.](?:19|20)?\d\d(?![\w/])",
            r"(?<![\w.])\d{1,4}(?:\.\d{1,4}){2,6}(?!\w)",
            r"(?<![\w+])(?:\+|00)\d{1,3}[ \-.(]{1,2}\d[\d \-.()]{5,16}\d(?!\w)",
            r"(?<![\w.])\(?\d{3}\)?[ \-.]\d{3}[\-.]\d{4}(?!\w)",
            r"(?<![\w.])1-\d{3}-\d{3}-\w{4}(?!\w)",
            r"(?<![\w.,])0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}(?!\w)",
            r"(?<![\w.])\d{1,2}[:.]\d\d(?::\d\d)?(?:\.\d{1,3})?(?:Z|[ \u00a0]?[aApP]\.?[mM](?![A-Za-z])\.?)",
            r"(?<![\w.])\d{1,2}[ \u00a0]?[aApP]\.?[mM](?![A-Za-z])(?!\.\w)\.?",
            r"(?<![\w.:])\d{1,2}:\d\d[:.]\d{1,3}(?:\.\d{1,3})?(?![\w:])",
            r"(?<![\w.:])(?:[01]\d|2[0-3]):[0-5]\d(?![\w:])",
            r"(?<![\w.])\d{1,3}°[ ]?\d{1,2}[’'′][ ]?(?:\d{1,2}(?:\.\d{1,4})?[”\"″][ ]?)?[NSEWnsew]?(?!\w)",
            r"(?<!\w)[#№@]\d{1,9}(?!\w)",
            r"(?<![\w/])24/7(?![\w/])",
            r"(?<=, [A-Z]{2} )\d{5}(?:-\d{4})?(?!\w|[.,]\d|[ ]?%)",
            r"(?<![\w.,+-])\d{1,6}(?:[-‐‑–]\d{1,8}){2,8}(?![\w-])",
            r"(?<![\w.])\d{1,4}(?:,\d{3})?(?:[sS][tT]|[nN][dD]|[rR][dD]|[tT][hH])(?!\w)",
        )
    )
)
_RUN = re.compile(r"\d+")
_PHONE_HINT = re.compile(r"\d{2,5}[ -]\d{2,4}")
_LIST_MARK = re.compile(
    rf"^{SP}{{0,8}}(?:[-•*]{SP}{{0,3}})?(?:\(?\d{{1,3}}[.)](?!\d)|\(\d{{1,3}}\))(?={SP}|$)", re.MULTILINE
)


class Labels:
    """Finds labels by form; compiled once from the rules ``month-names``, ``phone-words``, ``registry-names`` and ``citation-words``."""

    def __init__(self, rules: Ruleset) -> None:
        self._citations = Citations(rules)
        month = alternation(str(name) for name in rules.lexicon("month-names"))
        day = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?![\d.]\d|\d|[ ]?%)"
        year = r"(?:1[5-9]|20)\d\d(?!\w)"
        params = rules.params("month-names")
        of, through = alternation(params.get("of", ())), alternation(params.get("through", ()))
        days = rf"{day}(?:{SP}?[-–]{SP}?{day}|{SP}{through}{SP}{day})?"
        self._month_before = re.compile(rf"(?<!\w){month}\.?{SP}\Z")
        self._month_day = re.compile(
            rf"{days}(?!{SP}{alternation(params.get('not_before', ()))}(?!\w))(?:,?{SP}{year})?(?!\w)"
        )
        self._day_month = re.compile(rf"(?<![\w.,]){days}{SP}(?:{of}{SP})?{month}(?![a-z])\.?(?:,?{SP}{year})?(?!\w)")
        phone = alternation(str(word) for word in rules.lexicon("phone-words"))
        between = alternation(rules.params("phone-words").get("between", ()))
        self._phone = re.compile(
            rf"(?<!\w)(?i:{phone}):?{SP}(?:{between}{SP}){{0,2}}\d{{2,5}}(?:[ -]\d{{2,4}}){{1,4}}(?!\w)"
        )
        registry = alternation(str(word) for word in rules.lexicon("registry-names"))
        self._registered = re.compile(rf"(?<!\w){registry}[-: ]{{0,3}}\d[\w\-/.]{{2,24}}")

    def find(self, text: str) -> list[Label]:
        """All labels of ``text``, sorted by start and not overlapping."""
        has_digits = _RUN.search(text) is not None
        found = [Label(m.start(), m.end(), ()) for m in (_LIST_MARK.finditer(text) if has_digits else ())]
        for hint, address in _ADDRESSES:
            if hint in text:
                found.extend(Label(match.start(), match.end(), ()) for match in address.finditer(text))
        if has_digits:
            found.extend(Label(match.start(), match.end(), ()) for match in self._registered.finditer(text))
            found.extend(self._by_form(text))
        if _PHONE_HINT.search(text):
            found.extend(Label(match.start(), match.end(), ()) for match in self._phone.finditer(text))
        found.extend(self._citations.find(text))
        return _apart(found)

    def _by_form(self, text: str) -> Iterator[Label]:
        done = 0
        for run in _RUN.finditer(text):
            start, length = run.start(), run.end() - run.start()
            if start < done:
                continue
            match = _FORMS.match(text, start - 1) if start > done and text[start - 1] in "(+#№@" else None
            match = match or _FORMS.match(text, start)
            if length <= 2 and match is None and _is_enumerator(text, start, run.end()):
                done = run.end() + 1
                yield Label(start, done, ())
                continue
            if length <= 2:
                before = self._month_before.search(text, max(0, start - 12), start)
                dated = self._month_day.match(text, start) if before is not None else self._day_month.match(text, start)
                if dated is not None and (match is None or dated.end() > match.end()):
                    done = dated.end()
                    yield Label(before.start() if before is not None else start, done, ())
                    continue
            if match is not None:
                done = match.end()
                yield Label(match.start(), done, ())
            elif length > _LONGEST:
                yield Label(start, run.end(), ())


def _is_enumerator(text: str, start: int, end: int) -> bool:
    """Whether as in "to 1) rest and 2) sleep", but not in "(after 2) she slept"."""
    if text[end : end + 2] != ") " or start == 0 or text[start - 1] not in " \u00a0":
        return False
    near = max(0, start - _BRACKET_REACH)
    mark = int(text[start:end])
    window = text[end : end + _LIST_REACH] if mark == 1 else text[max(0, start - _LIST_REACH) : start]
    if f" {2 if mark == 1 else mark - 1}) " not in window:
        return False
    return text.rfind("(", near, start) <= text.rfind(")", near, start)


def _apart(found: list[Label]) -> list[Label]:
    """The first of those that overlap; the mentions of one inside a label without any live on."""
    found.sort(key=lambda label: (label.start, -label.end))
    kept: list[Label] = []
    for label in found:
        if not kept or label.start >= kept[-1].end:
            kept.append(label)
        elif not kept[-1].mentions and label.end <= kept[-1].end and label.mentions:
            kept[-1] = kept[-1]._replace(mentions=label.mentions)
    return kept
