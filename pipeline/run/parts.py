"""Reconciles a run of very many articles in parts, in as many processes as asked for, with a bound on what is in memory.

First the files are looked through for where the records of each article stand (``spans.py``); then every article leaves its traces, by
which articles are put into parts (``reconcile/traces.py``); then each part is compared by itself; and at last the findings and flags of all
parts are sorted. All is cut by the data alone, so that the number of processes changes no byte.
"""

from __future__ import annotations

import gc
import mmap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from pipeline.errors import RunError, UsageError
from pipeline.model import Flag, decode, encode
from pipeline.reconcile.background import Background, background_from, called, lone_publishers, most_with_a_name
from pipeline.reconcile.corpus import Corpus
from pipeline.reconcile.findings import finding_id
from pipeline.reconcile.reconcile import reconcile_corpus
from pipeline.reconcile.shingles import hashed
from pipeline.reconcile.sources import Source, SourceReader
from pipeline.reconcile.traces import Tracer, Traces, common_names, parts_of, restored
from pipeline.rules.ruleset import Ruleset
from pipeline.run.executor import Failure, executor
from pipeline.run.results import ARTICLES, CLAIMS, STATEMENTS, Tally
from pipeline.run.spans import Chunk, Head, Lines, Reader, Spans, Where, chunks, joined, scan

_PER_TASK = 400
"""Articles whose traces are taken at a time."""
_PER_WORKER = 4
"""Starting a worker costs as much as taking so many times the traces."""
_SECONDS = 3600.0
_BYTES = 8 * 2**30
_NO_ID = b'{"finding_id":""'
_FINDINGS, _FLAGS = "findings.part", "flags.part"


class _Found(msgspec.Struct):
    """What comparing a part gives the main process, beside its spool."""

    part: int
    finding_ids: bytes
    """[findings] uint64: the ids they would have if no other part had the same."""
    findings: bytes
    """[findings + 1] int64: where each begins in the spool, and the end."""
    flag_ids: list[str]
    flags: bytes
    statuses: dict[str, int]


class ScanJob:
    """Looks through pieces of files."""

    def start(self) -> None: ...

    def run(self, task: Chunk) -> bytes:
        return msgspec.msgpack.encode(scan(task))


@dataclass
class _ArticlesJob:
    """What the jobs below share: they read articles of the run in ``folder``."""

    folder: Path
    rules: Path
    lone: frozenset[str]

    def start(self) -> None:
        self._rules = Ruleset.restore(self.rules.read_bytes())
        self._reader = SourceReader(self._rules)
        self._files = Reader(self.folder)

    def sources(self, listed: Iterable[Where], *, figures: bool = True) -> list[Source]:
        """The sources at these places, as they stand in a corpus of these alone; ``figures`` as for :meth:`SourceReader.source`."""
        found: list[Source] = []
        for where in listed:
            article, claims, statements = self._files.read(where)
            name = called(article, self.lone)
            found.append(self._reader.source(len(found), article, name, claims, statements, figures=figures))
        return found


@dataclass
class TraceJob(_ArticlesJob):
    """Takes the traces of some articles."""

    ordinary: frozenset[str]

    def start(self) -> None:
        super().start()
        self._tracer = Tracer(self._rules, self.ordinary)

    def run(self, task: Sequence[Where]) -> bytes:
        sources = [self._reader.traced(where.article, *self._files.read_traced(where)) for where in task]
        traces = self._tracer.traces(sources)
        return msgspec.msgpack.encode(traces.dump())


class PartTask(NamedTuple):
    """A part to compare; those in ``context``, by their places in it, are heard only."""

    number: int
    articles: list[Where]
    context: frozenset[int]


@dataclass
class PartJob(_ArticlesJob):
    """Compares the articles of a part; what is found goes to spools in ``spool``."""

    background: Background
    spool: Path

    def start(self) -> None:
        super().start()
        gc.freeze()  # what stays for all parts need not be looked through again and again

    def run(self, task: PartTask) -> bytes:
        gc.disable()  # a part is many records and few cycles
        try:
            return self._compared(task)
        finally:
            gc.enable()
            gc.collect()

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
            _Found(
                task.number,
                np.array([int(finding_id(base, 1), 16) for base in done.bases], np.uint64).tobytes(),
                _spooled(self.spool / f"{task.number}.{_FINDINGS}", findings),
                [flag.flag_id for flag in done.flags],
                _spooled(self.spool / f"{task.number}.{_FLAGS}", flags),
                dict(Counter(finding.status for finding in done.findings)),
            )
        )


def _spooled(path: Path, records: Iterable[bytes]) -> bytes:
    """Writes ``records`` one after the other. Returns where each begins, and the end."""
    edges = [0]
    with path.open("wb") as file:
        for record in records:
            file.write(record)
            edges.append(edges[-1] + len(record))
    return np.array(edges, np.int64).tobytes()


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

    def reconcile(self, findings: Any, flags: Any) -> Tally:
        """Finds findings and flags, and writes them, sorted, to two binary files.

        Raises UsageError, with file and line, where the records do not fit together.
        """
        spans = self._indexed()
        lone = lone_publishers(article.publisher for article in self.articles)
        sample = self._sample(spans, lone)
        background = background_from(sample, spans.count, frozenset(), self._rules)
        del sample
        traces = self._traces(spans, TraceJob(self._folder, self._rules_file, lone, background.ordinary))
        frequent = common_names(traces, most_with_a_name(spans.count, self._rules))
        background = Background(**{**vars(background), "frequent": frequent})
        parts = parts_of(traces, self._rules)
        del traces
        job = PartJob(self._folder, self._rules_file, lone, background, self._work)
        tasks = (
            PartTask(number, [spans.where(index) for index in every], frozenset(map(every.index, part.context)))
            for number, part in enumerate(parts)
            for every in (sorted({*part.articles, *part.context}),)
        )
        workers = min(self._workers, len(parts))
        found = [msgspec.msgpack.decode(data, type=_Found) for data in self._run(job, tasks, workers)]
        return self._merged(sorted(found, key=lambda one: one.part), findings, flags)

    def _run(self, job: Any, tasks: Iterable[Any], workers: int) -> Iterator[bytes]:
        """What ``job`` gives for each task, as it comes."""
        run = executor(workers, _SECONDS, _BYTES)
        with closing(run(job, tasks)) as results:
            for finished in results:
                if isinstance(finished.result, Failure):
                    raise RunError(f"a part of the articles could not be compared: it {finished.result.reason}")
                yield finished.result

    def _indexed(self) -> Spans:
        """Where all records stand."""
        articles = self._lines(ARTICLES)
        heads = self._heads(articles)
        order = np.array(sorted(range(len(heads)), key=lambda at: heads[at].article_id), np.int64)
        self.articles = [heads[at] for at in order.tolist()]
        for one, other in zip(self.articles, self.articles[1:], strict=False):
            if one.article_id == other.article_id:
                raise UsageError(
                    f"{self._folder / ARTICLES}: the article {one.article_id} stands there twice; run 'claims extract' again"
                )
        owners = articles.owners[order]
        others = [self._owned(self._lines(name), name, owners) for name in (CLAIMS, STATEMENTS)]
        self._require_distinct(others[0])
        self.counts = {
            name: len(lines.starts)
            for name, lines in zip((ARTICLES, CLAIMS, STATEMENTS), (articles, *others), strict=True)
        }
        return Spans(articles, order, *others)

    def _lines(self, name: str) -> Lines:
        pieces = chunks(self._folder / name)
        found: dict[int, tuple[int, list[bytes]]] = {}
        if len(pieces) < 2:  # not worth a process
            results: Iterable[tuple[Chunk, Any]] = ((piece, scan(piece)) for piece in pieces)
        else:
            results = self._scanned(pieces)
        problems: dict[int, str] = {}
        for piece, (count, arrays, problem) in results:
            found[piece.start] = count, arrays
            if problem is not None:
                problems[piece.start] = problem
        ordered = sorted(found)
        for start in ordered:
            if start in problems:
                number, _, told = problems[start].partition("\t")
                line = sum(found[before][0] for before in ordered if before < start) + int(number)
                raise UsageError(told.replace(":0: ", f":{line}: ", 1))
        return joined([found[start] for start in ordered])

    def _scanned(self, pieces: Sequence[Chunk]) -> Iterator[tuple[Chunk, Any]]:
        run = executor(min(self._workers, len(pieces)), _SECONDS, _BYTES)
        with closing(run(ScanJob(), pieces)) as results:
            for finished in results:
                if isinstance(finished.result, Failure):
                    raise RunError(f"{finished.task.path}: could not be looked through: it {finished.result.reason}")
                yield finished.task, msgspec.msgpack.decode(finished.result)

    def _heads(self, lines: Lines) -> list[Head]:
        decoder = msgspec.json.Decoder(Head)
        found: list[Head] = []
        path = self._folder / ARTICLES
        with path.open("rb") as file:
            for start, length, number in zip(*(column.tolist() for column in lines[:3]), strict=True):
                file.seek(start)
                try:
                    found.append(decoder.decode(file.read(length)))
                except (ValueError, RecursionError) as error:
                    raise UsageError(
                        f"{path}:{number}: {error}; run 'claims extract' again to write it anew"
                    ) from error
        return found

    def _owned(self, lines: Lines, name: str, owners: Any) -> Lines:
        """``lines`` with the places of their articles for owners."""
        order = np.argsort(owners, kind="stable")
        ranked = owners[order]
        places = np.searchsorted(ranked, lines.owners).clip(max=max(len(ranked) - 1, 0))
        known = ranked[places] == lines.owners if len(ranked) else np.zeros(len(lines.owners), bool)
        if not known.all():
            number = int(lines.numbers[int(np.argmin(known))])
            raise UsageError(
                f"{self._folder / name}:{number}: is of an article that is not there; run 'claims extract' again to write it anew"
            )
        return lines._replace(owners=order[places].astype(np.uint64))

    def _require_distinct(self, claims: Lines) -> None:
        order = np.argsort(claims.ids, kind="stable")
        again = np.flatnonzero(claims.ids[order][1:] == claims.ids[order][:-1])
        if len(again):
            number = int(claims.numbers[order[again + 1]].min())
            raise UsageError(
                f"{self._folder / CLAIMS}:{number}: has the id of an earlier line; run 'claims extract' again to write it anew"
            )

    def _sample(self, spans: Spans, lone: frozenset[str]) -> list[Source]:
        """Articles drawn evenly: those with the least hashes of their ids, so that a run that grows by a few keeps most."""
        most = int(self._rules.params("parts").get("sample", 3000))
        hashes = np.array([hashed(article.article_id) for article in self.articles], np.uint64)
        chosen = np.sort(np.argsort(hashes, kind="stable")[:most]).tolist()
        job = _ArticlesJob(self._folder, self._rules_file, lone)
        job.start()
        return job.sources((spans.where(index) for index in chosen), figures=False)

    def _traces(self, spans: Spans, job: TraceJob) -> Traces:
        tasks = (
            [spans.where(index) for index in range(first, min(first + _PER_TASK, spans.count))]
            for first in range(0, spans.count, _PER_TASK)
        )
        found: dict[int, dict[str, bytes]] = {}
        run = executor(min(self._workers, spans.count // (_PER_TASK * _PER_WORKER)), _SECONDS, _BYTES)
        with closing(run(job, tasks)) as results:
            for finished in results:
                if isinstance(finished.result, Failure):
                    raise RunError(f"the traces of some articles could not be taken: it {finished.result.reason}")
                found[finished.task[0].article] = msgspec.msgpack.decode(finished.result)
        return restored(found[first] for first in sorted(found))

    def _merged(self, found: Sequence[_Found], findings: Any, flags: Any) -> Tally:
        """Writes the findings and flags of all parts."""
        statuses: Counter[str] = Counter()
        for one in found:
            statuses.update(one.statuses)
        ids = self._numbered(found)
        with _Spools(self._work, found, _FINDINGS) as spools:
            order = np.argsort(ids, kind="stable")
            for place, number in zip(order.tolist(), ids[order].tolist(), strict=True):
                _, _, data = msgspec.msgpack.decode(spools.record(place))
                findings.write(b'{"finding_id":"%016x"' % number + data[len(_NO_ID) :] + b"\n")
        rules: Counter[str] = Counter()
        severities: Counter[str] = Counter()
        firsts = np.cumsum([0, *(len(one.finding_ids) // 8 for one in found)]).tolist()
        listed = sorted(
            (flag_id, part, place) for part, one in enumerate(found) for place, flag_id in enumerate(one.flag_ids)
        )
        with _Spools(self._work, found, _FLAGS) as spools:
            last = None
            for flag_id, part, place in listed:
                if flag_id == last:
                    continue  # of one article in two parts
                last = flag_id
                of, data = msgspec.msgpack.decode(spools.record_of(part, place))
                flag = decode(data, Flag)
                if of >= 0:
                    flag = msgspec.structs.replace(flag, finding_id=f"{int(ids[firsts[part] + of]):016x}")
                rules[flag.rule] += 1
                severities[flag.severity] += 1
                flags.write(encode(flag) + b"\n")
        return Tally(statuses, rules, severities)

    def _numbered(self, found: Sequence[_Found]) -> Any:
        """[all findings] the ids of the findings of all parts; those that are the same by all that names them are numbered."""
        ids = np.frombuffer(b"".join(one.finding_ids for one in found), np.uint64).copy()
        order = np.argsort(ids, kind="stable")
        ranked = ids[order]
        edges = (
            np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1], [True]]))
            if len(ids)
            else np.zeros(1, int)
        )
        several = np.flatnonzero(np.diff(edges) > 1)
        with _Spools(self._work, found, _FINDINGS) as spools:
            for first, last in zip(edges[several].tolist(), edges[several + 1].tolist(), strict=True):
                same = []
                for place in order[first:last].tolist():
                    base, claim_id, _ = msgspec.msgpack.decode(spools.record(place))
                    same.append((claim_id, place, base))
                for number, (_, place, base) in enumerate(sorted(same), 1):
                    ids[place] = int(finding_id(base, number), 16)
        return ids


class _Spools:
    """The spools of all parts, mapped."""

    def __init__(self, work: Path, found: Sequence[_Found], suffix: str) -> None:
        self._paths = [work / f"{one.part}.{suffix}" for one in found]
        kinds = [one.findings if suffix == _FINDINGS else one.flags for one in found]
        self._edges = [np.frombuffer(edges, np.int64) for edges in kinds]
        self._first = np.cumsum([0, *(len(edges) - 1 for edges in self._edges)])
        self._maps: list[mmap.mmap | None] = []

    def __enter__(self) -> _Spools:
        for path in self._paths:
            with path.open("rb") as file:
                empty = path.stat().st_size == 0
                self._maps.append(None if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return self

    def __exit__(self, *_: object) -> None:
        for found in self._maps:
            if found is not None:
                found.close()

    def record(self, place: int) -> bytes:
        """That at ``place`` among those of all parts."""
        part = int(np.searchsorted(self._first, place, side="right")) - 1
        return self.record_of(part, place - int(self._first[part]))

    def record_of(self, part: int, place: int) -> bytes:
        found, edges = self._maps[part], self._edges[part]
        assert found is not None
        return found[int(edges[place]) : int(edges[place + 1])]


@contextmanager
def parts(folder: Path, work: Path, rules: Ruleset, workers: int) -> Iterator[Parts]:
    """The run in ``folder``, ready to be reconciled; what is laid in ``work`` meanwhile is taken away at the end."""
    import shutil

    spool = work / "parts"
    shutil.rmtree(spool, ignore_errors=True)
    spool.mkdir(parents=True)
    try:
        yield Parts(folder, spool, rules, workers)
    finally:
        shutil.rmtree(spool, ignore_errors=True)
