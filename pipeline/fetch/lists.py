"""Fetches feeds and sitemaps, and what sitemaps lead to."""

from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec

from pipeline.fetch.archive import Archive
from pipeline.fetch.client import Answer, FetchError, Headers, conditions
from pipeline.fetch.connect import in_daemon_thread
from pipeline.fetch.engine import BarredError, Engine
from pipeline.fetch.hosts import LaterError
from pipeline.fetch.listings import MAX_FEED_BYTES, Listed, Listing, ListingError, read_feed, read_sitemap
from pipeline.fetch.notes import Notes
from pipeline.fetch.outcome import moment
from pipeline.fetch.settings import FetchSettings, FetchSource
from pipeline.fetch.state import ListState

MAX_SITEMAPS = 50
"""So many sitemaps of one index, at any depth, are read in one run."""
MAX_DEPTH = 3
_NOTHING = Listing(())


class ListReader:
    """Reads the listings of one run. What is known of each by its address, ``known``, is kept up to date."""

    def __init__(self, known: dict[str, ListState], archive: Archive, notes: Notes, now: datetime) -> None:
        self._known = known
        self._archive = archive
        self._notes = notes
        self._now = now

    async def pages(self, source: FetchSource, limits: FetchSettings, engine: Engine) -> tuple[Listed, ...]:
        """All that ``source`` lists, each address once; nothing of what has not changed or cannot be read."""
        pages: dict[str, Listed] = {}
        waiting = [(source.address, 0)]
        seen = {source.address}
        while waiting:
            url, depth = waiting.pop(0)
            listing = await self._read_one(source, url, limits, engine)
            for page in listing.pages:
                pages.setdefault(page.url, page)
            beyond = 0
            for inner in listing.sitemaps:
                if inner in seen:
                    continue
                if depth >= MAX_DEPTH or len(seen) >= MAX_SITEMAPS:
                    beyond += 1
                    continue
                seen.add(inner)
                waiting.append((inner, depth + 1))
            if beyond:
                self._notes.add_to_list(
                    url, f"{beyond} sitemaps beyond {MAX_SITEMAPS}, or {MAX_DEPTH} deep, are not read"
                )
        return tuple(pages.values())

    async def _read_one(self, source: FetchSource, url: str, limits: FetchSettings, engine: Engine) -> Listing:
        known = self._known.get(url) or ListState(url=url)
        if source.feed is not None:
            limits = msgspec.structs.replace(limits, max_bytes=min(limits.max_bytes, MAX_FEED_BYTES))
        extra: Headers = ()
        # A sitemap is asked for whole: the pages it listed are not kept apart from those of other sitemaps.
        if source.feed is not None and known.held is not None:
            extra = conditions(known.etag, known.last_modified)
        try:
            answer = await engine.get(url, limits, extra=extra, extra_for=url, page=False)
        except FetchError as error:
            self._notes.listing(source, url, "refused" if error.refused else "failed", str(error))
            return _NOTHING
        except LaterError as later:
            self._notes.listing(source, url, "skipped", str(later))
            return _NOTHING
        except BarredError as barred:
            self._notes.listing(source, url, "robots", str(barred))
            return _NOTHING
        if answer.status == 304 and known.held is not None:
            self._archive.add_revisit(answer, known.held, url)
            self._known[url] = msgspec.structs.replace(known, checked=moment(self._now))
            self._notes.listing(source, url, "unchanged", None, answer, known.held)
            return _NOTHING
        ref = self._archive.add(answer)
        if answer.status != 200:
            self._notes.listing(source, url, "failed", f"HTTP {answer.status} {answer.phrase}".strip(), answer, ref)
            return _NOTHING
        try:
            listing = await _read(answer, limits, is_feed=source.feed is not None)
        except ListingError as error:
            self._notes.listing(source, url, "failed", str(error), answer, ref)
            return _NOTHING
        if url == source.address:
            self._known[url] = ListState(
                url=url,
                checked=moment(self._now),
                etag=answer.header("etag"),
                last_modified=answer.header("last-modified"),
                held=ref,
            )
        over = f"{listing.passed_over} addresses in it were passed over" if listing.passed_over else None
        self._notes.listing(source, url, "new" if known.held is None else "changed", over, answer, ref)
        return listing


async def _read(answer: Answer, limits: FetchSettings, *, is_feed: bool) -> Listing:
    """What a feed or sitemap lists. Read aside, since some are made to keep a parser busy. Raises ``ListingError``."""
    try:
        async with asyncio.timeout(limits.timeout):
            if is_feed:
                return await in_daemon_thread(lambda: read_feed(answer.body, answer.url, answer.header("content-type")))
            return await in_daemon_thread(lambda: read_sitemap(answer.body, answer.url, limits.max_bytes))
    except TimeoutError:
        raise ListingError(f"cannot be read within {limits.timeout:g} seconds") from None
