"""The articles of one run: those at hand from earlier runs, and those that workers have to do."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from pipeline.config import Limits
from pipeline.language.choice import ModelChoice
from pipeline.model import InputError, Record, SourceKind
from pipeline.readers.base import Source
from pipeline.rules.ruleset import Ruleset
from pipeline.run.cache import COMPARED
from pipeline.run.engine import engine_digest, library_versions
from pipeline.run.executor import Cluster, Failure, executor
from pipeline.run.identity import Identified
from pipeline.run.job import ArticleJob, DocumentTask, FileTask, PagesTask, Task
from pipeline.run.lines import Lines, adapted, read_lines
from pipeline.run.outcome import (
    LinesHead,
    Outcome,
    Page,
    PageHead,
    PageHeads,
    ProblemResult,
    decode_heads,
    decode_lines_head,
    decode_outcome,
    decode_page,
    encoded,
)
from pipeline.run.store import Store

_PER_WORKER = 6
"""Starting a worker costs about as much as extracting this many articles, so fewer articles get fewer workers."""
_SLOWEST = 10
"""How many of the slowest inputs are told."""
_LAST = "last "
"""Before the path of an input in the cache: what the last run that had it knew of it."""


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


Progress = Callable[[int, str], None]
"""Called with the number of inputs finished since the last call and the path of the newest."""


class LostError(Exception):
    """The cache does not give what it had a moment ago: it is damaged."""


class Entry(Record, frozen=True, kw_only=True):
    """What stays in memory of one finished article."""

    key: str
    """Of its input."""
    place: int
    """Which of the articles of its input it is."""
    lines: str
    """The key of its lines."""
    page: str
    """See :class:`PageHead`."""
    kind: SourceKind
    identified: Identified


class _File(NamedTuple):
    """By what a file is known."""

    stamp: str
    key: str
    """:func:`pipeline.readers.base.file_key` of it."""


class _Last(Record, frozen=True, kw_only=True):
    """What the cache holds of the last run that had an input."""

    key: str
    stamp: str
    file: str


_last_decoder = msgspec.msgpack.Decoder(_Last)


class Work:
    """Cleans and analyses what has changed.

    Two things are kept of each input: its cleaned articles, under a key made of its bytes and all that cleaning depends on; and the
    lines of each article, under one made of its text and all that the analysis depends on. So other rules for finding claims clean
    nothing anew, and a page that changed beside its article is cleaned but not analysed.
    """

    def __init__(self, settings: Settings, rules: Ruleset, store: Store, progress: Progress) -> None:
        self._settings = settings
        self._rules_file = store.keep("rules.json", rules.extracting.dump())
        self._cache = store.cache
        self._progress = progress
        self.libraries = library_versions()
        self.engine = engine_digest(self.libraries)
        self.model = settings.model.identity if settings.model is not None else None
        self._cleaned_by = f"{self.engine} {rules.cleaning.digest} {settings.limits}"
        self._analysed_by = f"{self.engine} {rules.analysing.digest} {self.model}"
        self.entries: list[Entry] = []
        self.errors: list[InputError] = []
        self.unchanged = 0
        """Articles for which nothing had to be done."""
        self.done: Counter[str] = Counter()
        """How much was ``cleaned`` (articles) and ``analysed`` (articles, sentences, claims)."""
        self.seconds: defaultdict[str, float] = defaultdict(float)
        """What that took by stage, all workers together."""
        self.slowest: list[tuple[float, str]] = []
        """Seconds and path of the inputs that took longest, the slowest first."""
        self.faults = 0
        self._now = time.time_ns()
        self._files: dict[str, _File] = {}
        """By what files are known that may be known by their stamp from now on."""
        self._inputs: list[str] = []
        self._paths: list[str] = []

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
                    self._take(finished.task, decode_outcome(finished.result))
                self._progress(1, finished.task.path)

    def page(self, entry: Entry) -> Page:
        """The cleaned article. Raises LostError."""
        return self._pages(entry.key)[entry.place]

    def lines(self, entry: Entry, article_id: str) -> tuple[LinesHead, Lines]:
        """The lines of the article with this id; as a rule those that are kept. Raises LostError."""
        head = self._lines_head(entry.lines)
        body = self._cache.get(entry.lines, "bodies")
        if head is None or body is None:
            raise LostError
        lines = read_lines(body)
        if head.article_id == article_id and head.page == entry.page:
            return head, lines
        head, body = adapted(lines, head, self.page(entry), article_id)
        self._keep_lines(entry.lines, head, body)
        return head, read_lines(body)

    def forget_others(self) -> None:
        """Takes out of the cache what this run had no use for."""
        lines = [entry.lines for entry in self.entries]
        self._cache.keep_only([*self._inputs, *self._paths, *lines, COMPARED])
        self._cache.keep_only([*self._inputs, *lines], "bodies")

    def _pages(self, key: str) -> tuple[Page, ...]:
        data = self._cache.get(key, "bodies")
        if data is None:
            raise LostError
        return tuple(decode_page(page) for page in msgspec.msgpack.decode(data, type=tuple[bytes, ...]))

    def _lines_head(self, key: str) -> LinesHead | None:
        data = self._cache.get(key)
        if data is None:
            return None
        try:
            return decode_lines_head(data)
        except msgspec.DecodeError:
            return None

    def _heads(self, key: str) -> PageHeads | None:
        """What is kept of an input; ``None`` where there is nothing, or a fault of the program, which is tried again."""
        data = self._cache.get(key)
        if data is None:
            return None
        try:
            heads = decode_heads(data)
        except msgspec.DecodeError:
            return None
        return None if any(isinstance(head, ProblemResult) and head.fault for head in heads) else heads

    def _keep_lines(self, key: str, head: LinesHead, body: bytes) -> None:
        self._cache.put(key, body, "bodies")
        self._cache.put(key, encoded(head))

    def _missing(self, sources: list[Source]) -> Iterator[Task]:
        """The tasks that are left to do; what is at hand is added on the way."""
        from pipeline.readers.base import read_source

        for source in sources:
            file = self._file(source)
            if file is not None:
                key = self._input_key(source.path, file.key)
                yield from self._left(key, source.path, partial(FileTask, key=key, source=source, stamp=file.stamp))
                continue
            for item in read_source(source, self._settings.limits):
                if isinstance(item, InputError):
                    self.errors.append(item)
                    continue
                key = self._input_key(item.path, item.sha256, msgspec.json.encode(item.meta).decode())
                yield from self._left(key, item.path, partial(DocumentTask, key=key, document=item))

    def _left(self, key: str, path: str, task: Callable[..., FileTask | DocumentTask]) -> Iterator[Task]:
        """What is left to do of one input; ``task`` makes the task of reading it, given the texts that are ``known``."""
        known = self._known(key, path)
        if isinstance(known, PagesTask):
            yield known
        elif not known:
            yield task(known=self._known_texts(path))

    def _file(self, source: Source) -> _File | None:
        """What a file of one article is known by; ``None`` for an archive. A file that nobody has touched since is not opened."""
        from pipeline.readers.base import file_key, is_archive, is_settled, stamp

        before = stamp(source)
        last = self._last(source.path)
        if last is not None and last.stamp == before:
            return _File(before, last.file)
        if is_archive(source):
            return None
        file = _File(before, file_key(source))
        if is_settled(before, self._now) and stamp(source) == before:
            self._files[source.path] = file
        return file

    def _last(self, path: str) -> _Last | None:
        data = self._cache.get(_LAST + path)
        try:
            return _last_decoder.decode(data) if data is not None else None
        except msgspec.DecodeError:
            return None

    def _keep_last(self, path: str, key: str) -> None:
        """Notes under which key an input is kept, and by what its file is known where it has been left alone for long enough."""
        file = self._files.pop(path, _File("", ""))
        self._cache.put(_LAST + path, encoded(_Last(key=key, stamp=file.stamp, file=file.key)))

    def _known(self, key: str, path: str) -> bool | PagesTask:
        """Whether all of an input is at hand, in which case it is added; where only its cleaned articles are, what is left to do."""
        heads = self._heads(key)
        if heads is None:
            return False
        pages = [head for head in heads if isinstance(head, PageHead)]
        missing = [place for place, head in enumerate(pages) if self._lines_head(self._lines_key(head)) is None]
        if missing:
            try:
                texts = self._pages(key)
            except LostError:
                return False
            return PagesTask(key=key, input=path, pages=tuple(texts[place] for place in missing))
        self.unchanged += len(pages)
        if path in self._files:
            self._keep_last(path, key)
        self._add(key, path, heads)
        self._progress(1, path)
        return True

    def _known_texts(self, path: str) -> tuple[str, ...]:
        """The texts of the input ``path`` whose lines are at hand from an earlier run."""
        last = self._last(path)
        heads = self._heads(last.key) if last is not None else None
        return tuple(
            head.text
            for head in heads or ()
            if isinstance(head, PageHead) and self._lines_head(self._lines_key(head)) is not None
        )

    def _input_key(self, *parts: str) -> str:
        return _digest(self._cleaned_by, *parts)

    def _lines_key(self, head: PageHead) -> str:
        return _digest(self._analysed_by, head.path, head.text)

    def _take(self, task: Task, outcome: Outcome) -> None:
        """Keeps what a worker made, and adds it."""
        for stage, seconds in outcome.seconds.items():
            self.seconds[stage] += seconds
        self._note(sum(outcome.seconds.values()), task.path)
        heads: list[PageHead | ProblemResult] = []
        pages: list[bytes] = []
        for part in outcome.parts:
            if isinstance(part, ProblemResult):
                heads.append(part)
                continue
            heads.append(part.head)
            pages.append(part.page)
            if part.lines is not None:
                self._keep_lines(self._lines_key(part.head), part.lines, part.body)
                self.done["analysed"] += 1
                self.done.update({name: part.lines.counts.get(name, 0) for name in ("sentences", "claims")})
        if isinstance(task, PagesTask):
            self._add_analysed(task, heads)
            return
        self.done["cleaned"] += len(pages)
        key = self._settled(task)
        self._cache.put(key, encoded(tuple(pages)), "bodies")
        self._cache.put(key, encoded(tuple(heads)))
        self._keep_last(task.path, key)
        self._add(key, task.path, tuple(heads))

    def _add_analysed(self, task: PagesTask, parts: list[PageHead | ProblemResult]) -> None:
        """Adds an input whose cleaned articles were at hand; ``parts`` are those that had to be analysed."""
        failed = {part.path: part for part in parts if isinstance(part, ProblemResult)}
        heads = self._heads(task.key) or tuple(parts)
        self._add(task.key, task.input, tuple(failed.get(head.path, head) for head in heads))

    def _settled(self, task: FileTask | DocumentTask) -> str:
        """The key to keep an input under: for a file that was written to while it was read, one that no later run looks for."""
        from pipeline.readers.base import stamp

        if isinstance(task, FileTask) and stamp(task.source) != task.stamp:
            return self._input_key(task.key, "written to while it was read")
        return task.key

    def _note(self, seconds: float, path: str) -> None:
        self.slowest = sorted([*self.slowest, (seconds, path)], key=lambda item: (-item[0], item[1]))[:_SLOWEST]

    def _add(self, key: str, path: str, heads: PageHeads) -> None:
        self._inputs.append(key)
        self._paths.append(_LAST + path)
        place = 0
        for head in heads:
            if isinstance(head, ProblemResult):
                self.faults += head.fault
                self.errors.append(InputError(path=head.path, reason=head.reason))
                continue
            identified = Identified(
                path=head.path,
                input_id=head.input_id,
                url=head.url,
                sha256=head.sha256,
                words=head.words,
                text=head.plain,
            )
            self.entries.append(
                Entry(
                    key=key,
                    place=place,
                    lines=self._lines_key(head),
                    page=head.page,
                    kind=head.kind,
                    identified=identified,
                )
            )
            place += 1


def _chain(first: list[Task], rest: Iterator[Task]) -> Iterator[Task]:
    yield from first
    yield from rest


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
