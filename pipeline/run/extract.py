"""``claims extract``: from a raw folder to the result files, as far as possible without doing work twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, NamedTuple

from pipeline.errors import RunError, UsageError
from pipeline.model import ENGLISH, InputError, Record
from pipeline.readers.base import Source
from pipeline.rules.ruleset import Ruleset
from pipeline.run.clock import Clock, rounded
from pipeline.run.discover import discover
from pipeline.run.engine import DISTRIBUTION
from pipeline.run.identity import Earlier, carried_ids, natural_ids, read_earlier
from pipeline.run.results import ARTICLES, CLAIMS, ERRORS, FINDINGS, FLAGS, QUANTITIES, RUN, STATEMENTS
from pipeline.run.store import Store, open_store
from pipeline.run.work import Entry, LostError, Progress, Settings, Work

__all__ = ["Progress", "Settings", "Summary", "extract", "stage_articles"]

FILES = (ARTICLES, CLAIMS, QUANTITIES, STATEMENTS, ERRORS, RUN)
"""What a run writes."""
RESTING = (FINDINGS, FLAGS)
"""What ``claims reconcile`` made of it, and has to make anew."""


class Summary(Record, frozen=True, kw_only=True):
    """What a run did, for the user and for ``run.json``."""

    articles: int
    unchanged: int
    """Articles whose result was taken over from the run before."""
    claims: int
    quantities: int
    errors: tuple[InputError, ...]
    seconds: dict[str, float]
    """By stage, one after the other."""
    done: dict[str, int]
    """How many articles were ``cleaned`` and ``analysed``, and the ``sentences`` and ``claims`` of the latter."""
    workers: dict[str, float]
    """Seconds by stage within ``articles``, all workers together."""
    slowest: tuple[tuple[float, str], ...]
    """Seconds and path of the inputs that took longest."""
    foreign: dict[str, int]
    """How many articles are in each language that the rules are not written for."""

    def per_second(self) -> dict[str, float]:
        """How many articles, sentences and claims were analysed a second; empty where none was."""
        seconds = self.seconds.get("articles", 0.0)
        if not self.done["analysed"] or seconds <= 0:
            return {}
        names = {"articles": "analysed", "sentences": "sentences", "claims": "claims"}
        return {name: round(self.done[key] / seconds, 1) for name, key in names.items()}


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
    try:
        return _stage_once(store, settings, rules, progress, inputs)
    except LostError:  # a cache that is damaged: what it cannot give is made again
        store.cache.forget_damaged()
        return _stage_once(store, settings, rules, progress, inputs)


def _stage_once(store: Store, settings: Settings, rules: Ruleset, progress: Progress, inputs: _Inputs) -> Summary:
    clock = Clock(discover=inputs.seconds)
    run = Work(settings, rules, store, progress)
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
        ids = carried_ids(identified, ids, lambda index: run.page(entries[index]).text, inputs.earlier)
    named = sorted(
        (article_id, entry) for article_id, entry in zip(ids, entries, strict=True) if article_id is not None
    )
    counts = _write(store, run, named, errors)
    run.forget_others()
    clock.lap("write")
    summary = Summary(
        articles=len(named),
        unchanged=run.unchanged,
        claims=counts["claims"],
        quantities=counts["quantities"],
        errors=tuple(_sorted_errors(errors)),
        seconds=clock.laps,
        done={name: run.done[name] for name in ("cleaned", "analysed", "sentences", "claims")},
        workers={name: run.seconds[name] for name in ("read", "clean", "extract")},
        slowest=tuple(run.slowest),
        foreign=_foreign(counts),
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


def _write(store: Store, run: Work, named: list[tuple[str, Entry]], errors: list[InputError]) -> Counter[str]:
    """Stages the record files in one pass, with one article in memory at a time."""
    counts: Counter[str] = Counter()
    with (
        store.lines(ARTICLES) as articles,
        store.lines(CLAIMS) as claims,
        store.lines(QUANTITIES) as quantities,
        store.lines(STATEMENTS) as statements,
        store.writer(ERRORS) as problems,
    ):
        for article_id, entry in named:
            head, lines = run.lines(entry, article_id)
            articles.write(lines.article)
            claims.write(lines.claims)
            quantities.write(lines.quantities)
            statements.write(lines.statements)
            counts.update(head.counts)
            counts["articles"] += 1
            counts[f"kind {entry.kind}"] += 1
        for error in _sorted_errors(errors):
            problems.write(error)
    counts["errors"] = len(errors)
    return counts


def _foreign(counts: Mapping[str, int]) -> dict[str, int]:
    named = {
        key.removeprefix("language "): count for key, count in sorted(counts.items()) if key.startswith("language ")
    }
    return {language: count for language, count in named.items() if language != ENGLISH}


def _sorted_errors(errors: list[InputError]) -> list[InputError]:
    return sorted(errors, key=lambda error: (error.path, error.reason))


def _run_record(
    settings: Settings, rules: Ruleset, run: Work, summary: Summary, counts: Counter[str]
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
        "workers": settings.workers if settings.cluster is None else None,
        "counts": {**dict(sorted(counts.items())), "unchanged": summary.unchanged},
        "done": summary.done,
        "seconds": rounded(summary.seconds),
        "worker_seconds": rounded(summary.workers),
        "per_second": summary.per_second(),
    }
