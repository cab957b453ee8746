"""What a worker does with one input: read, clean, find quantities, assemble claims."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pipeline.claims.draft import ClaimDraft
from pipeline.config import Limits
from pipeline.errors import ModelError, RulesError, UnusableInputError, UsageError
from pipeline.language.choice import ModelChoice
from pipeline.model import Citation, Cleaned, InputError, Mention, RawDocument, Record, Reference, SourceMeta, Statement
from pipeline.readers.base import Source
from pipeline.rules.ruleset import Ruleset
from pipeline.run.identity import words_of

if TYPE_CHECKING:
    from pipeline.claims.analyze import Analyzer


class FileTask(Record, frozen=True, kw_only=True, tag=True):
    """One file, which the worker opens itself."""

    key: str
    source: Source
    stamp: str = ""
    """:func:`pipeline.readers.base.stamp` of the file before its key was taken."""

    @property
    def path(self) -> str:
        return self.source.path


class DocumentTask(Record, frozen=True, kw_only=True, tag=True):
    """One article out of an archive that the main process reads as a stream."""

    key: str
    document: RawDocument

    @property
    def path(self) -> str:
        return self.document.path


class ParcelTask(Record, frozen=True, kw_only=True, tag=True):
    """A :class:`FileTask` for a machine that does not see the file."""

    path: str
    files: tuple[tuple[str, bytes], ...]
    """Names and bytes of the file and its sidecar."""


class ReadTask(Record, frozen=True, kw_only=True, tag=True):
    """A file that is as good as read."""

    path: str
    items: tuple[RawDocument | InputError, ...]


Task = FileTask | DocumentTask
"""What is to be done."""
Parcel = ParcelTask | ReadTask | DocumentTask
"""The same for another machine."""


class ArticleResult(Record, frozen=True, kw_only=True, tag=True):
    """A finished article but for its ids, which depend on the other articles of the run."""

    path: str
    input_id: str | None
    sha256: str
    meta: SourceMeta
    references: tuple[Reference, ...]
    citations: tuple[Citation, ...]
    text: str
    words: str
    """Digest of the text's words, see :func:`pipeline.run.identity.words_of`."""
    mentions: tuple[Mention, ...]
    drafts: tuple[ClaimDraft, ...]
    statements: tuple[Statement, ...] = ()
    """With an empty article id."""


class ProblemResult(Record, frozen=True, kw_only=True, tag=True):
    """An input, or a part of one, that could not be used."""

    path: str
    reason: str
    fault: bool = False
    """Whether it was a fault of the program, which the next run tries again."""


Outcome = tuple[ArticleResult | ProblemResult, ...]
"""All that came of one task."""

_decoder = msgspec.msgpack.Decoder(Outcome)


def encode_outcome(outcome: Outcome) -> bytes:
    return msgspec.msgpack.encode(outcome)


def decode_outcome(data: bytes) -> Outcome:
    """Raises ``msgspec.DecodeError`` for bytes of another version."""
    return _decoder.decode(data)


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

        if isinstance(task, DocumentTask):
            return task
        files = pack(task.source, self._limits)
        if files is None:  # most likely one that cannot be read here either
            return ReadTask(path=task.path, items=tuple(read_source(task.source, self._limits)))
        return ParcelTask(path=task.path, files=files)

    def start(self) -> None:
        from pipeline.claims.analyze import Analyzer

        self._rules = Ruleset.restore(self._rules_data())
        self._analyzer = Analyzer(self._rules, self._model.name if self._model is not None else None)
        if self._model is not None and self._analyzer.language.identity != self._model.identity:
            raise ModelError(
                f"{self._model.name}: is another model on this worker than where the run began; install the same everywhere"
            )

    def _rules_data(self) -> bytes:
        return self._source if isinstance(self._source, bytes) else self._source.read_bytes()

    def run(self, task: Task | Parcel) -> bytes:
        """The encoded :data:`Outcome` of ``task``."""
        outcome = tuple(self._results(task))
        try:
            data = encode_outcome(outcome)
            decode_outcome(data)
        except (msgspec.MsgspecError, ValueError, OverflowError, TypeError) as error:  # a value that no record may hold
            problems = tuple(result for result in outcome if isinstance(result, ProblemResult))
            return encode_outcome((*problems, _fault(task.path, "written", error)))
        return data

    def _results(self, task: Task | Parcel) -> Iterator[ArticleResult | ProblemResult]:
        for item in self._items(task):
            if isinstance(item, InputError):
                yield ProblemResult(path=item.path, reason=item.reason)
            else:
                yield self._article(item)

    def _items(self, task: Task | Parcel) -> Iterator[RawDocument | InputError]:
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

    def _article(self, document: RawDocument) -> ArticleResult | ProblemResult:
        from pipeline.clean.clean import clean

        try:
            cleaned = clean(document, self._rules, self._limits)
        except UnusableInputError as error:
            return ProblemResult(path=document.path, reason=error.reason)
        except (OSError, MemoryError, RulesError):
            raise  # no fault of the page's: a disk is gone or a rule is missing, which ends the run; the executor tells of memory
        except Exception as error:  # a fault of ours or of a library on one odd page must cost that page only
            return _fault(document.path, "cleaned", error)
        try:
            return _result(document, cleaned, self._analyzer)
        except (MemoryError, RulesError, ModelError, UsageError):
            raise  # a model that cannot be loaded ends the run
        except Exception as error:
            return _fault(document.path, "analysed", error)


def article_result(document: RawDocument, rules: Ruleset, limits: Limits, analyzer: Analyzer) -> ArticleResult:
    """One article, cleaned and analysed. Raises UnusableInputError where nothing is left of it."""
    from pipeline.clean.clean import clean

    return _result(document, clean(document, rules, limits), analyzer)


def _result(document: RawDocument, cleaned: Cleaned, analyzer: Analyzer) -> ArticleResult:
    text = cleaned.text
    analysis = analyzer.analyze(text, cleaned.references)
    return ArticleResult(
        path=document.path,
        input_id=document.input_id,
        sha256=document.sha256,
        meta=cleaned.meta,
        references=cleaned.references,
        citations=analysis.citations,
        text=text,
        words=words_of(text),
        mentions=analysis.mentions,
        drafts=analysis.drafts,
        statements=analysis.statements,
    )


def _fault(path: str, what: str, error: Exception) -> ProblemResult:
    if os.environ.get("CLAIMS_DEBUG"):
        raise error
    reason = f"could not be {what} ({type(error).__name__}), a fault of the program; please report this input"
    return ProblemResult(path=path, reason=reason, fault=True)
