"""What a worker makes of one input, and how it goes to the main process and into the cache."""

from __future__ import annotations

import msgspec

from pipeline.claims.draft import ClaimDraft
from pipeline.model import Citation, Mention, Record, Reference, SourceKind, SourceMeta, Statement


class ArticleResult(Record, frozen=True, kw_only=True, tag=True):
    """A finished article but for its ids, which depend on the other articles of the run."""

    path: str
    input_id: str | None
    sha256: str
    meta: SourceMeta
    references: tuple[Reference, ...]
    citations: tuple[Citation, ...]
    text: str
    mentions: tuple[Mention, ...]
    drafts: tuple[ClaimDraft, ...]
    statements: tuple[Statement, ...] = ()
    """With an empty article id."""
    sentences: int = 0
    """How many sentences the text has."""


class ProblemResult(Record, frozen=True, kw_only=True, tag=True):
    """An input, or a part of one, that could not be used."""

    path: str
    reason: str
    fault: bool = False
    """Whether it was a fault of the program, which the next run tries again."""


class Page(Record, frozen=True, kw_only=True):
    """A cleaned article: all that its lines depend on beside what the analysis of its text finds."""

    path: str
    input_id: str | None
    sha256: str
    meta: SourceMeta
    references: tuple[Reference, ...]
    text: str


class PageHead(Record, frozen=True, kw_only=True, tag=True):
    """What has to be known of a :class:`Page` without reading it."""

    path: str
    input_id: str | None
    url: str | None
    kind: SourceKind
    sha256: str
    words: str
    """Digest of the text's words, see :func:`pipeline.run.identity.words_of`."""
    plain: str
    """Digest of the text as it is, see :func:`pipeline.run.identity.exact`."""
    page: str
    """Changes with anything that the lines of an article say of its page."""
    text: str
    """Changes with anything of a page that the analysis reads: its text and its reference list."""


class LinesHead(Record, frozen=True, kw_only=True):
    """What has to be known of an article's lines without reading them."""

    article_id: str
    """The id they were made with."""
    page: str
    """As in :class:`PageHead`: of the page they were made of."""
    counts: dict[str, int]
    """How many claims, quantities and statements there are, and of which kinds, and of how many sentences."""


class Part(Record, frozen=True, kw_only=True, tag=True):
    """One article of an input."""

    head: PageHead
    page: bytes
    """The encoded :class:`Page`."""
    lines: LinesHead | None = None
    """``None`` where the lines are at hand from an earlier run."""
    body: bytes = b""
    """The lines, see :func:`pipeline.run.lines.read_lines`."""


class Outcome(Record, frozen=True, kw_only=True):
    """All that came of one task."""

    parts: tuple[Part | ProblemResult, ...]
    seconds: dict[str, float] = msgspec.field(default_factory=dict)
    """How long it took, by stage: ``read``, ``clean``, ``extract``."""


PageHeads = tuple[PageHead | ProblemResult, ...]
"""What the cache holds of an input."""

_outcome = msgspec.msgpack.Decoder(Outcome)
_heads = msgspec.msgpack.Decoder(PageHeads)
_page = msgspec.msgpack.Decoder(Page)
_lines_head = msgspec.msgpack.Decoder(LinesHead)


def decode_outcome(data: bytes) -> Outcome:
    """Raises ``msgspec.DecodeError`` for bytes of another version, as the functions below do."""
    return _outcome.decode(data)


def decode_heads(data: bytes) -> PageHeads:
    return _heads.decode(data)


def decode_page(data: bytes) -> Page:
    return _page.decode(data)


def decode_lines_head(data: bytes) -> LinesHead:
    return _lines_head.decode(data)


def encoded(value: object) -> bytes:
    """``value`` for any of the functions above."""
    return msgspec.msgpack.encode(value)
