"""``claims extract``: from a raw folder to the result files, as far as possible without doing work twice."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pipeline.config import Limits
from pipeline.errors import RunError, UsageError
from pipeline.language.choice import ModelChoice
from pipeline.model import InputError, Record
from pipeline.readers.base import Source
from pipeline.rules.ruleset import Ruleset
from pipeline.run.discover import discover
from pipeline.run.engine import DISTRIBUTION, engine_digest, library_versions
from pipeline.run.executor import Cluster, Failure, executor
from pipeline.run.identity import Earlier, Identified, carried_ids, natural_ids, read_earlier
from pipeline.run.job import (
    ArticleJob,
    ArticleResult,
    DocumentTask,
    FileTask,
    Outcome,
    ProblemResult,
    Task,
    decode_outcome,
)
from pipeline.run.records import article_record, claim_records, quantity_records, statement_records
from pipeline.run.results import ARTICLES, CLAIMS, ERRORS, FINDINGS, FLAGS, QUANTITIES, RUN, STATEMENTS
from pipeline.run.store import Store, open_store

FILES = (ARTICLES, CLAIMS, QUANTITIES, STATEMENTS, ERRORS, RUN)
"""What a run writes."""
RESTING = (FINDINGS, FLAGS)
"""What ``claims reconcile`` made of it, and has to make anew."""
_PER_WORKER = 6
"""Starting a worker costs about as much as extracting this many articles, so fewer articles get fewer workers."""


class Settings(Record, frozen=True, kw_only=True):
    """What the user chose."""

    raw: Path
    out: Path
    workers: int = 1
    """Child processes at most; 0 runs everything in this one, without limits."""
    since: Path | None = None
    model: ModelChoice | None = None
    """The spaCy pipeline to use instead of the program's own language model."""
    limits: Limits = Limits()
    cluster: Cluster | None = None
    """The machines that work in place of child processes here."""


class Summary(Record, frozen=True, kw_only=True):
    """What a run did, for the user and for ``run.json``."""

    articles: int
    unchanged: int
    """Articles whose result was taken over from the run before."""
    claims: int
    quantities: int
    errors: tuple[InputError, ...]
    seconds: dict[str, float]


Progress = Callable[[int, str], None]
"""Called with the number of inputs finished since the last call and the path of the newest."""


class _Entry(Record, frozen=True, kw_only=True):
    """What stays in memory of one finished article."""

    key: str
    place: int
    identified: Identified


def extract(settings: Settings, rules: Ruleset, progress: Progress = lambda _count, _path: None) -> Summary:
    """Cleans and extracts everything under ``settings.raw`` into ``settings.out``.

    Raises UsageError where there is nothing to read, RunError where results cannot be written, KeyboardInterrupt at once; in each
    case the results of the run before stay as they are and finished articles are kept for the next.
    """
    inputs = _inputs(settings)
    with open_store(settings.out, "claims extract") as store:
        summary = _stage(store, settings, rules, progress, inputs)
        store.publish(obsolete=RESTING)
    return summary


def stage_articles(
    store: Store, settings: Settings, rules: Ruleset, progress: Progress, earlier: list[Earlier]
) -> Summary:
    """As :func:`extract`, but leaves the results staged in ``store``, for more to be published with them.

    Ids are carried over from ``earlier``; ``settings.since`` is not read.
    """
    return _stage(store, settings, rules, progress, _inputs(settings, earlier))


class _Inputs(NamedTuple):
    sources: list[Source]
    errors: list[InputError]
    earlier: list[Earlier]
    seconds: float


def _inputs(settings: Settings, earlier: list[Earlier] | None = None) -> _Inputs:
    """What there is to read; ``earlier`` is that of ``settings.since`` where it is not given. Raises UsageError where there is nothing."""
    began = time.monotonic()
    _require_other_place(settings)
    if earlier is None:
        earlier = read_earlier(settings.since) if settings.since is not None else []
    return _Inputs(*discover(settings.raw), earlier, time.monotonic() - began)


def _stage(store: Store, settings: Settings, rules: Ruleset, progress: Progress, inputs: _Inputs) -> Summary:
    clock = _Clock(discover=inputs.seconds)
    run = _Run(settings, rules, store, progress)
    run.work(inputs.sources)
    clock.lap("articles")
    if run.faults and not run.entries:
        raise RunError(
            f"{run.errors[0].path} and every other input: {run.errors[0].reason}; earlier results are as they were"
        )
    errors = [*inputs.errors, *run.errors]
    entries = sorted(run.entries, key=lambda entry: (entry.identified.path, entry.place))
    identified = [entry.identified for entry in entries]
    ids, repeated = natural_ids(identified)
    errors += [
        InputError(
            path=identified[index].path,
            reason=f"the same article as {identified[first].path}, byte for byte; read once",
        )
        for index, first in repeated
    ]
    if inputs.earlier:
        texts = ((i, run.article(entry).text) for i, entry in enumerate(entries))
        ids = carried_ids(identified, ids, texts, inputs.earlier)
    named = sorted(
        (article_id, entry) for article_id, entry in zip(ids, entries, strict=True) if article_id is not None
    )
    counts = _write(store, run, named, errors)
    store.cache.keep_only(run.keys)
    clock.lap("write")
    summary = Summary(
        articles=len(named),
        unchanged=run.unchanged,
        claims=counts["claims"],
        quantities=counts["quantities"],
        errors=tuple(_sorted_errors(errors)),
        seconds=clock.laps,
    )
    store.write_json(RUN, _run_record(settings, rules, run, summary, counts))
    return summary


def _require_other_place(settings: Settings) -> None:
    """Raises UsageError where the results would lie among the articles, or in place of them."""
    raw, out = settings.raw.absolute(), settings.out.absolute()
    try:
        same = raw.is_dir() and out.is_dir() and raw.samefile(out)
        own = raw.name in FILES and raw.is_file() and out.is_dir() and raw.parent.samefile(out)
    except OSError:
        return  # told by whoever opens it
    if same or own:
        raise UsageError(f"{settings.out}: results cannot go where the articles are; give another folder with -o")


class _Run:
    """The articles of one run: those at hand from the run before, and those that workers have to do."""

    def __init__(self, settings: Settings, rules: Ruleset, store: Store, progress: Progress) -> None:
        self._settings = settings
        self._rules_file = store.keep("rules.json", rules.extracting.dump())
        self._cache = store.cache
        self._progress = progress
        self.libraries = library_versions()
        self.engine = engine_digest(self.libraries)
        self.model = settings.model.identity if settings.model is not None else None
        self._salt = f"{self.engine} {rules.extraction_digest} {settings.limits} {self.model}"
        self.entries: list[_Entry] = []
        self.errors: list[InputError] = []
        self.keys: list[str] = []
        self.unchanged = 0
        self.faults = 0

    def work(self, sources: list[Source]) -> None:
        job = ArticleJob(self._rules_file, self._settings.limits, self._settings.model)
        waiting = self._missing(sources)
        # The first tasks tell whether there is work for more than one worker.
        first: list[Task] = []
        for task in waiting:
            first.append(task)
            if len(first) >= self._settings.workers * _PER_WORKER:
                break
        if not first:
            return
        workers = min(self._settings.workers, -(-len(first) // _PER_WORKER))
        limits = self._settings.limits
        cluster = self._settings.cluster
        tasks = _chain(first, waiting)
        if cluster is not None:
            running = cluster.executor(limits.article_seconds, limits.worker_bytes).map(job, tasks)
        else:
            running = executor(workers, limits.article_seconds, limits.worker_bytes)(job, tasks)
        # Closed at once whatever happens, so that no worker outlives an interrupt.
        with contextlib.closing(running) as results:
            for finished in results:
                if isinstance(finished.result, Failure):
                    # Not kept: what was too slow today may have been the machine's fault.
                    self.errors.append(InputError(path=finished.task.path, reason=finished.result.reason))
                else:
                    key = self._settled(finished.task)
                    self._cache.put(key, finished.result)
                    self._add(key, decode_outcome(finished.result))
                self._progress(1, finished.task.path)

    def article(self, entry: _Entry) -> ArticleResult:
        """The whole result of ``entry``, from the cache."""
        data = self._cache.get(entry.key)
        if data is None:
            raise RuntimeError(f"the cache lost {entry.identified.path}")
        result = decode_outcome(data)[entry.place]
        if not isinstance(result, ArticleResult):
            raise RuntimeError(f"the cache holds no article for {entry.identified.path}")
        return result

    def _settled(self, task: Task) -> str:
        """The key to keep a result under: for a file that was written to while it was read, one that no later run looks for."""
        from pipeline.readers.base import stamp

        if isinstance(task, FileTask) and stamp(task.source) != task.stamp:
            return self._key(task.key, "written to while it was read")
        return task.key

    def _missing(self, sources: list[Source]) -> Iterator[Task]:
        """The tasks that the cache has no outcome for; what it has is added on the way."""
        from pipeline.readers.base import file_key, is_archive, read_source, stamp

        for source in sources:
            if is_archive(source):
                for item in read_source(source, self._settings.limits):
                    if isinstance(item, InputError):
                        self.errors.append(item)
                        continue
                    key = self._key(item.path, item.sha256, msgspec.json.encode(item.meta).decode())
                    if not self._known(key, item.path):
                        yield DocumentTask(key=key, document=item)
            else:
                before = stamp(source)
                key = self._key(source.path, file_key(source))
                if not self._known(key, source.path):
                    yield FileTask(key=key, source=source, stamp=before)

    def _key(self, *parts: str) -> str:
        return hashlib.sha256("\0".join((self._salt, *parts)).encode("utf-8", "surrogatepass")).hexdigest()

    def _known(self, key: str, path: str) -> bool:
        data = self._cache.get(key)
        if data is None:
            return False
        try:
            outcome = decode_outcome(data)
        except msgspec.DecodeError:
            return False
        if any(isinstance(result, ProblemResult) and result.fault for result in outcome):
            return False
        self.unchanged += sum(isinstance(result, ArticleResult) for result in outcome)
        self._add(key, outcome)
        self._progress(1, path)
        return True

    def _add(self, key: str, outcome: Outcome) -> None:
        self.keys.append(key)
        for place, result in enumerate(outcome):
            if isinstance(result, ProblemResult):
                self.faults += result.fault
                self.errors.append(InputError(path=result.path, reason=result.reason))
                continue
            identified = Identified(
                path=result.path,
                input_id=result.input_id,
                url=result.meta.url,
                sha256=result.sha256,
                words=result.words,
            )
            self.entries.append(_Entry(key=key, place=place, identified=identified))


def _chain(first: list[Task], rest: Iterator[Task]) -> Iterator[Task]:
    yield from first
    yield from rest


def _write(store: Store, run: _Run, named: list[tuple[str, _Entry]], errors: list[InputError]) -> Counter[str]:
    """Stages the record files in one pass, with one article in memory at a time."""
    counts: Counter[str] = Counter()
    with (
        store.writer(ARTICLES) as articles,
        store.writer(CLAIMS) as claims,
        store.writer(QUANTITIES) as quantities,
        store.writer(STATEMENTS) as statements,
        store.writer(ERRORS) as problems,
    ):
        for article_id, entry in named:
            result = run.article(entry)
            article = article_record(article_id, result)
            articles.write(article)
            counts[f"kind {article.kind}"] += 1
            found = claim_records(article_id, result)
            for claim in found:
                claims.write(claim)
                counts[f"measure {claim.measure}"] += 1
            for quantity in quantity_records(article_id, result, found):
                quantities.write(quantity)
                counts[f"class {quantity.quantity_class}"] += 1
            for statement in statement_records(article_id, result):
                statements.write(statement)
                counts["statements"] += 1
            counts["articles"] += 1
            counts["claims"] += len(found)
        for error in _sorted_errors(errors):
            problems.write(error)
    counts["quantities"] = sum(number for name, number in counts.items() if name.startswith("class "))
    counts["errors"] = len(errors)
    return counts


def _sorted_errors(errors: list[InputError]) -> list[InputError]:
    return sorted(errors, key=lambda error: (error.path, error.reason))


def _run_record(
    settings: Settings, rules: Ruleset, run: _Run, summary: Summary, counts: Counter[str]
) -> dict[str, Any]:
    """``run.json``: what made the results. The only file that holds times."""
    return {
        "version": version(DISTRIBUTION),
        "engine": run.engine,
        "rules": rules.digest,
        "rules_extract": rules.extraction_digest,
        "model": run.model,
        "rules_left_out": list(rules.problems),
        "libraries": run.libraries,
        "workers": settings.workers,
        "counts": {**dict(sorted(counts.items())), "unchanged": summary.unchanged},
        "seconds": {name: round(seconds, 3) for name, seconds in summary.seconds.items()},
    }


class _Clock:
    """Seconds per stage."""

    def __init__(self, **laps: float) -> None:
        self.laps = laps
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name] = now - self._last
        self._last = now
