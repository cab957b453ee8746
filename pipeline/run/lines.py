"""The lines that one article adds to the result files, made once and then copied from run to run as bytes."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TypeVar

import msgspec

from pipeline.claims.ids import claim_ids
from pipeline.model import Article, Claim, Quantity, Record, Statement, decode, encode
from pipeline.run.outcome import ArticleResult, LinesHead, Page
from pipeline.run.records import article_record, claim_records, quantity_records, statement_records

R = TypeVar("R", Article, Claim, Quantity, Statement)


class Lines(Record, frozen=True, kw_only=True):
    """The lines of one article in each file, each line with its end."""

    article: bytes
    claims: bytes
    quantities: bytes
    statements: bytes


_lines_decoder = msgspec.msgpack.Decoder(Lines)


def page_digest(page: Page) -> str:
    """What changes with anything that the lines of an article say of its page."""
    return hashlib.sha256(msgspec.msgpack.encode(page)).hexdigest()


def text_digest(page: Page) -> str:
    """What changes with anything of a page that the analysis reads: its text and its reference list."""
    return hashlib.sha256(msgspec.msgpack.encode((page.text, page.references))).hexdigest()


def natural_id(page: Page) -> str:
    """The id that an article has where no other lays claim to it, see :func:`pipeline.run.identity.natural_ids`."""
    return page.input_id or page.meta.url or page.path


def lines_of(article_id: str, page: str, result: ArticleResult) -> tuple[LinesHead, bytes]:
    """The lines of an article, encoded for :func:`read_lines`; ``page`` is the :func:`page_digest` of its page."""
    claims = claim_records(article_id, result)
    quantities = quantity_records(article_id, result, claims)
    statements = statement_records(article_id, result)
    counts = Counter(f"measure {claim.measure}" for claim in claims)
    counts.update(f"class {quantity.quantity_class}" for quantity in quantities)
    counts.update(
        claims=len(claims), statements=len(statements), quantities=len(quantities), sentences=result.sentences
    )
    if result.meta.language is not None:
        counts[f"language {result.meta.language}"] = 1
    lines = Lines(
        article=_joined([article_record(article_id, result)]),
        claims=_joined(claims),
        quantities=_joined(quantities),
        statements=_joined(statements),
    )
    return LinesHead(article_id=article_id, page=page, counts=dict(counts)), msgspec.msgpack.encode(lines)


def read_lines(data: bytes) -> Lines:
    """Raises ``msgspec.DecodeError`` for bytes of another version."""
    return _lines_decoder.decode(data)


def require_readable(data: bytes) -> None:
    """Raises ``ValueError`` where one of the lines cannot be read as what it is."""
    lines = read_lines(data)
    _records(lines.article, Article)
    _records(lines.claims, Claim)
    _records(lines.quantities, Quantity)
    _records(lines.statements, Statement)


def adapted(lines: Lines, head: LinesHead, page: Page, article_id: str) -> tuple[LinesHead, bytes]:
    """``lines`` for an article of the same text that has another id, or of whose page something else is known now."""
    (old,) = _records(lines.article, Article)
    article = msgspec.structs.replace(article_record(article_id, result_of(page)), citations=old.citations)
    claims = _records(lines.claims, Claim)
    names = dict(
        zip(
            (claim.claim_id for claim in claims),
            claim_ids(article_id, [(claim.start, claim.quote) for claim in claims]),
            strict=True,
        )
    )
    fresh = Lines(
        article=_joined([article]),
        claims=_joined([msgspec.structs.replace(c, article_id=article_id, claim_id=names[c.claim_id]) for c in claims]),
        quantities=_joined(
            [
                msgspec.structs.replace(
                    quantity, article_id=article_id, claim_ids=tuple(names[name] for name in quantity.claim_ids)
                )
                for quantity in _records(lines.quantities, Quantity)
            ]
        ),
        statements=_joined(
            [msgspec.structs.replace(s, article_id=article_id) for s in _records(lines.statements, Statement)]
        ),
    )
    head = LinesHead(article_id=article_id, page=page_digest(page), counts=head.counts)
    return head, msgspec.msgpack.encode(fresh)


def result_of(page: Page) -> ArticleResult:
    """The article before anything has been found in its text."""
    return ArticleResult(
        path=page.path,
        input_id=page.input_id,
        sha256=page.sha256,
        meta=page.meta,
        references=page.references,
        citations=(),
        text=page.text,
        mentions=(),
        drafts=(),
    )


def _joined(records: list[R]) -> bytes:
    return b"".join(encode(record) + b"\n" for record in records)


def _records(lines: bytes, kind: type[R]) -> list[R]:
    return [decode(line, kind) for line in lines.splitlines()]
