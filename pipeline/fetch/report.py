"""What a run of fetching did."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from pipeline.model import Record

PageStatus = Literal[
    "new", "changed", "unchanged", "gone", "failed", "paywall", "soft_404", "robots", "refused", "skipped"
]
PROBLEMS: tuple[PageStatus, ...] = ("failed", "paywall", "soft_404", "robots", "refused")
"""The states that leave something for a person to look at."""


class PageReport(Record, frozen=True, kw_only=True):
    """One page, feed, sitemap or folder."""

    url: str
    source_id: str
    status: PageStatus
    final_url: str | None = None
    """Where redirects led."""
    http_status: int | None = None
    reason: str | None = None
    """One clause; always there where ``status`` is not new, changed or unchanged."""
    sha256: str | None = None
    """Of the page, decompressed; where this run got no good page, of the last good one."""
    archive: str | None = None
    """The record of the page, ``FILE#ID``."""
    listing: bool = False
    """Whether it is a feed or sitemap, not a page."""


class FetchReport(Record, frozen=True, kw_only=True):
    """All of a run, sorted by address."""

    pages: tuple[PageReport, ...]
    archive: str | None
    """The WARC file that was written, below the archive folder."""
    requests: int

    @property
    def counts(self) -> dict[PageStatus, int]:
        """How many pages had each status, those with none left out; feeds and sitemaps are no pages, but count where they failed."""
        found = Counter(page.status for page in self.pages if not page.listing or page.status in PROBLEMS)
        return dict(sorted(found.items()))

    @property
    def problems(self) -> tuple[PageReport, ...]:
        """What a person should look at."""
        return tuple(page for page in self.pages if page.status in PROBLEMS)
