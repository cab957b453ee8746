"""Reconciles a run of very many articles in parts, in as many processes as asked for, with a bound on what is in memory.

First the files are looked through for where the records of each article stand (``spans.py``); then every article leaves its traces, by
which articles are put into parts (``reconcile/traces.py``); then each part is compared by itself; and at last the findings and flags of all
parts are sorted. All is cut by the data alone, so that the number of processes changes no byte.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.reconcile.background import background_from, lone_publishers, most_with_a_name
from pipeline.reconcile.shingles import hashed
from pipeline.reconcile.sources import Source
from pipeline.reconcile.traces import Traces, common_names, parts_of, restored
from pipeline.rules.ruleset import Ruleset
from pipeline.run.part_jobs import ArticlesJob, PartJob, PartTask, TraceJob, results_of, uncollected
from pipeline.run.part_spools import TEXTS, Found, merge
from pipeline.run.results import Tally
from pipeline.run.span_index import indexed
from pipeline.run.spans import Head, Spans

_PER_TASK = 400
"""Articles whose traces are taken at a time."""
_PER_WORKER = 4
"""Starting a worker costs as much as taking so many times the traces."""


class Parts:
    """One run of very many articles while it is reconciled; ``work`` is a folder for what does not fit into memory."""

    def __init__(self, folder: Path, work: Path, rules: Ruleset, workers: int) -> None:
        self._folder = folder
        self._work = work
        self._rules = rules
        self._rules_file = work / "rules.json"
        self._rules_file.write_bytes(rules.dump())
        self._workers = workers
        self.articles: list[Head] = []
        """All of them, in the order of their ids."""
        self.counts: dict[str, int] = {}
        """How many records each file has."""

    def reconcile(self, findings: BinaryIO, flags: BinaryIO) -> Tally:
        """Finds findings and flags, and writes them, sorted, to two binary files.

        Raises UsageError, with file and line, where the records do not fit together.
        """
        index = indexed(self._folder, self._workers)
        spans = index.spans
        self.articles, self.counts = index.articles, index.counts
        lone = lone_publishers(article.publisher for article in self.articles)
        with uncollected():
            background = background_from(self._sample(spans, lone), spans.count, frozenset(), self._rules)
        job = TraceJob(self._folder, self._rules_file, lone, background.ordinary, self._work)
        traces, texts = self._traces(spans, job)
        frequent = common_names(traces, most_with_a_name(spans.count, self._rules))
        background = replace(background, frequent=frequent)
        parts = parts_of(traces, self._rules)
        del traces
        compare = PartJob(self._folder, self._rules_file, lone, background, self._work)
        tasks = (
            PartTask(number, spans.where(every), texts.of(every), frozenset(map(every.index, part.context)))
            for number, part in enumerate(parts)
            for every in (sorted({*part.articles, *part.context}),)
        )
        workers = min(self._workers, len(parts))
        results = results_of(compare, tasks, workers, "a part of the articles could not be compared")
        found = [msgspec.msgpack.decode(data, type=Found) for _, data in results]
        return merge(self._work, sorted(found, key=lambda one: one.part), findings, flags)

    def _sample(self, spans: Spans, lone: frozenset[str]) -> list[Source]:
        """Articles drawn evenly: those with the least hashes of their ids, so that a run that grows by a few keeps most."""
        most = int(self._rules.params("parts").get("sample", 3000))
        hashes = np.array([hashed(article.article_id) for article in self.articles], np.uint64)
        chosen = np.sort(np.argsort(hashes, kind="stable")[:most]).tolist()
        job = ArticlesJob(self._folder, self._rules_file, lone)
        job.start()
        return job.sources(spans.where(chosen), figures=False)

    def _traces(self, spans: Spans, job: TraceJob) -> tuple[Traces, _Texts]:
        tasks = (
            spans.where(range(first, min(first + _PER_TASK, spans.count))) for first in range(0, spans.count, _PER_TASK)
        )
        found: dict[int, dict[str, bytes]] = {}
        workers = min(self._workers, spans.count // (_PER_TASK * _PER_WORKER))
        for task, data in results_of(job, tasks, workers, "the traces of some articles could not be taken"):
            found[task[0].article] = msgspec.msgpack.decode(data)
        ordered = [found[first] for first in sorted(found)]
        texts = _Texts([np.frombuffer(part.pop(TEXTS), np.int64) for part in ordered])
        return restored(ordered), texts


class _Texts:
    """Where what was found in the texts is kept, by article; of each task of :meth:`Parts._traces` the ``edges``."""

    def __init__(self, edges: Sequence[npt.NDArray[np.int64]]) -> None:
        self._starts = np.concatenate([found[:-1] for found in edges])
        self._ends = np.concatenate([found[1:] for found in edges])

    def of(self, articles: Sequence[int]) -> list[tuple[int, int, int]]:
        """As :class:`PartTask` has it."""
        chosen = np.array(articles, np.int64)
        columns = (chosen - chosen % _PER_TASK, self._starts[chosen], self._ends[chosen])
        return list(zip(*(column.tolist() for column in columns), strict=True))


@contextmanager
def parts(folder: Path, work: Path, rules: Ruleset, workers: int) -> Iterator[Parts]:
    """The run in ``folder``, ready to be reconciled; what is laid in ``work`` meanwhile is taken away at the end."""
    spool = work / "parts"
    shutil.rmtree(spool, ignore_errors=True)
    spool.mkdir(parents=True)
    try:
        yield Parts(folder, spool, rules, workers)
    finally:
        shutil.rmtree(spool, ignore_errors=True)
