"""What a worker does with one input: read, clean, find quantities, assemble claims."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pipeline.config import Limits
from pipeline.errors import ModelError, RulesError, UnusableInputError, UsageError
from pipeline.language.choice import ModelChoice
from pipeline.model import Cleaned, InputError, RawDocument, Record
from pipeline.readers.base import Source
from pipeline.rules.ruleset import Ruleset
from pipeline.run.identity import exact, words_of
from pipeline.run.lines import lines_of, natural_id, page_digest, require_readable, result_of, text_digest
from pipeline.run.outcome import ArticleResult, Outcome, Page, PageHead, Part, ProblemResult, encoded
from pipeline.run.records import kind_of

if TYPE_CHECKING:
    from pipeline.claims.analyze import Analyzer

_UNWRITABLE = (msgspec.MsgspecError, ValueError, OverflowError, TypeError)
"""What comes of a value that no record may hold."""


class FileTask(Record, frozen=True, kw_only=True, tag=True):
    """One file, which the worker opens itself."""

    key: str
    source: Source
    stamp: str = ""
    """:func:`pipeline.readers.base.stamp` of the file before its key was taken."""
    known: tuple[str, ...] = ()
    """The texts, by :func:`pipeline.run.lines.text_digest`, whose lines are at hand."""

    @property
    def path(self) -> str:
        return self.source.path


class DocumentTask(Record, frozen=True, kw_only=True, tag=True):
    """One article out of an archive that the main process reads as a stream."""

    key: str
    document: RawDocument
    known: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return self.document.path


class ParcelTask(Record, frozen=True, kw_only=True, tag=True):
    """A :class:`FileTask` for a machine that does not see the file."""

    path: str
    files: tuple[tuple[str, bytes], ...]
    """Names and bytes of the file and its sidecar."""
    known: tuple[str, ...] = ()


class ReadTask(Record, frozen=True, kw_only=True, tag=True):
    """A file that is as good as read."""

    path: str
    items: tuple[RawDocument | InputError, ...]
    known: tuple[str, ...] = ()


class PagesTask(Record, frozen=True, kw_only=True, tag=True):
    """The articles of an input that an earlier run has cleaned."""

    key: str
    input: str
    """The path of the input."""
    pages: tuple[Page, ...]

    @property
    def path(self) -> str:
        return self.pages[0].path


Task = FileTask | DocumentTask | PagesTask
"""What is to be done."""
Parcel = ParcelTask | ReadTask | DocumentTask | PagesTask
"""The same for another machine."""


class _Needed:
    """Rules that are told from others by their content."""

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Needed) and self.rules.digest == other.rules.digest

    def __hash__(self) -> int:
        return hash(self.rules.digest)


@lru_cache(maxsize=1)
def _analyzer(needed: _Needed, model: ModelChoice | None) -> Analyzer:
    """That of the job before, if there was one in this process and nothing is different: it takes seconds to make."""
    from pipeline.claims.analyze import Analyzer

    return Analyzer(needed.rules, model.name if model is not None else None)


class ArticleJob:
    """The whole way of one article. Picklable before ``start``, which builds the components, once per process.

    The rules come as a file that the run itself wrote, not from their folder: a rule edited while a run works must not be told as the
    one it began with. They are not part of the job, since a job has to stay small: a process that is stopped while it receives a
    large one complains; only for another machine are they (:meth:`packed`). ``model`` is a spaCy pipeline, or None for the program's own
    language model.
    """

    def __init__(self, rules: Path | bytes, limits: Limits, model: ModelChoice | None = None) -> None:
        self._source = rules
        self._limits = limits
        self._model = model

    def packed(self) -> ArticleJob:
        """The same job with the rules themselves in it, for another machine."""
        return ArticleJob(self._rules_data(), self._limits, self._model)

    def parcel(self, task: Task) -> Parcel:
        """``task`` with its file in it, for another machine."""
        from pipeline.readers.base import pack, read_source

        if not isinstance(task, FileTask):
            return task
        files = pack(task.source, self._limits)
        if files is None:  # most likely one that cannot be read here either
            items = tuple(read_source(task.source, self._limits))
            return ReadTask(path=task.path, items=items, known=task.known)
        return ParcelTask(path=task.path, files=files, known=task.known)

    def start(self) -> None:
        rules = Ruleset.restore(self._rules_data())
        # Each stage is given its own rules alone, so that none can depend on one whose change does not run it again.
        self._cleaning = rules.cleaning
        self._analyzer = _analyzer(_Needed(rules.analysing), self._model)
        self._seconds: defaultdict[str, float] = defaultdict(float)
        if self._model is not None and self._analyzer.language.identity != self._model.identity:
            raise ModelError(
                f"{self._model.name}: is another model on this worker than where the run began; install the same everywhere"
            )

    def _rules_data(self) -> bytes:
        return self._source if isinstance(self._source, bytes) else self._source.read_bytes()

    def run(self, task: Task | Parcel) -> bytes:
        """The encoded :class:`Outcome` of ``task``."""
        self._seconds = defaultdict(float)
        parts = tuple(self._parts(task))
        return encoded(Outcome(parts=parts, seconds=dict(self._seconds)))

    def _parts(self, task: Task | Parcel) -> Iterator[Part | ProblemResult]:
        if isinstance(task, PagesTask):
            yield from map(self._part, task.pages)
            return
        for item in self._documents(task):
            page = item if isinstance(item, ProblemResult) else self._page(item)
            yield page if isinstance(page, ProblemResult) else self._part(page, task.known)

    def _documents(
        self, task: FileTask | DocumentTask | ParcelTask | ReadTask
    ) -> Iterator[RawDocument | ProblemResult]:
        documents = self._items(task)
        while True:
            with self._timed("read"):
                item = next(documents, None)
            if item is None:
                return
            yield ProblemResult(path=item.path, reason=item.reason) if isinstance(item, InputError) else item

    def _items(self, task: FileTask | DocumentTask | ParcelTask | ReadTask) -> Iterator[RawDocument | InputError]:
        from pipeline.readers.base import read_source, unpacked

        match task:
            case DocumentTask():
                yield task.document
            case ReadTask():
                yield from task.items
            case ParcelTask():
                with unpacked(task.path, task.files) as source:
                    yield from read_source(source, self._limits)
            case FileTask():
                yield from read_source(task.source, self._limits)

    def _page(self, document: RawDocument) -> Page | ProblemResult:
        """The cleaned article."""
        from pipeline.clean.clean import clean

        try:
            with self._timed("clean"):
                cleaned = clean(document, self._cleaning, self._limits)
        except UnusableInputError as error:
            return ProblemResult(path=document.path, reason=error.reason)
        except (OSError, MemoryError, RulesError):
            raise  # no fault of the page's: a disk is gone or a rule is missing, which ends the run; the executor tells of memory
        except Exception as error:  # a fault of ours or of a library on one odd page must cost that page only
            return _fault(document.path, "cleaned", error)
        return _page(document, cleaned)

    def _analysed(self, page: Page) -> ArticleResult | ProblemResult:
        """The article with all that is found in its text."""
        try:
            with self._timed("extract"):
                return _analysed(page, self._analyzer)
        except (MemoryError, RulesError, ModelError, UsageError):
            raise  # a model that cannot be loaded ends the run
        except Exception as error:
            return _fault(page.path, "analysed", error)

    def _part(self, page: Page, known: tuple[str, ...] = ()) -> Part | ProblemResult:
        """The article as it goes to the main process; without lines where those of its text are there already."""
        try:
            head, data = _head(page), encoded(page)
        except _UNWRITABLE as error:
            return _fault(page.path, "written", error)
        if head.text in known:
            return Part(head=head, page=data)
        result = self._analysed(page)
        if isinstance(result, ProblemResult):
            return result
        try:
            lines, body = lines_of(natural_id(page), head.page, result)
            require_readable(body)
        except _UNWRITABLE as error:
            return _fault(page.path, "written", error)
        return Part(head=head, page=data, lines=lines, body=body)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] += time.perf_counter() - began


def article_result(document: RawDocument, rules: Ruleset, limits: Limits, analyzer: Analyzer) -> ArticleResult:
    """One article, cleaned and analysed. Raises UnusableInputError where nothing is left of it."""
    from pipeline.clean.clean import clean

    return _analysed(_page(document, clean(document, rules, limits)), analyzer)


def _page(document: RawDocument, cleaned: Cleaned) -> Page:
    return Page(
        path=document.path,
        input_id=document.input_id,
        sha256=document.sha256,
        meta=cleaned.meta,
        references=cleaned.references,
        text=cleaned.text,
    )


def _analysed(page: Page, analyzer: Analyzer) -> ArticleResult:
    analysis = analyzer.analyze(page.text, page.references)
    return msgspec.structs.replace(
        result_of(page),
        citations=analysis.citations,
        mentions=analysis.mentions,
        drafts=analysis.drafts,
        statements=analysis.statements,
        sentences=analysis.sentences,
    )


def _head(page: Page) -> PageHead:
    return PageHead(
        path=page.path,
        input_id=page.input_id,
        url=page.meta.url,
        kind=kind_of(page.meta),
        sha256=page.sha256,
        words=words_of(page.text),
        plain=exact(page.text),
        page=page_digest(page),
        text=text_digest(page),
    )


def _fault(path: str, what: str, error: Exception) -> ProblemResult:
    if os.environ.get("CLAIMS_DEBUG"):
        raise error
    reason = f"could not be {what} ({type(error).__name__}), a fault of the program; please report this input"
    return ProblemResult(path=path, reason=reason, fault=True)
