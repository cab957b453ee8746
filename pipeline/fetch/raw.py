"""Fetching for one raw folder, with all in its usual place."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pipeline.fetch.connect import Resolve, system_resolve
from pipeline.fetch.fetch import fetch_all
from pipeline.fetch.pages import PAGES_FOLDER, WrittenPages, write_pages
from pipeline.fetch.report import FetchReport
from pipeline.fetch.settings import FetchSources
from pipeline.fetch.sources import SOURCES_FILE, read_sources
from pipeline.model import Record
from pipeline.rules.ruleset import Ruleset

ARCHIVE_FOLDER = ".archive"
"""Below the raw folder; hidden, so that no page of an earlier night is read as an article."""
_STATE_FOLDER = "state"


class RawFetch(Record, frozen=True, kw_only=True):
    """What fetching for a raw folder did."""

    sources: FetchSources
    report: FetchReport
    pages: WrittenPages


def archive_of(raw: Path) -> Path:
    """Where the WARC files of a raw folder are."""
    return raw / ARCHIVE_FOLDER


def state_of(raw: Path) -> Path:
    """Where it is kept what is known of the pages of a raw folder."""
    return raw / ARCHIVE_FOLDER / _STATE_FOLDER


def fetch_raw(
    raw: Path,
    *,
    now: datetime,
    only_due: bool = True,
    rules: Ruleset | None = None,
    resolve: Resolve = system_resolve,
) -> RawFetch:
    """Fetches what ``raw/sources.yaml`` lists, and brings ``raw/fetched/`` to the current set of pages.

    Raises what :func:`read_sources`, :func:`fetch_all` and :func:`write_pages` raise.
    """
    found = read_sources(raw / SOURCES_FILE)
    state, archive = state_of(raw), archive_of(raw)
    report = fetch_all(
        found.sources, found.settings, state, archive, now=now, only_due=only_due, rules=rules, resolve=resolve
    )
    return RawFetch(sources=found, report=report, pages=write_pages(state, archive, raw / PAGES_FOLDER, found.sources))
