"""Articles that are given as text, as rule examples and benchmarks give them, read and compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pipeline.claims.analyze import Analyzer
from pipeline.config import Limits
from pipeline.model import Article, Claim, RawDocument, Record, SourceMeta, Statement
from pipeline.reconcile.reconcile import Reconciled, reconcile
from pipeline.rules.ruleset import Ruleset
from pipeline.run.job import article_result
from pipeline.run.records import article_record, claim_records, statement_records


class Sources(Record, frozen=True, kw_only=True):
    """Articles by the names they were given, with what the whole program says of them."""

    articles: dict[str, Article]
    claims: dict[str, list[Claim]]
    done: Reconciled


def read_sources(sources: Mapping[str, Mapping[str, Any]], rules: Ruleset, analyzer: Analyzer) -> Sources:
    """Reads each source (``text``, and what is known of it, as a sidecar tells it) and compares them.

    Raises UnusableInputError where nothing is left of one, ``msgspec.ValidationError`` where what is known of it is no metadata.
    """
    articles: dict[str, Article] = {}
    claims: dict[str, list[Claim]] = {}
    statements: dict[str, list[Statement]] = {}
    for name, source in sources.items():
        meta = msgspec.convert({key: value for key, value in source.items() if key != "text"}, SourceMeta)
        document = RawDocument(path=name, media="text", content=source["text"], sha256="0" * 64, meta=meta)
        result = article_result(document, rules, Limits(), analyzer)
        articles[name] = article_record(name, result)
        claims[name] = claim_records(name, result)
        statements[name] = statement_records(name, result)
    return Sources(articles=articles, claims=claims, done=reconcile(list(articles.values()), claims, statements, rules))
