"""One run of fetching: what is due, from every source, into the archive."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import filelock
import msgspec

from pipeline.errors import RunError
from pipeline.fetch.addresses import RefusedAddressError, host_of, is_example, port_of, require_port
from pipeline.fetch.archive import Archive, read_page, recover
from pipeline.fetch.client import Client, FetchError, conditions
from pipeline.fetch.connect import Resolve, system_resolve
from pipeline.fetch.engine import BarredError, Engine
from pipeline.fetch.hosts import LaterError
from pipeline.fetch.judge import Judge
from pipeline.fetch.listings import Listed, wanted
from pipeline.fetch.lists import ListReader
from pipeline.fetch.notes import Notes, Owners
from pipeline.fetch.outcome import moment, outcome
from pipeline.fetch.report import FetchReport
from pipeline.fetch.settings import FetchSettings, FetchSource, with_overrides
from pipeline.fetch.state import PageState, SourceFacts, State, by_url, read_state, write_state
from pipeline.fetch.stopping import stopped_by_signals
from pipeline.rules.ruleset import Ruleset

_SLACK = 0.9
"""A scheduler does not start to the second: a page is due when so much of its period is over."""
_SAVED_EVERY = 15.0
"""Seconds between two savings of the state while a run goes on."""


def fetch_all(
    sources: Sequence[FetchSource],
    settings: FetchSettings,
    state_dir: Path,
    archive_dir: Path,
    *,
    now: datetime,
    only_due: bool = True,
    rules: Ruleset | None = None,
    resolve: Resolve = system_resolve,
) -> FetchReport:
    """Fetches what is due of ``sources`` into ``archive_dir``, and keeps what is known of each page in ``state_dir``.

    ``now`` (aware, UTC) is the time that the state and the name of the archive file bear; ``rules`` tell stubs and error pages from
    articles. A page that fails costs its line in the report and nothing else. Raises ``RunError`` where the disk fails or another run
    is fetching here, and ``KeyboardInterrupt`` after what was fetched so far is saved.
    """
    rules = rules if rules is not None else _shipped_rules()
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        archive_dir.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(state_dir / "lock").acquire(blocking=False):
            recover(archive_dir)
            run = _Run(sources, settings, state_dir, archive_dir, now, only_due, Judge(rules), resolve)
            try:
                asyncio.run(run.main())
            except asyncio.CancelledError:
                raise KeyboardInterrupt from None
            except BaseExceptionGroup as group:
                raise _first(group) from group
            finally:
                run.finish()
            return run.report()
    except filelock.Timeout:
        raise RunError(f"{state_dir}: another run is fetching here; wait for it to end") from None
    except OSError as error:
        raise RunError(
            f"{error.filename or state_dir}: {error.strerror or error}; earlier pages are as they were"
        ) from error


class _Run:
    """The pages of one run and what became of them."""

    def __init__(
        self,
        sources: Sequence[FetchSource],
        settings: FetchSettings,
        state_dir: Path,
        archive_dir: Path,
        now: datetime,
        only_due: bool,
        judge: Judge,
        resolve: Resolve,
    ) -> None:
        self._sources = [source for source in sources if source.enabled]
        self._settings = settings
        self._state_dir = state_dir
        self._archive_dir = archive_dir
        self._now = now
        self._only_due = only_due
        self._judge = judge
        self._resolve = resolve
        state = read_state(state_dir)
        facts = {source.id: _facts(source) for source in sources}
        self._facts = facts
        self._pages = {
            url: page if page.source_id in facts else msgspec.structs.replace(page, source_id=None)
            for url, page in by_url(state.pages).items()
        }
        addresses = {source.address for source in sources}
        self._lists = {entry.url: entry for entry in state.lists if entry.url in addresses}
        self._waits = dict(state.waits)
        self._archive = Archive(archive_dir, now, settings.user_agent)
        self._notes = Notes()
        self._reader = ListReader(self._lists, self._archive, self._notes, now)
        self._owners = Owners({url: page.source_id for url, page in self._pages.items()}, [s.id for s in sources])
        self._jobs: dict[str, list[tuple[tuple[int, str, str], int, _Job]]] = {}
        self._numbers = itertools.count()
        self._taken: set[str] = set()
        self._engine: Engine | None = None
        self._group: asyncio.TaskGroup | None = None
        self._saved = 0.0

    # --- the run ---

    async def main(self) -> None:
        """Does all of it. To be run in an event loop of its own."""
        async with Client(self._settings, self._resolve) as client:
            self._engine = Engine(client, self._settings, self._waits, self._archive.add)
            self._saved = asyncio.get_running_loop().time()
            try:
                with stopped_by_signals():
                    await self._all()
            finally:
                self._waits = self._engine.waits()

    async def _all(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            own = {source.url for source in self._sources if source.url is not None}
            self._taken |= own  # a page that is listed by itself belongs to that entry, also where a feed lists it
            for source in self._sources:
                if source.url is not None:
                    self._add_page(source, Listed(source.url), own=True)
                elif source.folder is not None:
                    self._look_at_folder(source)
                else:
                    self._add_list(source)

    def _put(self, host: str, job: _Job) -> None:
        """Puts ``job`` into the queue of ``host``, and starts on the queue where nobody works on it."""
        assert self._group is not None
        if host not in self._jobs:
            self._jobs[host] = []
            self._group.create_task(self._work(host))
        heapq.heappush(self._jobs[host], (job.rank, next(self._numbers), job))

    async def _work(self, host: str) -> None:
        """Does what is queued for one host, lists first, then what was looked at longest ago."""
        while self._jobs[host]:
            _, _, job = heapq.heappop(self._jobs[host])
            try:
                await job.run()
            except RunError:
                raise
            except Exception as error:  # a fault in a library for some odd page must cost that page only
                logging.getLogger(__name__).debug("fetching at %s failed", host, exc_info=True)
                job.failed(f"the program failed on it ({type(error).__name__}); please report this address")
            if asyncio.get_running_loop().time() - self._saved > _SAVED_EVERY:
                assert self._engine is not None
                self._waits = self._engine.waits()
                self._save()
                self._saved = asyncio.get_running_loop().time()
        del self._jobs[host]

    # --- pages ---

    def _add_page(self, source: FetchSource, listed: Listed, *, own: bool = False) -> None:
        url = listed.url
        if not own:
            self._owners.listed(url, source.id)
            if url in self._taken:
                return
            self._taken.add(url)
        else:
            self._owners.claimed(url, source.id)
        page = self._known(source, listed)
        if is_example(url):
            self._notes.page(page, source, "skipped", "is of a domain that is reserved for examples")
            return
        self._pages[url] = page
        if not self._is_due(page.checked, source):
            self._notes.page(page, source, "skipped", f"not due before {self._due(page.checked, source)}")
            return
        self._put(host_of(url), self._page_job(page, source))

    def _known(self, source: FetchSource, listed: Listed) -> PageState:
        page = self._pages.get(listed.url)
        if page is not None:
            return page
        return PageState(url=listed.url, source_id=source.id, first_seen=moment(self._now), published=listed.published)

    def _note_page(self, source: FetchSource, listed: Listed) -> None:
        """Remembers a page for another run."""
        self._owners.listed(listed.url, source.id)
        self._pages[listed.url] = self._known(source, listed)

    def _page_job(self, page: PageState, source: FetchSource) -> _Job:
        return _Job(
            (1, page.checked or "", page.url),
            lambda: self._fetch_page(page, source),
            lambda reason: self._notes.page(page, source, "failed", reason),
        )

    async def _fetch_page(self, page: PageState, source: FetchSource) -> None:
        assert self._engine is not None
        limits = with_overrides(self._settings, source)
        # Without the page at hand, "not changed" would be of no use.
        intact = page.held is not None and read_page(self._archive_dir, page.held) is not None
        extra = conditions(page.etag, page.last_modified) if intact else ()
        try:
            answer = await self._engine.get(page.url, limits, extra=extra, extra_for=page.final_url, page=True)
        except FetchError as error:
            self._notes.page(page, source, "refused" if error.refused else "failed", str(error))
            return
        except LaterError as later:
            self._notes.page(page, source, "skipped", str(later))
            return
        except BarredError as barred:
            self._notes.page(page, source, "robots", str(barred))
            return
        if not extra and answer.status == 304:
            self._notes.page(page, source, "failed", "says that it has not changed, which was not asked", answer)
            return
        found = outcome(page, answer, self._judge, self._now, self._settings.gone_after)
        state = found.state
        if found.writing == "same" and intact and page.held is not None:
            self._archive.add_revisit(answer, page.held, page.final_url or page.url)
        else:
            ref = self._archive.add(answer)
            if found.good or (not intact and found.status == "unchanged"):
                state = msgspec.structs.replace(state, held=ref)
        self._pages[page.url] = state
        self._notes.page(state, source, found.status, found.reason, answer)

    # --- feeds and sitemaps ---

    def _add_list(self, source: FetchSource) -> None:
        url = source.address
        if is_example(url):
            self._notes.listing(source, url, "skipped", "is of a domain that is reserved for examples")
            return
        known = self._lists.get(url)
        checked = known.checked if known is not None else None
        if not self._is_due(checked, source):
            self._notes.listing(source, url, "skipped", f"not due before {self._due(checked, source)}")
            self._add_listed(source, ())
            return
        job = _Job(
            (0, checked or "", url),
            lambda: self._fetch_list(source),
            lambda reason: self._notes.listing(source, url, "failed", reason),
        )
        self._put(host_of(url), job)

    async def _fetch_list(self, source: FetchSource) -> None:
        """Reads a feed or sitemap with all below it, then puts its pages into the queues."""
        assert self._engine is not None
        limits = with_overrides(self._settings, source)
        self._add_listed(source, await self._reader.pages(source, limits, self._engine))

    def _add_listed(self, source: FetchSource, pages: Iterable[Listed]) -> None:
        """Puts the pages that a source lists into the queues, and those that it listed earlier and are not gone."""
        limits = with_overrides(self._settings, source)
        ports = {*limits.ports, port_of(source.address)}
        found: dict[str, Listed] = {}
        for page in wanted(pages, source):
            with suppress(RefusedAddressError):
                require_port(page.url, ports)
                found.setdefault(page.url, page)
        earlier = sorted(
            (page for page in self._pages.values() if page.source_id == source.id and page.url not in found),
            key=lambda page: (page.checked or "", page.url),
        )
        for known in earlier:
            if known.gone is None:
                found.setdefault(known.url, Listed(known.url, known.published))
        due = [page for page in found.values() if self._page_is_due(page.url, source)]
        due.sort(key=lambda page: self._checked(page.url) or "")  # never looked at first, then longest ago
        over = {page.url for page in due[limits.max_pages :]}
        for page in found.values():
            if page.url in over:
                self._note_page(source, page)
            else:
                self._add_page(source, page)
        if over:
            self._notes.add_to_list(source.address, f"{len(over)} pages beyond max_pages are left for the next run")

    def _page_is_due(self, url: str, source: FetchSource) -> bool:
        return self._is_due(self._checked(url), source)

    def _checked(self, url: str) -> str | None:
        page = self._pages.get(url)
        return page.checked if page is not None else None

    # --- folders ---

    def _look_at_folder(self, source: FetchSource) -> None:
        assert source.folder is not None
        there = Path(source.folder).is_dir()
        self._notes.listing(source, source.id, "unchanged" if there else "failed", None if there else "no such folder")

    # --- what is due, and what is told ---

    def _is_due(self, checked: str | None, source: FetchSource) -> bool:
        if checked is None or not self._only_due:
            return True
        passed = self._now - datetime.fromisoformat(checked)
        return passed >= _SLACK * source.period or passed < timedelta(0)  # a clock that was wrong once must not stop it

    def _due(self, checked: str | None, source: FetchSource) -> str:
        assert checked is not None
        return moment(datetime.fromisoformat(checked) + timedelta(seconds=_SLACK * source.period.total_seconds()))

    # --- the end ---

    def _save(self) -> None:
        """Brings what was fetched so far to the disk: first the pages, then what names them."""
        self._archive.sync()
        state = State(
            sources=dict(sorted(self._facts.items())),
            pages=tuple(
                msgspec.structs.replace(self._pages[url], source_id=self._owners.owner(url))
                for url in sorted(self._pages)
            ),
            lists=tuple(self._lists[url] for url in sorted(self._lists)),
            waits=self._waits,
        )
        write_state(self._state_dir, state)

    def finish(self) -> None:
        """Saves all; to be called however the run ended."""
        self._save()
        self._archive.close()

    def report(self) -> FetchReport:
        """What was done."""
        return FetchReport(
            pages=self._notes.sorted(self._owners),
            archive=self._archive.name,
            requests=self._engine.requests if self._engine is not None else 0,
        )


@dataclass(frozen=True)
class _Job:
    """Something to be done at one host; the smallest ``rank`` first. ``failed`` tells of a fault of the program in it."""

    rank: tuple[int, str, str]
    run: Callable[[], Coroutine[Any, Any, None]]
    failed: Callable[[str], None]


def _facts(source: FetchSource) -> SourceFacts:
    return SourceFacts(publisher=source.publisher, kind=source.kind, topic=source.topic, language=source.language)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure in ``group`` that tells most: one of ours before any other."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [group]
    while waiting:
        error = waiting.pop(0)
        if isinstance(error, BaseExceptionGroup):
            waiting += error.exceptions
        else:
            found.append(error)
    return next((error for error in found if isinstance(error, RunError)), found[0])


def _shipped_rules() -> Ruleset:
    from pipeline.rules.loader import find_rules_folder, load_rules

    return load_rules(find_rules_folder())
