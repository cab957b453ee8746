"""Finished articles to the lines of the result files."""

from __future__ import annotations

import msgspec

from pipeline.claims.draft import identified
from pipeline.model import Article, Claim, Quantity, SourceKind, SourceMeta, Statement
from pipeline.run.outcome import ArticleResult


def article_record(article_id: str, result: ArticleResult) -> Article:
    """The line of ``articles.jsonl``."""
    meta = result.meta
    return Article(
        article_id=article_id,
        input_id=result.input_id,
        path=result.path,
        url=meta.url,
        title=meta.title,
        author=meta.author,
        publisher=meta.publisher,
        published=meta.published,
        kind=kind_of(meta),
        language=meta.language,
        sha256=result.sha256,
        references=result.references,
        citations=result.citations,
        text=result.text,
    )


def kind_of(meta: SourceMeta) -> SourceKind:
    """The kind of source that an article is told to be."""
    return meta.kind or "other"


def claim_records(article_id: str, result: ArticleResult) -> list[Claim]:
    """The lines of ``claims.jsonl``, in text order."""
    return identified(article_id, result.drafts)


def statement_records(article_id: str, result: ArticleResult) -> list[Statement]:
    """The lines of ``statements.jsonl``, in text order."""
    return [msgspec.structs.replace(statement, article_id=article_id) for statement in result.statements]


def quantity_records(article_id: str, result: ArticleResult, claims: list[Claim]) -> list[Quantity]:
    """The lines of ``quantities.jsonl``, in text order.

    A reference mark counts as a number of class ``citation`` only where the article's own reference list explains it; all marks
    stand in the article's ``citations``.
    """
    users: dict[tuple[int, int], list[str]] = {}
    for claim in claims:
        for value in claim.values:
            users.setdefault((value.start, value.end), []).append(claim.claim_id)
    keys = {reference.key for reference in result.references}
    explained = [mark for mark in result.citations if keys.intersection(mark.keys)]
    return [
        Quantity(
            article_id=article_id,
            start=mention.start,
            end=mention.end,
            text=mention.text,
            value=mention.value,
            low=mention.low,
            high=mention.high,
            unit=mention.unit,
            qualifier=mention.qualifier,
            quantity_class=mention.quantity_class,
            claim_ids=tuple(users.get((mention.start, mention.end), ())),
        )
        for mention in result.mentions
        if mention.quantity_class != "citation"
        or any(mark.start < mention.end and mention.start < mark.end for mark in explained)
    ]
