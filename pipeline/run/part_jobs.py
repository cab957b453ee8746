"""What workers do while a run is reconciled in parts (``parts.py``)."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np

from pipeline.errors import RunError
from pipeline.model import encode
from pipeline.reconcile.background import Background, called
from pipeline.reconcile.corpus import Corpus
from pipeline.reconcile.findings import finding_id
from pipeline.reconcile.reconcile import reconcile_corpus
from pipeline.reconcile.sources import Source, SourceReader
from pipeline.reconcile.traces import Tracer
from pipeline.rules.ruleset import Ruleset
from pipeline.run.executor import Failure, Job, executor
from pipeline.run.part_spools import FINDINGS, FLAGS, Found, spooled
from pipeline.run.spans import Reader, Where

T = TypeVar("T")
_SECONDS = 3600.0
_BYTES = 8 * 2**30


@contextmanager
def uncollected() -> Iterator[None]:
    """Looks for no garbage meanwhile: very many records are made, none in cycles, and all go with the last name that they have."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def results_of(job: Job, tasks: Iterable[T], workers: int, problem: str) -> Iterator[tuple[T, bytes]]:
    """Each task with what ``job`` gives for it, as they come. Raises RunError, beginning with ``problem``, where one fails."""
    run = executor(workers, _SECONDS, _BYTES)
    with closing(run(job, tasks)) as results:
        for finished in results:
            if isinstance(finished.result, Failure):
                raise RunError(f"{problem}: it {finished.result.reason}")
            yield finished.task, finished.result


@dataclass
class ArticlesJob:
    """What the jobs below share: they read articles of the run in ``folder``."""

    folder: Path
    rules: Path
    lone: frozenset[str]

    def start(self) -> None:
        self._rules = Ruleset.restore(self.rules.read_bytes())
        self._reader = SourceReader(self._rules)

    def sources(self, listed: Iterable[Where], *, figures: bool = True) -> list[Source]:
        """The sources at these places, as they stand in a corpus of these alone; ``figures`` as for :meth:`SourceReader.source`."""
        found: list[Source] = []
        with Reader(self.folder) as files:
            for where in listed:
                article, claims, statements = files.read(where)
                name = called(article, self.lone)
                found.append(self._reader.source(len(found), article, name, claims, statements, figures=figures))
        return found


@dataclass
class TraceJob(ArticlesJob):
    """Takes the traces of some articles."""

    ordinary: frozenset[str]

    def start(self) -> None:
        super().start()
        self._tracer = Tracer(self._rules, self.ordinary)

    def run(self, task: Sequence[Where]) -> bytes:
        with uncollected(), Reader(self.folder) as files:
            sources = [self._reader.traced(where.article, *files.read_traced(where)) for where in task]
        traces = self._tracer.traces(sources)
        return msgspec.msgpack.encode(traces.dump())


class PartTask(NamedTuple):
    """A part to compare; those in ``context``, by their places in it, are heard only."""

    number: int
    articles: list[Where]
    context: frozenset[int]


@dataclass
class PartJob(ArticlesJob):
    """Compares the articles of a part; what is found goes to spools in ``spool``."""

    background: Background
    spool: Path

    def start(self) -> None:
        super().start()
        gc.freeze()  # what stays for all parts need not be looked through again and again

    def run(self, task: PartTask) -> bytes:
        with uncollected():
            return self._compared(task)

    def _compared(self, task: PartTask) -> bytes:
        sources = self.sources(task.articles)
        corpus = Corpus(sources, self.background, self._reader, self._rules, task.context)
        done = reconcile_corpus(corpus, self._rules)
        places = {finding.finding_id: place for place, finding in enumerate(done.findings)}
        findings = (
            msgspec.msgpack.encode(
                (base, min(finding.claim_ids), encode(msgspec.structs.replace(finding, finding_id="")))
            )
            for base, finding in zip(done.bases, done.findings, strict=True)
        )
        flags = (msgspec.msgpack.encode((places.get(flag.finding_id or "", -1), encode(flag))) for flag in done.flags)
        return msgspec.msgpack.encode(
            Found(
                task.number,
                np.array([int(finding_id(base, 1), 16) for base in done.bases], np.uint64).tobytes(),
                spooled(self.spool / f"{task.number}.{FINDINGS}", findings),
                [flag.flag_id for flag in done.flags],
                spooled(self.spool / f"{task.number}.{FLAGS}", flags),
                dict(Counter(finding.status for finding in done.findings)),
            )
        )
