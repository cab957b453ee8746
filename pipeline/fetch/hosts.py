"""Turns at hosts: one request at a time to each, no sooner than it wants, and never one host waiting for another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from pipeline.fetch.client import FetchError
from pipeline.fetch.settings import FetchSettings


class LaterError(Exception):
    """The request is left until the next run; the text is a clause that says why."""


class Host:
    """One host's turns."""

    def __init__(self, name: str, slots: asyncio.Semaphore, deadline: float) -> None:
        self.name = name
        self._slots = slots
        self._deadline = deadline
        self._turn = asyncio.Lock()
        self._next = 0.0
        """The loop's time before which no request goes out."""
        self.crawl_delay = 0.0
        self._silent = 0
        self._silence = ""

    @asynccontextmanager
    async def turn(self, limits: FetchSettings) -> AsyncIterator[None]:
        """One request: waits until the host may be asked, and holds a place among the hosts only while it is asked.

        Raises ``LaterError`` where the wait would be too long, and ``FetchError`` where the host has not answered for a while.
        """
        loop = asyncio.get_running_loop()
        async with self._turn:
            wait = max(0.0, self._next - loop.time())
            self.require_time(loop.time() + wait)
            if wait > limits.max_wait:
                raise LaterError(f"the host asks to wait {wait:.0f} seconds, longer than max_wait")
            if self._silent >= limits.host_failures:
                raise FetchError(f"not tried: the host did not answer {self._silent} times ({self._silence})")
            await asyncio.sleep(wait)
            async with self._slots:
                try:
                    yield
                finally:
                    delay = max(limits.per_host_delay, self.crawl_delay)
                    self._next = max(self._next, loop.time() + delay)

    def require_time(self, when: float) -> None:
        """Raises ``LaterError`` where the run will be over at ``when``."""
        if when > self._deadline:
            raise LaterError("the time for this run is over (run_seconds)")

    def pause(self, seconds: float) -> None:
        """Lets nothing out for so long."""
        self._next = max(self._next, asyncio.get_running_loop().time() + seconds)

    def waits_until(self) -> datetime | None:
        """The moment before which the host wants no request, where that lies ahead."""
        ahead = self._next - asyncio.get_running_loop().time()
        return datetime.now(UTC) + timedelta(seconds=ahead) if ahead > 0 else None

    def answered(self) -> None:
        self._silent = 0

    def kept_silent(self, reason: str) -> None:
        self._silent += 1
        self._silence = reason
