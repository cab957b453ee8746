"""Dates as pages write them, to ISO dates."""

from __future__ import annotations

import re

from pipeline.rules.loader import Ruleset

_ISO = re.compile(r"(?<![0-9])([0-9]{4})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?(?![0-9])")
_COMPACT = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])(?![0-9])")
_NUMERIC = re.compile(r"(?<![0-9])([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})(?![0-9])")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Dates:
    """Reads dates with the month names of the rule ``date-months`` (entries ``{month: N, names: [...]}``)."""

    def __init__(self, rules: Ruleset) -> None:
        self._months = {str(n).casefold(): int(e["month"]) for e in rules.lexicon("date-months") for n in e["names"]}
        names = "|".join(sorted(map(re.escape, self._months), key=len, reverse=True))
        day = r"([0-3]?[0-9])(?:st|nd|rd|th)?"
        year = r"((?:1[89]|20)[0-9]{2})"
        self._month_first = re.compile(rf"\b({names})\b\.?\s(?:{day},?\s)?{year}\b", re.IGNORECASE) if names else None
        self._day_first = (
            re.compile(rf"\b{day}\.?\s(?:of\s)?({names})\b\.?,?\s{year}\b", re.IGNORECASE) if names else None
        )

    def is_month(self, word: str) -> bool:
        """Whether ``word`` (case-folded) names a month."""
        return word in self._months

    def iso(self, text: str) -> str | None:
        """The first date in ``text`` as ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``, as much as is certain; ``None`` without one.

        Of ``03/04/2020``, which is March in one country and April in another, only the year is certain.
        """
        text = text[:200]
        for pattern in (_ISO, _COMPACT):
            match = pattern.search(text)
            if match is not None and (found := _iso(match.group(1), int(match.group(2)), match.group(3))) is not None:
                return found
        if self._day_first is not None and (match := self._day_first.search(text)) is not None:
            return _iso(match.group(3), self._months[match.group(2).casefold()], match.group(1))
        if self._month_first is not None and (match := self._month_first.search(text)) is not None:
            return _iso(match.group(3), self._months[match.group(1).casefold()], match.group(2))
        match = _NUMERIC.search(text)
        if match is not None:
            first, second, year = int(match.group(1)), int(match.group(2)), match.group(3)
            if first == second or first > 12:
                return _iso(year, second, str(first)) or year
            return (_iso(year, first, str(second)) or year) if second > 12 else year
        match = _YEAR.search(text)
        return match.group() if match is not None else None


def _iso(year: str, month: int, day: str | None) -> str | None:
    if not 1 <= month <= 12:
        return None
    if day is None:
        return f"{year}-{month:02}"
    return f"{year}-{month:02}-{int(day):02}" if 1 <= int(day) <= _DAYS[month - 1] else None
