"""Fetching as a step of a refresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.refresh.refresh import Fetch, Fetched
from pipeline.rules.ruleset import Ruleset
from pipeline.run.discover import SOURCES_FILE

if TYPE_CHECKING:
    from pipeline.fetch.raw import RawFetch


def fetch_step(raw: Path, rules: Ruleset, now: datetime) -> Fetch | None:
    """What brings ``raw`` up to date with the sources it lists; ``None`` where it lists none."""
    return partial(_fetch, raw, rules, now) if (raw / SOURCES_FILE).is_file() else None


def _fetch(raw: Path, rules: Ruleset, now: datetime) -> Fetched:
    from pipeline.fetch.raw import fetch_raw

    done = fetch_raw(raw, now=now.replace(microsecond=0), rules=rules)
    counts: dict[str, int] = {str(status): number for status, number in done.report.counts.items()}
    return Fetched(counts=counts, problems=tuple(_problems(done)), archive=done.report.archive)


def _problems(done: RawFetch) -> Iterator[str]:
    yield from (f"source left out: {problem}" for problem in done.sources.problems)
    yield from (f"{page.url}: {page.status}: {page.reason}" for page in done.report.problems)
    for url in done.pages.missing:
        yield f"{url}: its record in the archive is gone or damaged; it is fetched anew when it is due"
