"""What a night costs on which few articles have changed: ``python -m bench.incremental``.

By default, 60 articles are extracted, compared, reported and kept; then one in a hundred (at least one) is edited and all is refreshed.
``--articles 10000`` does so with ten thousand: ``--patterns`` of them are extracted, which tells what extracting all would take; what
the program finds in the others is made of it (``bench/newsroom.py``), and goes the same way from there. Figures are processor seconds
of all processes, since other work on the machine changes those less.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from bench.common import ROOT, write_table
from bench.fortnight import moment, report_step
from bench.newsroom import Exchange, Pattern, page, path_of, pattern, site_of
from pipeline.claims.ids import claim_ids, values_hash
from pipeline.config import Limits
from pipeline.model import Article, Claim, Quantity, Statement, decode, encode
from pipeline.readers.base import Source
from pipeline.refresh.refresh import RefreshSettings, Steps, refresh
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.executor import Finished
from pipeline.run.identity import exact, words_of
from pipeline.run.job import ArticleJob, FileTask
from pipeline.run.lines import Lines, page_digest, read_lines, text_digest
from pipeline.run.outcome import Outcome, Part, decode_outcome, decode_page, encoded
from pipeline.run.work import Settings

MARKS = "<!-- incremental: make bench -->", "<!-- end of incremental -->"
MANY_MARKS = "<!-- incremental, many articles -->", "<!-- end of incremental, many articles -->"
"""Where in the document the tables stand, of few articles and of many."""
_MANY = 1000
_NUMBERS = frozenset({"value", "low", "high"})


class Newsroom:
    """The articles, where they lie, and what is known of their patterns."""

    def __init__(self, raw: Path, articles: int, patterns: int) -> None:
        self.raw = raw
        self.articles = articles
        self._patterns = [pattern(seed) for seed in range(min(patterns, articles))]
        self.seconds = 0.0
        """What extracting the patterns took."""
        self.made_up = 0.0
        """What making all others up took."""
        self._parts: list[Part] = []

    @property
    def patterns(self) -> int:
        return len(self._patterns)

    def write(self) -> None:
        """Writes all articles."""
        for number in range(self.articles):
            self._write(number, self._of(number))

    def edit(self, number: int, night: int) -> None:
        """Changes a figure of the article, and adds a sentence to it."""
        one = self._of(number)
        changed = re.sub(r"\b\d\d\.\d\b", f"{10 + night % 90}.5", one.paragraphs[-1], count=1)
        self._write(
            number, Pattern(one.title, (*one.paragraphs[:-1], f"{changed} The clinic was told on day {night}."))
        )

    def extract_patterns(self, rules_file: Path) -> None:
        """Extracts one article of each pattern, in this process."""
        job = ArticleJob(rules_file, Limits())
        job.start()
        tasks = [self._task(number) for number in range(len(self._patterns))]
        job.run(tasks[0])  # loads the model
        began = time.process_time()
        found = [decode_outcome(job.run(task)) for task in tasks]
        self.seconds = time.process_time() - began
        self._parts = [part for outcome in found for part in outcome.parts if isinstance(part, Part)]

    def outcome(self, task: FileTask) -> bytes:
        """What extracting the article of the task gives."""
        began = time.process_time()
        number = int(Path(task.path).stem)
        part = self._parts[number % self.patterns]
        exchange = Exchange(self._patterns[number % self.patterns], number // self.patterns)
        old = decode_page(part.page)
        meta = msgspec.structs.replace(old.meta, title=exchange.text(old.meta.title or ""), publisher=site_of(number))
        now = msgspec.structs.replace(
            old, path=task.path, sha256=f"{number:064x}", meta=meta, text=exchange.text(old.text)
        )
        head = msgspec.structs.replace(
            part.head,
            path=now.path,
            sha256=now.sha256,
            words=words_of(now.text),
            plain=exact(now.text),
            page=page_digest(now),
            text=text_digest(now),
        )
        assert part.lines is not None
        lines = msgspec.structs.replace(part.lines, article_id=task.path, page=head.page)
        body = _exchanged(read_lines(part.body), exchange, now.path, meta.publisher, now.sha256)
        fresh = Part(head=head, page=encoded(now), lines=lines, body=encoded(body))
        self.made_up += time.process_time() - began
        return encoded(Outcome(parts=(fresh,)))

    def _of(self, number: int) -> Pattern:
        one = self._patterns[number % self.patterns]
        exchange = Exchange(one, number // self.patterns)
        return Pattern(exchange.text(one.title), tuple(exchange.text(paragraph) for paragraph in one.paragraphs))

    def _write(self, number: int, one: Pattern) -> None:
        path = self.raw / path_of(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(one.title, one.paragraphs, site_of(number)), "utf-8")

    def _task(self, number: int) -> FileTask:
        path = path_of(number)
        return FileTask(key="", source=Source(path=path, absolute=str(self.raw / path)))


def _exchanged(lines: Lines, exchange: Exchange, article_id: str, publisher: str | None, sha256: str) -> Lines:
    claims = [_record(line, Claim, exchange) for line in lines.claims.splitlines()]
    ids = claim_ids(article_id, [(claim.start, claim.quote) for claim in claims])
    names = {claim.claim_id: fresh for claim, fresh in zip(claims, ids, strict=True)}
    (article,) = [_record(line, Article, exchange) for line in lines.article.splitlines()]
    return Lines(
        article=_joined(
            [
                msgspec.structs.replace(
                    article, article_id=article_id, path=article_id, publisher=publisher, sha256=sha256
                )
            ]
        ),
        claims=_joined(
            [
                msgspec.structs.replace(
                    claim,
                    article_id=article_id,
                    claim_id=names[claim.claim_id],
                    values_hash=values_hash((v.value, v.low, v.high) for v in claim.values),
                )
                for claim in claims
            ]
        ),
        quantities=_joined(
            [
                msgspec.structs.replace(
                    quantity, article_id=article_id, claim_ids=tuple(names[name] for name in quantity.claim_ids)
                )
                for quantity in (_record(line, Quantity, exchange) for line in lines.quantities.splitlines())
            ]
        ),
        statements=_joined(
            [
                msgspec.structs.replace(_record(line, Statement, exchange), article_id=article_id)
                for line in lines.statements.splitlines()
            ]
        ),
    )


def _record(line: bytes, kind: type[Any], exchange: Exchange) -> Any:
    return msgspec.convert(_walk(msgspec.to_builtins(decode(line, kind)), exchange), kind)


def _walk(value: Any, exchange: Exchange, key: str = "") -> Any:
    if isinstance(value, str):
        return exchange.text(value)
    if isinstance(value, float) and key in _NUMBERS:
        return float(exchange.figures.get(f"{value:.1f}", value))
    if isinstance(value, dict):
        return {name: _walk(item, exchange, name) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_walk(item, exchange) for item in value]
    return value


def _joined(records: list[Any]) -> bytes:
    return b"".join(encode(record) + b"\n" for record in records)


def measure(folder: Path, articles: int, patterns: int, share: float, workers: int) -> dict[str, Any]:
    """Runs the nights; processor seconds, by night, and more."""
    rules = load_rules(ROOT / "rules")
    started = _start_up(folder / "start", rules, workers)
    room = Newsroom(folder / "raw", articles, patterns)
    room.write()
    nights = Nights(folder, rules, workers)
    if room.patterns == articles:
        full = nights.run()
        whole = full["cpu"]
    else:
        rules_file = folder / "rules.json"
        rules_file.write_bytes(rules.extracting.dump())
        room.extract_patterns(rules_file)
        with mock.patch("pipeline.run.work.executor", return_value=_made_up(room)):
            full = nights.run()
        # What making up the results took is no part of it; what extracting them would have taken is.
        whole = full["cpu"] - room.made_up + articles * room.seconds / room.patterns
    unchanged = nights.run()
    edited = max(1, round(share * articles))
    for number in range(0, articles, articles // edited)[:edited]:
        room.edit(number, 1)
    return {
        "articles": articles,
        "edited": edited,
        "start": started,
        "whole": whole,
        "full": full,
        "unchanged": unchanged,
        "changed": nights.run(),
    }


def _start_up(folder: Path, rules: Ruleset, workers: int) -> float:
    """Processor seconds of a refresh in which one article is all there is, and it has changed."""
    room = Newsroom(folder / "raw", 1, 1)
    room.write()
    nights = Nights(folder, rules, workers)
    nights.run()
    room.edit(0, 1)
    return float(nights.run()["cpu"])


def table(found: dict[str, Any]) -> list[str]:
    """The figures as a Markdown table."""
    whole, start = found["whole"], found["start"]
    rows = [
        f"| {found['articles']:,} articles | processor seconds | share of a full run | to reach |",
        "| --- | --- | --- | --- |",
        f"| a full run | {whole:,.1f} | 1 | |",
        f"| start-up: a refresh of one article, which changed | {start:.1f} | | |",
    ]
    for name, night, goal in (
        ("nothing changed", found["unchanged"], ""),
        (f"{found['edited']:,} of them changed", found["changed"], "0.03 beyond start-up"),
    ):
        share = night["cpu"] / whole
        beyond = max(0.0, night["cpu"] - start) / whole
        rows.append(f"| {name} | {night['cpu']:.1f} | {share:.3f}; {beyond:.3f} beyond start-up | {goal} |")
    stages = ", ".join(
        f"{name} {seconds:.1f}" for name, seconds in found["changed"]["seconds"].items() if seconds >= 0.05
    )
    return [*rows, "", f"Of the last, seconds by stage: {stages}."]


class Nights:
    """Refreshes of one folder, a day apart."""

    def __init__(self, folder: Path, rules: Ruleset, workers: int) -> None:
        self._folder = folder
        self._rules = rules
        self._workers = workers
        self._night = 0

    def run(self) -> dict[str, Any]:
        """Refreshes; returns what it took."""
        self._night += 1
        before, began = _cpu(), time.perf_counter()
        done = refresh(
            RefreshSettings(
                extract=Settings(raw=self._folder / "raw", out=self._folder / "out", workers=self._workers)
            ),
            self._rules,
            Steps(report=report_step(self._rules), now=partial(moment, self._night)),
        )
        return {
            "wall": time.perf_counter() - began,
            "cpu": _cpu() - before,
            "seconds": {name: round(seconds, 2) for name, seconds in done.seconds.items()},
            "counts": done.run.counts,
            "changes": done.run.changes,
            "taken": done.extracted.unchanged,
            "warnings": done.warnings[:3],
        }


def _made_up(room: Newsroom) -> Callable[[ArticleJob, Iterable[FileTask]], Generator[Finished[FileTask], None, None]]:
    def run(_job: ArticleJob, tasks: Iterable[FileTask]) -> Generator[Finished[FileTask], None, None]:
        for task in tasks:
            yield Finished(task, room.outcome(task))

    return run


def _cpu() -> float:
    """Seconds of processor time, of this process and of those that it waited for."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.incremental", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=60, help="how many there are")
    parser.add_argument("--patterns", type=int, default=60, help="how many of them are extracted in the full run")
    parser.add_argument("--share", type=float, default=0.01, help="how many change, of all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print all that was measured as JSON")
    parser.add_argument("--doc", type=Path, help="also write the table into this Markdown file, between its markers")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        found = measure(Path(name), options.articles, options.patterns, options.share, options.workers)
    lines = table(found)
    print(json.dumps(found, indent=1) if options.json else "\n".join(lines))
    if options.doc:
        marks = MARKS if options.articles < _MANY else MANY_MARKS
        write_table(options.doc, marks, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
