"""Reads the result files of a run."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from pipeline.errors import UsageError
from pipeline.model import Article, Claim, Finding, Flag, InputError, Record, decode
from pipeline.run.store import settle

ARTICLES = "articles.jsonl"
CLAIMS = "claims.jsonl"
QUANTITIES = "quantities.jsonl"
STATEMENTS = "statements.jsonl"
ERRORS = "errors.jsonl"
FINDINGS = "findings.jsonl"
FLAGS = "flags.jsonl"
RUN = "run.json"
MOST_LINE = 64 * 2**20
"""Bytes of a line; the longest article that is ever written has less."""
_MADE_BY = {FINDINGS: "claims reconcile", FLAGS: "claims reconcile"}
"""Which command writes a file, where it is not ``claims extract``."""

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class Tally(NamedTuple):
    """How many findings there are of each status, and flags of each rule and severity."""

    statuses: Counter[str]
    rules: Counter[str]
    severities: Counter[str]


class Results(Record, frozen=True, kw_only=True):
    """Articles sorted by id, and the claims of each in text order."""

    articles: tuple[Article, ...]
    claims: dict[str, tuple[Claim, ...]]


class WholeResults(Results, frozen=True, kw_only=True):
    """All that a run says of its articles; without findings and flags where ``claims reconcile`` has not been run on it."""

    findings: tuple[Finding, ...] = ()
    flags: tuple[Flag, ...] = ()
    errors: tuple[InputError, ...] = ()
    reconciled: bool = False
    run: dict[str, Any] = msgspec.field(default_factory=dict)
    """What ``run.json`` says; empty where there is none."""


class SharedLines:
    """The records of one run by their lines, so that what another run has too is decoded once and is the same object in both."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[Record], bytes], Record] = {}

    def decode(self, line: bytes, kind: type[R]) -> R:
        """As :func:`pipeline.model.decode`."""
        key = kind, hashlib.blake2b(line.rstrip(), digest_size=16).digest()
        found = self._known.get(key)
        if not isinstance(found, kind):
            found = self._known[key] = decode(line, kind)
        return found


def read_results(folder: Path, shared: SharedLines | None = None) -> Results:
    """The results in ``folder``. Raises UsageError, with file and line, where they are missing or of another version."""
    claims: dict[str, list[Claim]] = defaultdict(list)
    for _, claim in _records(folder / CLAIMS, Claim, shared):
        claims[claim.article_id].append(claim)
    return Results(
        articles=tuple(article for _, article in _records(folder / ARTICLES, Article, shared)),
        claims={article_id: tuple(found) for article_id, found in claims.items()},
    )


def read_whole(folder: Path, shared: SharedLines | None = None) -> WholeResults:
    """The results in ``folder`` with findings and flags; of lines that are ``shared`` with another run, the records of that one.

    Raises UsageError as :func:`read_results` does.
    """
    results = read_results(folder, shared)
    reconciled = is_reconciled(folder)
    return WholeResults(
        articles=results.articles,
        claims=results.claims,
        findings=tuple(f for _, f in _records(folder / FINDINGS, Finding, shared)) if reconciled else (),
        flags=tuple(f for _, f in _records(folder / FLAGS, Flag, shared)) if reconciled else (),
        errors=tuple(e for _, e in numbered_records(folder / ERRORS, InputError))
        if (folder / ERRORS).is_file()
        else (),
        reconciled=reconciled,
        run=read_run(folder),
    )


def is_reconciled(folder: Path) -> bool:
    """Whether the results in ``folder`` have findings and flags."""
    return (folder / FINDINGS).is_file() and (folder / FLAGS).is_file()


def read_run(folder: Path) -> dict[str, Any]:
    """What ``run.json`` in ``folder`` says; nothing where there is none or it is damaged."""
    try:
        return msgspec.json.decode((folder / RUN).read_bytes(), type=dict[str, Any])
    except (OSError, ValueError, RecursionError):
        return {}


def _records(path: Path, kind: type[R], shared: SharedLines | None) -> Iterator[tuple[int, R]]:
    return (
        numbered_records(path, kind) if shared is None else numbered_lines(path, lambda line: shared.decode(line, kind))
    )


def numbered_records(path: Path, kind: type[R]) -> Iterator[tuple[int, R]]:
    """The records of the JSON Lines file ``path``, one in memory at a time, each with the number of its line, from 1.

    Raises UsageError, with file and line, where the file is missing or a line is no record of this kind.
    """
    return numbered_lines(path, lambda line: decode(line, kind))


class Named(msgspec.Struct):
    """What of a line tells whether the rest of it is needed."""

    article_id: str
    claim_id: str | None = None


def chosen_records(
    path: Path, kind: type[R], wanted: Callable[[Named], bool], counts: Counter[str] | None = None
) -> Iterator[R]:
    """As :func:`numbered_records`, those alone of which ``wanted`` holds. The others are never made, only counted: ``counts`` gets how many
    there are in all, under the name of the file."""
    decoder = msgspec.json.Decoder(Named)
    name = path.stem

    def read(line: bytes) -> R | None:
        return decode(line, kind) if wanted(decoder.decode(line)) else None

    for _, record in numbered_lines(path, read):
        if counts is not None:
            counts[name] += 1
        if record is not None:
            yield record


def numbered_lines(path: Path, read: Callable[[bytes], T]) -> Iterator[tuple[int, T]]:
    """As :func:`numbered_records`, with what ``read`` makes of each line."""
    settle(path.parent)
    number = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(MOST_LINE + 1), b""), 1):
                if len(line) > MOST_LINE:
                    raise UsageError(
                        f"{path}:{number}: longer than {MOST_LINE} bytes, so no record; run '{_maker(path)}' again"
                    )
                if line.strip():
                    yield number, read(line)
    except (OSError, ValueError, RecursionError) as error:  # msgspec's own errors and those of UTF-8 are ValueErrors
        raise line_problem(path, error, number) from error


def read_line(path: Path, number: int, line: bytes, kind: type[R]) -> R:
    """The record of one line of ``path``. Raises UsageError, with file and line, where it is none of this kind."""
    try:
        return decode(line, kind)
    except (ValueError, RecursionError) as error:
        raise line_problem(path, error, number) from error


def line_problem(path: Path, error: Exception, number: int = 0) -> UsageError:
    """What to tell where a line of ``path`` cannot be read, or all of it."""
    if isinstance(error, UsageError):
        return error
    if isinstance(error, OSError):
        return UsageError(f"{path}: {error.strerror}; give the results folder of '{_maker(path)}'")
    return bad_line(path, number, line_reason(error))


def line_reason(error: Exception) -> str:
    """Why the line that ``error`` was raised for is no record."""
    return str(error) if isinstance(error, msgspec.ValidationError) else "is no record"


def bad_line(path: Path, number: int, reason: str) -> UsageError:
    """What to tell where line ``number`` of ``path`` cannot be used."""
    return UsageError(f"{path}:{number}: {reason}; run '{_maker(path)}' again to write it anew")


def _maker(path: Path) -> str:
    return _MADE_BY.get(path.name, "claims extract")
