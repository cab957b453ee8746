"""What is exported: the articles of a run, each with its claims, checked against the text they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.model import Article, Claim, Record
from pipeline.run.results import ARTICLES, CLAIMS, numbered_records


class Entry(Record, frozen=True, kw_only=True):
    """One article and its claims, in text order."""

    article: Article
    claims: tuple[Claim, ...]


class Tally:
    """How much a stream of entries held, so far."""

    def __init__(self) -> None:
        self.articles = 0
        self.claims = 0
        self.values = 0

    def over(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """``entries`` themselves, counted as they pass."""
        for entry in entries:
            self.articles += 1
            self.claims += len(entry.claims)
            self.values += sum(len(claim.values) for claim in entry.claims)
            yield entry


def read_entries(folder: Path) -> Iterator[Entry]:
    """The articles of the run in ``folder``, those without claims too; one is in memory at a time.

    The first is read at once, so that a folder without results is told before anything is written. Raises UsageError, with file and
    line, where a file is missing or damaged, or where the two do not belong together: a claim whose article is not there or comes in
    another order, or whose words do not stand where it says.
    """
    entries = _entries(folder)
    first = next(entries, None)
    return entries if first is None else chain((first,), entries)


def _entries(folder: Path) -> Iterator[Entry]:
    path = folder / CLAIMS
    claims = numbered_records(path, Claim)
    waiting = next(claims, None)
    for _, article in numbered_records(folder / ARTICLES, Article):
        own: list[Claim] = []
        while waiting is not None and waiting[1].article_id == article.article_id:
            _check(path, *waiting, article.text)
            own.append(waiting[1])
            waiting = next(claims, None)
        yield Entry(article=article, claims=tuple(own))
    if waiting is not None:  # both files are sorted by article, so whatever has not met its article never will
        raise UsageError(
            f"{path}:{waiting[0]}: its article is not in {ARTICLES}, or stands elsewhere in the order; run 'claims extract' again"
        )


def _check(path: Path, line: int, claim: Claim, text: str) -> None:
    """Raises UsageError where the words of a claim are not those of the article at its offsets."""
    places = chain(((claim.start, claim.end, claim.quote),), ((v.start, v.end, v.text) for v in claim.values))
    for start, end, words in places:
        if start < 0 or text[start:end] != words:
            raise UsageError(
                f"{path}:{line}: its words do not stand at {start}-{end} of the article; run 'claims extract' again"
            )
