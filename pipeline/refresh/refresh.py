"""``claims refresh``: everything that a night needs, published in one.

Nothing of the results is touched until all of the new ones is written: articles, claims, findings, flags, reports and the record of
the run. They are put in place together (:mod:`pipeline.run.store`), so that a kill at any moment leaves the last good run or the new
one. What is told as new is new since the last run that was told of: a run that was killed after its results were in place, but before
it could say so, is told by the next.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

import msgspec

from pipeline.errors import RunError, UsageError
from pipeline.history.changes import GRAVITY, Earlier, FailOn, RunDiff, Suppressed
from pipeline.history.compare import compare
from pipeline.history.diff import made_of
from pipeline.history.runs import RUNS, History, KeptRun, too_old
from pipeline.model import Article, Flag, InputError, Record
from pipeline.refresh.yields import given_in, yield_drops, yields_of
from pipeline.rules.ruleset import Ruleset
from pipeline.run.clock import Clock, rounded
from pipeline.run.extract import Progress, Settings, Summary, stage_articles
from pipeline.run.identity import Earlier as EarlierArticle
from pipeline.run.identity import read_earlier
from pipeline.run.reconcile import stage_findings
from pipeline.run.results import FLAGS, RUN, numbered_records, read_run
from pipeline.run.store import Store, open_store
from pipeline.run.yields import RULE as YIELDS

REPORTS = "reports"
"""Folder for reports within the results."""


class Fetched(Record, frozen=True, kw_only=True):
    """What fetching did, for the summary and the record of the run."""

    counts: dict[str, int]
    """How many pages were new, changed, unchanged, gone, failed ..."""
    problems: tuple[str, ...] = ()
    """One line for each page or source that a person should look at."""
    archive: str | None = None
    """The WARC file with what came, below the archive folder."""


Fetch = Callable[[], Fetched]
"""Brings the raw folder up to date."""
Report = Callable[[Path, Path, RunDiff | None, Sequence[str]], Sequence[Path]]
"""Writes the reports on the results in the first folder into the second, with warnings of the run; returns the files."""


class Deciding(Protocol):
    """What reviewers decided (:class:`pipeline.refresh.decided.Decided`)."""

    def suppressed(self, flag: Flag) -> bool: ...

    def carry(self, old: Flag, new: Flag) -> None: ...


class RefreshSettings(Record, frozen=True, kw_only=True):
    """What the user chose."""

    extract: Settings
    """The pages, and how claims are extracted from them; its own ``since`` is not read."""
    since: str | None = None
    """The kept run to compare with; the last one that was told of where none is named."""


class Refreshed(Record, frozen=True, kw_only=True):
    """What a run did, for the user."""

    run: KeptRun
    flags: tuple[Flag, ...]
    diff: RunDiff | None
    articles: dict[str, Article]
    """Those that changes are about, by id."""
    extracted: Summary
    fetched: Fetched | None
    warnings: tuple[str, ...]
    drops: tuple[str, ...]
    """Those of the warnings that tell of sources that give much less than they used to."""
    seconds: dict[str, float]
    """How long each stage took."""

    @property
    def errors(self) -> tuple[InputError, ...]:
        """The inputs that could not be used."""
        return self.extracted.errors

    def open_flags(self) -> list[Flag]:
        """The flags that reviewers have not put away."""
        hidden = set(self.run.suppressed)
        return [flag for flag in self.flags if flag.flag_id not in hidden]


class Steps(NamedTuple):
    """What a refresh calls on beside extracting and reconciling."""

    fetch: Fetch | None = None
    report: Report | None = None
    decided: Deciding | None = None
    progress: Progress = lambda _count, _path: None
    announce: Callable[[Refreshed], None] = lambda _done: None
    """Tells the user; the run counts as told when it returns."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def refresh(settings: RefreshSettings, rules: Ruleset, steps: Steps, keep_days: int | None = None) -> Refreshed:
    """Brings the results in ``settings.extract.out`` up to date with the pages, keeps the run, and tells what changed.

    With ``keep_days``, runs that began longer ago are forgotten afterwards.

    Raises UsageError where there is nothing to read or the run to compare with is unknown, RunError where results cannot be written or
    another run holds the folder, KeyboardInterrupt at once; in each case the results of the run before stay as they are.
    """
    with open_store(settings.extract.out, "claims refresh") as store:
        done = _refresh(store, settings, rules, steps)
        steps.announce(done)
        history = History(settings.extract.out)
        history.tell(done.run.run_id)
        if keep_days is not None:
            with contextlib.suppress(UsageError):  # a run that is damaged: the next refresh says so
                history.remove(too_old(history.ids(), keep_days, steps.now()))
    return done


def _refresh(store: Store, settings: RefreshSettings, rules: Ruleset, steps: Steps) -> Refreshed:
    history = History(settings.extract.out)
    clock = Clock()
    warnings = [problem for problem in (history.begin(),) if problem is not None]
    base = history.find(settings.since) if settings.since is not None else history.told()
    began = steps.now()
    clock.lap("begin")
    fetched = steps.fetch() if steps.fetch is not None else None
    if fetched is not None:
        clock.lap("fetch")
    known = _known_articles(history, base)
    clock.lap("earlier")
    extracted = stage_articles(store, settings.extract, rules, steps.progress, known)
    clock.take(extracted.seconds)
    reconciled = stage_findings(store, store.staged, rules, settings.extract.workers)
    warnings += reconciled.warnings
    clock.lap("reconcile")
    made = read_run(store.staged)
    flags = tuple(flag for _, flag in numbered_records(store.staged / FLAGS, Flag))
    given = given_in(store.staged)
    run_id = history.new_id(began)
    suppressed: Suppressed = steps.decided.suppressed if steps.decided is not None else lambda _flag: False
    diff: RunDiff | None = None
    articles: dict[str, Article] = {}
    drops: tuple[str, ...] = ()
    if base is not None:
        try:
            with history.opened(base) as old:
                diff, articles = compare(old, store.staged, suppressed, _earlier(history, base), names=(base, run_id))
                params = rules.params(YIELDS)
                past = history.yields(int(params.get("runs", 0)))
                drops = tuple(yield_drops(given_in(old), given, past, params))
                warnings += drops
                if steps.decided is not None:
                    warnings += _carried(old, diff, steps.decided)
        except UsageError as error:  # of another version of the program, say: no reason to have no results tonight
            warnings.append(f"not compared with the run {base}: {error}")
    clock.lap("compare")
    reports = _reports(store, steps.report, diff, warnings)
    clock.lap("report")
    store.write_json(RUN, {**made, "seconds": rounded(clock.laps)})
    run = KeptRun(
        run_id=run_id,
        began=_iso(began),
        ended=_iso(steps.now()),
        made=made_of(made),
        files=history.keep(store.staged),
        counts={
            "articles": extracted.articles,
            "claims": extracted.claims,
            "findings": sum(reconciled.statuses.values()),
            "flags": len(flags),
            "errors": len(extracted.errors),
        },
        sources=msgspec.to_builtins(fetched) if fetched is not None else None,
        since=base,
        changes=diff.counts() if diff is not None else {},
        warnings=tuple(warnings),
        yields=yields_of(given),
        suppressed=tuple(flag.flag_id for flag in flags if suppressed(flag)),
        reports=tuple(reports),
    )
    clock.lap("keep")
    store.write_json(f"{RUNS}/{run_id}.json", run)
    untold = _repeated(history, run)
    store.publish(removed=[*(f"{RUNS}/{name}.json" for name in untold), *_stale_reports(history, reports)])
    if untold:
        history.sweep()
    history.settled()
    clock.lap("publish")
    return Refreshed(
        run=run,
        flags=flags,
        diff=diff,
        articles=articles,
        extracted=extracted,
        fetched=fetched,
        warnings=tuple(warnings),
        drops=drops,
        seconds=clock.laps,
    )


def _carried(old: Path, diff: RunDiff, decided: Deciding) -> list[str]:
    """Makes decisions on flags of sentences that were reworded hold for what they are now; returns what went wrong."""
    if not diff.reconciled:
        return []
    before = {flag.flag_id: flag for _, flag in numbered_records(old / FLAGS, Flag)}
    try:
        for change in diff.flags:
            if change.status == "suppressed" and change.old_flag_id in before and not decided.suppressed(change.flag):
                decided.carry(before[change.old_flag_id], change.flag)
    except RunError as error:
        return [f"a decision could not be carried over to a reworded sentence: {error}"]
    return []


def _known_articles(history: History, base: str | None) -> list[EarlierArticle]:
    """What articles were called so far: those in the results, else those of the run ``base``, else none."""
    try:
        return read_earlier(history.results)
    except UsageError:  # there are none yet, or they are damaged
        pass
    if base is None:
        return []
    try:
        with history.unpacked(base) as folder:
            return read_earlier(folder)
    except UsageError:
        return []


def _repeated(history: History, run: KeptRun) -> list[str]:
    """The runs that nobody was told of and that had the same results as this one: it takes their place."""

    def results(one: KeptRun) -> dict[str, str]:
        return {file.name: file.pieces for file in one.files if file.name != RUN}

    found = []
    for run_id in history.untold():
        with contextlib.suppress(UsageError):
            if results(history.run(run_id)) == results(run):
                found.append(run_id)
    return found


def _earlier(history: History, base: str) -> Earlier:
    try:
        return history.earlier(base)
    except UsageError:
        return Earlier()


def _reports(store: Store, report: Report | None, diff: RunDiff | None, warnings: Sequence[str]) -> list[str]:
    """Stages the reports; returns their paths below the results."""
    if report is None:
        return []
    target = store.staged / REPORTS
    return sorted(
        (PurePosixPath(REPORTS) / path.name).as_posix() for path in report(store.staged, target, diff, warnings)
    )


def _stale_reports(history: History, reports: Sequence[str]) -> list[str]:
    """What the last run wrote and this one does not."""
    ids = history.ids()
    try:
        written: Sequence[str] = history.run(ids[-1]).reports if ids else ()
    except UsageError:
        written = ()
    return [name for name in written if name not in reports]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def fails(done: Refreshed, fail_on: FailOn | None) -> bool:
    """Whether the run has flags that ``--fail-on`` asks for. In a first run, nothing is new."""
    if done.diff is not None:
        return done.diff.fails(fail_on)
    if fail_on != "error" and fail_on != "warning":
        return False
    return any(GRAVITY[flag.severity] >= GRAVITY[fail_on] for flag in done.open_flags())
