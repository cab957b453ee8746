"""What workers do while a run is reconciled in parts (``parts.py``)."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import repeat, starmap
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
from pipeline.reconcile.source_reader import SourceReader
from pipeline.reconcile.sources import Source, TextRead
from pipeline.reconcile.traces import Tracer
from pipeline.rules.ruleset import Ruleset
from pipeline.run.executor import Failure, Job, executor
from pipeline.run.part_spools import FINDINGS, FLAGS, TEXTS, Found, spooled
from pipeline.run.spans import Reader, Where

T = TypeVar("T")
_text_decoder = msgspec.msgpack.Decoder(TextRead)
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

    def sources(
        self, listed: Iterable[Where], *, figures: bool = True, read: Iterable[TextRead | None] = repeat(None)
    ) -> list[Source]:
        """The sources at these places, as they stand in a corpus of these alone; ``figures`` and ``read`` as for
        :meth:`SourceReader.source`."""
        with Reader(self.folder) as files:
            return [
                self._reader.source(
                    index, article, called(article, self.lone), claims, statements, figures=figures, read=text
                )
                for index, (where, text) in enumerate(zip(listed, read, strict=False))
                for article, claims, statements in (files.read(where),)
            ]


@dataclass
class TraceJob(ArticlesJob):
    """Takes the traces of some articles."""

    ordinary: frozenset[str]
    spool: Path
    """Where what was found in the texts is kept for :class:`PartJob`."""

    def start(self) -> None:
        super().start()
        self._tracer = Tracer(self._rules, self.ordinary)

    def run(self, task: Sequence[Where]) -> bytes:
        with uncollected(), Reader(self.folder) as files:
            sources = [self._reader.traced(where.article, *files.read_traced(where)) for where in task]
            traces, read = self._tracer.traces(sources)
            path = self.spool / f"{task[0].article}.{TEXTS}"
            edges = spooled(path, map(msgspec.msgpack.encode, read))
        return msgspec.msgpack.encode({**traces.dump(), TEXTS: edges})


class PartTask(NamedTuple):
    """A part to compare; those in ``context``, by their places in it, are heard only."""

    number: int
    articles: list[Where]
    texts: list[tuple[int, int, int]]
    """Where what was found in the text of each is kept: the first article of its spool, where it begins there, and its end."""
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
        sources = self.sources(task.articles, read=starmap(self._read, task.texts))
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

    def _read(self, spool: int, start: int, end: int) -> TextRead:
        with (self.spool / f"{spool}.{TEXTS}").open("rb", buffering=0) as file:
            return _text_decoder.decode(os.pread(file.fileno(), end - start, start))
