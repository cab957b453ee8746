"""Reads the result files of a run."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TypeVar

import jsonlines
import msgspec

from pipeline.errors import UsageError
from pipeline.model import Article, Claim, Record

R = TypeVar("R", bound=Record)


class Results(Record, frozen=True, kw_only=True):
    """Articles sorted by id, and the claims of each in text order."""

    articles: tuple[Article, ...]
    claims: dict[str, tuple[Claim, ...]]


def read_results(folder: Path) -> Results:
    """The results in ``folder``. Raises UsageError, with file and line, where they are missing or of another version."""
    claims: dict[str, list[Claim]] = defaultdict(list)
    for claim in _records(folder / "claims.jsonl", Claim):
        claims[claim.article_id].append(claim)
    return Results(
        articles=tuple(_records(folder / "articles.jsonl", Article)),
        claims={article_id: tuple(found) for article_id, found in claims.items()},
    )


def _records(path: Path, kind: type[R]) -> list[R]:
    records: list[R] = []
    try:
        with jsonlines.open(path) as lines:
            for line in lines.iter(type=dict, skip_empty=True):
                records.append(msgspec.convert(line, kind))
    except jsonlines.InvalidLineError as error:
        raise UsageError(f"{path}:{error.lineno}: is no record; run 'claims extract' again to write it anew") from error
    except msgspec.ValidationError as error:
        place = f"{path}:{len(records) + 1}"
        raise UsageError(f"{place}: {error}; run 'claims extract' again to write it anew") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is no UTF-8 text"
        raise UsageError(f"{path}: {reason}; give the results folder of 'claims extract'") from error
    return records
