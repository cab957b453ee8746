"""Claims as the rows of one flat table: a row a value, with all that its claim and its article say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pipeline.export.source import Entry
from pipeline.model import Article, Claim, Value

Cell = str | int | float | None
ColumnType = Literal["text", "integer", "number"]

COLUMNS: dict[str, ColumnType] = {
    "article_id": "text",
    "path": "text",
    "url": "text",
    "title": "text",
    "publisher": "text",
    "published": "text",
    "source_kind": "text",
    "claim_id": "text",
    "values_hash": "text",
    "claim_kind": "text",
    "measure": "text",
    "quote": "text",
    "quote_start": "integer",
    "quote_end": "integer",
    "value_index": "integer",
    "value_text": "text",
    "value_start": "integer",
    "value_end": "integer",
    "value": "number",
    "low": "number",
    "high": "number",
    "unit": "text",
    "qualifier": "text",
    "role": "text",
    "group": "text",
    "group_id": "text",
    "n": "integer",
    "intervention": "text",
    "intervention_id": "text",
    "comparator": "text",
    "comparator_id": "text",
    "condition": "text",
    "condition_id": "text",
    "outcome": "text",
    "outcome_id": "text",
    "population": "text",
    "population_id": "text",
    "timepoint": "text",
    "timepoint_days": "number",
    "sample_size": "text",
    "sample_size_value": "number",
    "direction": "text",
    "strength": "text",
    "certainty": "text",
    "study_ref_keys": "text",
    "study_doi": "text",
    "study_pmid": "text",
    "study_cue": "text",
    "rule": "text",
    "confidence": "number",
}
"""The columns in order, with what their cells hold."""
KEY_SEPARATOR = "; "


def rows(entry: Entry) -> Iterator[dict[str, Cell]]:
    """The rows of one article, each with every column; a claim without values has one row, without a value."""
    for claim in entry.claims:
        shared = _shared(entry.article, claim)
        values = tuple(enumerate(claim.values)) or ((None, None),)
        for index, value in values:
            cells = shared | _value(index, value)
            yield {column: cells[column] for column in COLUMNS}


def _shared(article: Article, claim: Claim) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        "article_id": article.article_id,
        "path": article.path,
        "url": article.url,
        "title": article.title,
        "publisher": article.publisher,
        "published": article.published,
        "source_kind": article.kind,
        "claim_id": claim.claim_id,
        "values_hash": claim.values_hash,
        "claim_kind": claim.kind,
        "measure": claim.measure,
        "quote": claim.quote,
        "quote_start": claim.start,
        "quote_end": claim.end,
        "direction": claim.direction,
        "strength": claim.strength,
        "certainty": claim.certainty,
        "rule": claim.rule,
        "confidence": claim.confidence,
    }
    for name in ("intervention", "comparator", "condition", "outcome", "population"):
        slot = getattr(claim, name)
        cells[name] = slot.text if slot is not None else None
        cells[f"{name}_id"] = slot.id if slot is not None else None
    time, size, study = claim.timepoint, claim.sample_size, claim.study
    cells["timepoint"] = time.text if time is not None else None
    cells["timepoint_days"] = time.days if time is not None else None
    cells["sample_size"] = size.text if size is not None else None
    cells["sample_size_value"] = size.value if size is not None else None
    cells["study_ref_keys"] = KEY_SEPARATOR.join(study.ref_keys) or None if study is not None else None
    for name in ("doi", "pmid", "cue"):
        cells[f"study_{name}"] = getattr(study, name) if study is not None else None
    return cells


def _value(index: int | None, value: Value | None) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        "value_index": index,
        "value_text": value.text if value is not None else None,
        "value_start": value.start if value is not None else None,
        "value_end": value.end if value is not None else None,
    }
    for name in ("value", "low", "high", "unit", "qualifier", "role", "group", "group_id", "n"):
        cells[name] = getattr(value, name) if value is not None else None
    return cells
