"""Times in days."""

from __future__ import annotations

DAYS_PER_YEAR = 365.25
_DAYS = {
    "seconds": 1 / 86400,
    "minutes": 1 / 1440,
    "hours": 1 / 24,
    "days": 1.0,
    "nights": 1.0,
    "weeks": 7.0,
    "fortnights": 14.0,
    "months": DAYS_PER_YEAR / 12,
    "quarters": DAYS_PER_YEAR / 4,
    "years": DAYS_PER_YEAR,
    "decades": 10 * DAYS_PER_YEAR,
    "centuries": 100 * DAYS_PER_YEAR,
}


def in_days(value: float | None, unit: str | None) -> float | None:
    """``value`` of ``unit`` in days, a month being 365.25/12 days (docs/records.md); ``None`` for no value or no unit of time."""
    if value is None or unit not in _DAYS:
        return None
    return value * _DAYS[unit]
