"""Dates as pages and files write them, to ISO dates."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date

from pipeline.shapes import YEAR, alternation

_ISO = re.compile(rf"(?<![0-9])({YEAR})[-/.]([0-9]{{1,2}})(?:[-/.]([0-9]{{1,2}}))?(?![0-9])")
_COMPACT = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])(?![0-9])")
_NUMERIC = re.compile(rf"(?<![0-9])([0-9]{{1,2}})[./-]([0-9]{{1,2}})[./-]({YEAR})(?![0-9])")
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
_LOOKED_AT = 200


class Dates:
    """Reads dates: ``months`` maps names in small letters to 1 to 12, ``ordinals`` stand fused behind a day (``3rd``), ``links`` between
    day and month (``3rd of March``). Without names, only dates in digits are read."""

    def __init__(
        self, months: Mapping[str, int] | None = None, ordinals: Collection[str] = (), links: Collection[str] = ()
    ) -> None:
        self._months = dict(months or {})
        names = alternation(self._months)
        day = rf"([0-3]?[0-9]){alternation(ordinals)}?"
        self._month_first = re.compile(rf"\b({names})\b[.\s-]{{1,3}}(?:{day}[,.\s-]{{1,3}})?({YEAR})\b", re.IGNORECASE)
        self._day_first = re.compile(
            rf"\b{day}[.\s-]{{1,3}}(?:{alternation(links)}\s)?({names})\b[,.\s-]{{1,3}}({YEAR})\b", re.IGNORECASE
        )

    def is_month(self, word: str) -> bool:
        """Whether ``word`` (case-folded) names a month."""
        return word in self._months

    def iso(self, text: str) -> str | None:
        """The first date in ``text`` as ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``, as much as it says; ``None`` without one.

        ``03/04/2020``, which is in March in one country and in April in another, is none, and neither is a day that does not exist.
        """
        text = text[:_LOOKED_AT]
        match = _ISO.search(text) or _COMPACT.search(text)
        if match is not None:
            return _valid(match.group(1), int(match.group(2)), match.group(3))
        match = self._day_first.search(text)
        if match is not None:
            return _valid(match.group(3), self._months[match.group(2).casefold()], match.group(1))
        match = self._month_first.search(text)
        if match is not None:
            return _valid(match.group(3), self._months[match.group(1).casefold()], match.group(2))
        match = _NUMERIC.search(text)
        if match is not None:
            first, second, year = int(match.group(1)), int(match.group(2)), match.group(3)
            if first == second or first > 12:
                return _valid(year, second, str(first))
            return _valid(year, first, str(second)) if second > 12 else None
        match = _YEAR.search(text)
        return match.group() if match is not None else None


def _valid(year: str, month: int, day: str | None) -> str | None:
    try:
        found = date(int(year), month, int(day) if day is not None else 1)
    except ValueError:
        return None
    return found.isoformat() if day is not None else found.isoformat()[:7]
