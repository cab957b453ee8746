"""Gets one address after the other: robots.txt first, a turn at the host, attempts, redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from pipeline.fetch.addresses import RefusedAddressError, host_of, joined, origin_of, port_of, require_port
from pipeline.fetch.client import Answer, Client, FetchError, Headers
from pipeline.fetch.hosts import Host
from pipeline.fetch.robots import MAX_BYTES, Robots, robots_of, unreachable
from pipeline.fetch.settings import FetchSettings

_PASSING = (408, 425, 429, 500, 502, 503, 504)
"""Statuses after which another attempt may do better (RFC 9110, RFC 6585, RFC 8470)."""
_MAX_DOUBLINGS = 10


class BarredError(Exception):
    """robots.txt does not allow it; the text is a clause that says so."""


class Engine:
    """Gets pages. Belongs to one event loop; ``keep`` is given every answer that leads on to another one."""

    def __init__(
        self, client: Client, settings: FetchSettings, waits: dict[str, str], keep: Callable[[Answer], Any]
    ) -> None:
        self._client = client
        self._settings = settings
        self._waits = waits
        self._keep = keep
        self._slots = asyncio.Semaphore(settings.hosts_at_once)
        self._deadline = asyncio.get_running_loop().time() + settings.run_seconds
        self._hosts: dict[str, Host] = {}
        self._robots: dict[str, asyncio.Task[Robots]] = {}
        self._agent = settings.user_agent.partition("/")[0]
        self.requests = 0

    async def get(
        self, url: str, limits: FetchSettings, *, extra: Headers, extra_for: str | None, page: bool
    ) -> Answer:
        """The answer at the end of the redirects from ``url``.

        ``extra`` headers go to ``extra_for`` alone: they speak of what was held of that address. Raises ``FetchError``,
        ``LaterError``, ``BarredError``.
        """
        ports = {*limits.ports, port_of(url)}
        seen = {url}
        for _ in range(limits.max_redirects + 1):
            await self._require_allowed(url, limits)
            own = extra if url == extra_for else ()
            answer = await self._attempts(url, limits, extra=own, page=page)
            if not answer.is_redirect:
                return answer
            self._keep(answer)
            try:
                url = joined(url, answer.header("location") or "")
                require_port(url, ports)
            except RefusedAddressError as refused:
                raise FetchError(f"redirects to an address that {refused}", refused=True) from None
            if url in seen:
                raise FetchError("redirects in a circle")
            seen.add(url)
        raise FetchError(f"redirects more than {limits.max_redirects} times")

    def waits(self) -> dict[str, str]:
        """Hosts that asked not to be visited for a while, and until when."""
        now = datetime.now(UTC)
        found = {name: time for name, time in self._waits.items() if datetime.fromisoformat(time) > now}
        for name, host in self._hosts.items():
            until = host.waits_until()
            if until is not None and (until - now).total_seconds() > self._settings.per_host_delay + 1:
                found[name] = until.isoformat(timespec="seconds")
        return dict(sorted(found.items()))

    def host(self, name: str) -> Host:
        """The host of this name."""
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name, self._slots, self._deadline)
            if name in self._waits:
                left = datetime.fromisoformat(self._waits[name]) - datetime.now(UTC)
                host.pause(left.total_seconds())
        return host

    async def _attempts(
        self, url: str, limits: FetchSettings, *, extra: Headers, page: bool, cut: bool = False
    ) -> Answer:
        """The answer to a request, after further attempts where the first ones fail in a way that may pass."""
        host = self.host(host_of(url))
        for attempt in range(1, limits.attempts + 1):
            last = attempt == limits.attempts
            pause = limits.backoff * 2.0 ** min(attempt - 1, _MAX_DOUBLINGS)
            async with host.turn(limits):
                self.requests += 1
                try:
                    answer = await self._client.get(url, extra=extra, limits=limits, pages_only=page, cut=cut)
                except FetchError as error:
                    if error.silent and (last or not error.passing):
                        host.kept_silent(str(error))
                    if last or not error.passing:
                        raise
                    host.pause(pause)
                    continue
            host.answered()
            if answer.status not in _PASSING:
                return answer
            asked = answer.retry_after()
            if asked is not None:
                host.pause(asked)
            if last:
                return answer
            self._keep(answer)
            if asked is None:
                host.pause(pause)
        raise AssertionError("at least one attempt is made")

    async def _require_allowed(self, url: str, limits: FetchSettings) -> None:
        if not self._settings.respect_robots:
            return
        origin = origin_of(url)
        task = self._robots.get(origin)
        if task is None:
            task = self._robots[origin] = asyncio.ensure_future(self._read_robots(origin, limits))
        robots = await asyncio.shield(task)
        if robots.barred is not None:
            raise BarredError(robots.barred)
        if not robots.allows(url):
            raise BarredError("the site's robots.txt does not allow it")

    async def _read_robots(self, origin: str, limits: FetchSettings) -> Robots:
        """Its redirects are followed to wherever they lead (RFC 9309, 2.3.1.2). Raises ``FetchError`` and ``LaterError``."""
        limits = msgspec.structs.replace(limits, max_bytes=MAX_BYTES)
        url = f"{origin}/robots.txt"
        first = self.host(host_of(url))
        ports = {*limits.ports, port_of(url)}
        for _ in range(limits.max_redirects + 1):
            # Where no answer comes at all, the page would get none either: the failure is that of every page of the site.
            answer = await self._attempts(url, limits, extra=(), page=False, cut=True)
            self._keep(answer)
            if not answer.is_redirect:
                robots = robots_of(answer, self._agent)
                first.crawl_delay = max(first.crawl_delay, robots.delay)
                first.pause(robots.delay)
                return robots
            try:
                url = joined(url, answer.header("location") or "")
                require_port(url, ports)
            except RefusedAddressError as refused:
                return unreachable(self._agent, f"it redirects to an address that {refused}")
        return Robots(self._agent, None)  # as if there were none (RFC 9309, 2.3.1.2)
