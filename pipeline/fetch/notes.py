"""Keeps book while a run of fetching goes on: what became of each address, and which source it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pipeline.fetch.archive import RecordRef
from pipeline.fetch.client import Answer
from pipeline.fetch.report import PageReport, PageStatus
from pipeline.fetch.settings import FetchSource
from pipeline.fetch.state import PageState


class Owners:
    """Which source each page belongs to, whatever the order in which answers come in.

    An entry of its own goes before a listing; then the source that it belonged to earlier; then the first in ``sources.yaml``.
    """

    def __init__(self, earlier: Mapping[str, str | None], order: Sequence[str]) -> None:
        self._order = {source_id: number for number, source_id in enumerate(order)}
        self._earlier = {url: owner for url, owner in earlier.items() if owner in self._order}
        self._claims: dict[str, str] = {}
        self._listed: dict[str, set[str]] = {}

    def claimed(self, url: str, source_id: str) -> None:
        """The page is an entry of its own."""
        self._claims.setdefault(url, source_id)

    def listed(self, url: str, source_id: str) -> None:
        """A feed or sitemap lists the page, or listed it earlier."""
        self._listed.setdefault(url, set()).add(source_id)

    def owner(self, url: str) -> str | None:
        """The id of the source; ``None`` where no source has the page any more."""
        found = self._claims.get(url) or self._earlier.get(url)
        if found is not None:
            return found
        return min(self._listed.get(url, ()), key=lambda source_id: self._order[source_id], default=None)


class Notes:
    """What became of each address."""

    def __init__(self) -> None:
        self._reports: dict[tuple[str, bool], PageReport] = {}

    def page(
        self, page: PageState, source: FetchSource, status: PageStatus, reason: str | None, answer: Answer | None = None
    ) -> None:
        """Notes what became of a page, which is now as ``page`` says."""
        self._reports[(page.url, False)] = PageReport(
            url=page.url,
            source_id=source.id,
            status=status,
            final_url=answer.url if answer is not None else None,
            http_status=answer.status if answer is not None else None,
            reason=reason,
            sha256=page.sha256,
            archive=page.held.place if page.held is not None else None,
        )

    def listing(
        self,
        source: FetchSource,
        url: str,
        status: PageStatus,
        reason: str | None,
        answer: Answer | None = None,
        ref: RecordRef | None = None,
    ) -> None:
        """Notes what became of a feed, sitemap or folder."""
        self._reports[(url, True)] = PageReport(
            url=url,
            source_id=source.id,
            status=status,
            final_url=answer.url if answer is not None else None,
            http_status=answer.status if answer is not None else None,
            reason=reason,
            archive=ref.place if ref is not None else None,
            listing=True,
        )

    def add_to_list(self, url: str, reason: str) -> None:
        """Adds to what was noted of a feed or sitemap."""
        told = self._reports.get((url, True))
        if told is not None:
            reasons = [text for text in (told.reason, reason) if text]
            self._reports[(url, True)] = msgspec.structs.replace(told, reason="; ".join(reasons))

    def sorted(self, owners: Owners) -> tuple[PageReport, ...]:
        """All notes, by address."""
        return tuple(
            report
            if report.listing
            else msgspec.structs.replace(report, source_id=owners.owner(report.url) or report.source_id)
            for _, report in sorted(self._reports.items())
        )
