"""What ``sources.yaml`` holds: the settings of all fetching, and the sources."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from pipeline.model import Record, SourceKind

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
}
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class FetchSettings(Record, frozen=True, kw_only=True):
    """How to fetch. Times in seconds, sizes in bytes; docs/fetching.md says what each is for."""

    user_agent: str = "claims-pipeline/0.1"
    """Its part before the slash is the name that robots.txt is asked about."""
    contact: str | None = None
    """An address or page that a webmaster can write to; stands behind the user agent."""
    timeout: float = 60.0
    """For one request, from the connection to the last byte."""
    connect_timeout: float = 10.0
    """For the address, the connection and the encryption, together."""
    max_bytes: int = 20 * 2**20
    """Of one page, as sent and as decompressed. As ``Limits.article_bytes``: what is larger is no article."""
    max_redirects: int = 5
    per_host_delay: float = 1.0
    """Between two requests to one host, at least; robots.txt may ask for more."""
    hosts_at_once: int = 16
    attempts: int = 3
    """For one request that fails in a way that may pass."""
    backoff: float = 2.0
    """Before the second attempt; doubles for each further one. ``Retry-After`` goes before it."""
    max_wait: float = 120.0
    """A host that asks for a longer wait (``Retry-After``, ``Crawl-delay``) is left until the next run."""
    host_failures: int = 3
    """After so many pages in a row that a host did not answer, its other pages are left until the next run."""
    run_seconds: float = 7200.0
    """What is not begun by then is left until the next run."""
    gone_after: int = 2
    """On how many days a page must be missing (404) before it counts as gone."""
    max_pages: int = 200
    """Of one feed or sitemap, in one run."""
    allow_private: bool | tuple[str, ...] = False
    """Whether addresses that are not public may be connected to; a list of networks (``10.0.0.0/8``) allows these alone."""
    ports: tuple[int, ...] = (80, 443)
    """Ports that redirects and listed pages may name, beside the one the source itself names."""
    respect_robots: bool = True


class FetchSource(Record, frozen=True, kw_only=True):
    """One entry: exactly one of ``url``, ``feed``, ``sitemap`` and ``folder`` is given."""

    id: str
    url: str | None = None
    feed: str | None = None
    sitemap: str | None = None
    folder: str | None = None
    """Absolute; in ``sources.yaml`` it is relative to the folder of that file."""
    publisher: str | None = None
    kind: SourceKind | None = None
    topic: str | None = None
    language: str | None = None
    every: str = "daily"
    enabled: bool = True
    include: tuple[str, ...] = ()
    """Shell patterns, one of which the address of a listed page must fit; none: all may."""
    exclude: tuple[str, ...] = ()
    timeout: float | None = None
    max_bytes: int | None = None
    max_pages: int | None = None
    per_host_delay: float | None = None

    @property
    def address(self) -> str:
        """What it fetches: an address, or a folder."""
        found = self.url or self.feed or self.sitemap or self.folder
        assert found is not None
        return found

    @property
    def period(self) -> timedelta:
        return period(self.every)


class FetchSources(Record, frozen=True, kw_only=True):
    """A ``sources.yaml`` as read."""

    path: Path
    settings: FetchSettings
    sources: tuple[FetchSource, ...]
    problems: tuple[str, ...]
    """``FILE:LINE: what is wrong; what to do``, of entries that were left out."""


def period(every: str) -> timedelta:
    """How long after one fetch the next is due: ``daily``, ``12h``. Raises ``ValueError``."""
    if every in _PERIODS:
        return _PERIODS[every]
    if every[-1:] not in _UNITS or not every[:-1].isascii() or not every[:-1].isdigit() or int(every[:-1]) == 0:
        raise ValueError(every)
    return int(every[:-1]) * _UNITS[every[-1]]


def with_overrides(settings: FetchSettings, source: FetchSource) -> FetchSettings:
    """``settings`` with the limits that ``source`` sets for itself."""
    names = ("timeout", "max_bytes", "max_pages", "per_host_delay")
    own = {name: getattr(source, name) for name in names if getattr(source, name) is not None}
    return msgspec.structs.replace(settings, **own)
