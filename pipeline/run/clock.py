"""How long the stages of a run take."""

from __future__ import annotations

import time


class Clock:
    """Seconds per stage, in the order in which they came."""

    def __init__(self, **laps: float) -> None:
        self.laps = laps
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """Ends the stage ``name``, which began where the last one ended."""
        now = time.perf_counter()
        self.laps[name] = self.laps.get(name, 0.0) + now - self._last
        self._last = now

    def take(self, laps: dict[str, float]) -> None:
        """Takes over stages that another clock timed since the last one ended."""
        for name, seconds in laps.items():
            self.laps[name] = self.laps.get(name, 0.0) + seconds
        self._last = time.perf_counter()


def rounded(laps: dict[str, float]) -> dict[str, float]:
    """As ``run.json`` tells it."""
    return {name: round(seconds, 3) for name, seconds in laps.items()}
