"""What an article costs, as ratios to what must be paid in any case: ``python -m bench.cost``.

Everything runs in one process, on one thread, in turn with what it is measured against, so that a machine that grows slower in between
slows both; times are those of the processor, and of some rounds the median counts.

- pages: our reading and cleaning of web pages against ``trafilatura.extract`` alone.
- text: all that comes after cleaning, up to encoded records, against spaCy's ``nlp.pipe`` with all components on every sentence.
- peers: the same sentences through quantulum3, where it is installed.
- workers: whole runs with one worker and with two, by the clock.

The pages and articles are no part of the project; they are looked for in ``../shared`` or where ``--shared`` says. By default a part of
them is measured that a fixed rule chooses; ``--all`` takes everything.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bench.common import ROOT, command, write_table
from pipeline.clean.clean import clean
from pipeline.config import Limits
from pipeline.model import Cleaned, RawDocument
from pipeline.model import encode as encoded
from pipeline.readers.base import Source, read_source
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset

TABLE = "<!-- cost: make bench -->", "<!-- end of cost -->"
"""Where in the document the table stands."""
PAGES, ARTICLES = "bench/cleaning/html", "bench/articles/health_news.jsonl"
GOALS = {"pages": ("at most", 1.3), "text": ("at most", 0.5), "workers": ("at least", 1.8)}
_PART = {"pages": 3, "text": 40, "workers": 3}
"""One of so many is measured by default; of the runs by workers enough that starting, which takes as long for any number, weighs little."""
_ROUNDS = 3


class Measured(NamedTuple):
    """One comparison."""

    name: str
    ours: str
    against: str
    ratio: float | None
    """Of our time to the other; for workers how many times faster two are than one. None where it could not be measured."""
    detail: str

    def line(self) -> str:
        goal = GOALS.get(self.name)
        told = "not measured" if self.ratio is None else f"{self.ratio:.2f}"
        return f"| {self.ours} | {self.against} | {told} | {f'{goal[0]} {goal[1]:g}' if goal else ''} | {self.detail} |"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.cost", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"which of {', '.join(_MEASURES)}; default all")
    parser.add_argument("--all", action="store_true", help="all pages and articles: many minutes")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder that holds the benchmarks")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--doc", type=Path, help="also write the table into this Markdown file, between its markers")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(_MEASURES)
    if unknown:
        parser.error(f"nothing named {', '.join(sorted(unknown))}")
    if not (options.shared / ARTICLES).is_file():
        print(f"bench: no articles in {options.shared}; nothing was measured")
        return 0
    rules = load_rules(ROOT / "rules")
    found: list[Measured] = []
    for name, measure in _MEASURES.items():
        if not options.names or name in options.names:
            print(f"bench: cost of {name} ...", file=sys.stderr)
            found.extend(measure(rules, options.shared, 1 if options.all else _PART.get(name, _PART["text"])))
    lines = [
        "| measured | against | ratio | to reach | in this run |",
        "| --- | --- | --- | --- | --- |",
        *(one.line() for one in found),
    ]
    print("\n".join(lines))
    if options.json:
        options.json.write_text(json.dumps([one._asdict() for one in found], indent=2) + "\n", "utf-8")
    if options.doc:
        write_table(options.doc, TABLE, [*lines[:2], *kept_lines(found, options.doc.read_text("utf-8"))])
    return 0


def kept_lines(found: Sequence[Measured], document: str) -> Iterator[str]:
    """The lines of a table for ``document``; what could not be measured here keeps the line that stands there, if any tells a figure."""
    known = {(cells[0], cells[1]): line for line in document.splitlines() if len(cells := line.split(" | ")) > 3}
    known = {cells: line for cells, line in known.items() if "not measured" not in line}
    for one in found:
        line = one.line()
        cells = line.split(" | ")
        yield line if one.ratio is not None else known.get((cells[0], cells[1]), line)


def pages(rules: Ruleset, shared: Path, part: int) -> Iterator[Measured]:
    """Reading and cleaning against trafilatura alone."""
    import trafilatura

    files = chosen(sorted((shared / PAGES).iterdir()), part, lambda path: path.name)
    limits = Limits()

    def ours(path: Path) -> None:
        for item in read_source(Source(path=path.name, absolute=str(path)), limits):
            if isinstance(item, RawDocument):
                clean(item, rules, limits)

    def alone(path: Path) -> None:
        trafilatura.extract(path.read_bytes())

    one, other = in_turn(files, ours, alone)
    detail = f"{len(files)} pages, {1000 * one / len(files):.0f} and {1000 * other / len(files):.0f} ms each"
    yield Measured("pages", "reading and cleaning a page", "`trafilatura.extract` alone", one / other, detail)


def text(rules: Ruleset, shared: Path, part: int) -> Iterator[Measured]:
    """All that comes after cleaning against the language model on every sentence."""
    from pipeline.claims.analyze import Analyzer

    articles = cleaned_articles(rules, shared, part)
    sentences = sentences_of(articles, rules)
    nlp, fewer = whole_pipeline(), whole_pipeline(strength=False)
    analyzer = Analyzer(rules)

    def ours(article: Cleaned) -> None:
        encoded(analyzer.analyze(article.text, article.references))

    def piped(pipeline: Any, article: Cleaned) -> None:
        for _ in pipeline.pipe(sentences[article.text]):
            pass

    one, other, less = in_turn(articles, ours, partial(piped, nlp), partial(piped, fewer))
    count = sum(map(len, sentences.values()))
    detail = f"{len(articles)} articles, {count / one:.0f} and {count / other:.0f} sentences a second"
    against = "`nlp.pipe` with all components on every sentence"
    yield Measured("text", "all after cleaning", against, one / other, detail)
    detail = f"{count / less:.0f} sentences a second"
    yield Measured("text without", "all after cleaning", "the same without the model for strength", one / less, detail)


def peers(rules: Ruleset, shared: Path, part: int) -> Iterator[Measured]:
    """All that comes after cleaning against quantulum3 on every sentence, which finds quantities alone."""
    ours, against = "all after cleaning", "quantulum3 on every sentence"
    if importlib.util.find_spec("quantulum3") is None:
        yield Measured("peers", ours, against, None, "quantulum3 is not installed")
        return
    from quantulum3 import parser  # type: ignore[import-not-found]  # no dependency of ours

    from pipeline.claims.analyze import Analyzer

    articles = cleaned_articles(rules, shared, part)
    sentences, analyzer = sentences_of(articles, rules), Analyzer(rules)

    def alone(article: Cleaned) -> None:
        for sentence in sentences[article.text]:
            with contextlib.suppress(Exception):  # it fails on some sentences
                parser.parse(sentence)

    one, other = in_turn(articles, lambda a: analyzer.analyze(a.text, a.references), alone)
    count = sum(map(len, sentences.values()))
    detail = f"{len(articles)} articles, {count / one:.0f} and {count / other:.0f} sentences a second"
    yield Measured("peers", ours, against, one / other, detail)


def workers(rules: Ruleset, shared: Path, part: int) -> Iterator[Measured]:
    """Whole runs of the command with one worker and with two, start of the workers and all files written included."""
    ours, against = "two workers", "one worker"
    if len(os.sched_getaffinity(0)) < 2:
        yield Measured("workers", ours, against, None, "one core only")
        return
    lines = (shared / ARTICLES).read_bytes().splitlines(keepends=True)
    lines = chosen(lines, part, lambda line: json.loads(line)["id"])
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "raw").mkdir()
        (folder / "raw/articles.jsonl").write_bytes(b"".join(lines))
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for turn in range(_ROUNDS - 1):
            for number in (1, 2) if turn % 2 else (2, 1):
                out = folder / f"out{turn}{number}"
                done = command("extract", folder / "raw", "-o", out, "--quiet", "--workers", number)
                if done.code:
                    raise SystemExit(f"claims extract ended with {done.code}: {done.err}")
                seconds[number].append(done.seconds)
    one, two = (statistics.median(seconds[number]) for number in (1, 2))
    detail = f"{len(lines)} articles in {one:.1f} and {two:.1f} s"
    yield Measured("workers", ours, against, one / two, detail)


_MEASURES: dict[str, Callable[[Ruleset, Path, int], Iterator[Measured]]] = {
    "pages": pages,
    "text": text,
    "peers": peers,
    "workers": workers,
}


def in_turn(things: Sequence[Any], *ways: Callable[[Any], Any]) -> list[float]:
    """Seconds of processor time that each way takes for all ``things``: of each thing the median of some rounds, one way beside the
    other."""
    for way in ways:
        way(things[0])
    sums = [0.0] * len(ways)
    for thing in things:
        times: list[list[float]] = [[] for _ in ways]
        for turn in range(_ROUNDS):
            for which in range(len(ways)) if turn % 2 else reversed(range(len(ways))):
                begun = time.process_time()
                ways[which](thing)
                times[which].append(time.process_time() - begun)
        sums = [total + statistics.median(own) for total, own in zip(sums, times, strict=True)]
    return sums


def whole_pipeline(*, strength: bool = True) -> Any:
    """A spaCy pipeline with everything that we have for one, or without the model that grades strength."""
    import spacy

    import pipeline.components.factories  # noqa: F401  (registers the components)
    from pipeline.language.tokenizer import make_nlp

    nlp = make_nlp(load_rules(ROOT / "rules"))
    assert isinstance(nlp, spacy.language.Language)
    for name in (
        "claim_sentences",
        "quantities",
        "quantity_classes",
        "claim_language",
        *(("claim_strength",) if strength else ()),
    ):
        nlp.add_pipe(name, config={"rules": str(ROOT / "rules")})
    return nlp


def cleaned_articles(rules: Ruleset, shared: Path, part: int) -> list[Cleaned]:
    """The articles that are measured, cleaned."""
    limits = Limits()
    path = shared / ARTICLES
    documents = [
        item
        for item in read_source(Source(path=path.name, absolute=str(path)), limits)
        if isinstance(item, RawDocument)
    ]
    return [clean(document, rules, limits) for document in chosen(documents, part, lambda d: d.input_id or "")]


def sentences_of(articles: Sequence[Cleaned], rules: Ruleset) -> dict[str, list[str]]:
    """The sentences of each article, by its text: what others are given, who are timed alone."""
    from pipeline.components.sentences import SentenceSplitter

    splitter = SentenceSplitter(rules)
    return {a.text: [a.text[start:end] for start, end in splitter.spans(a.text)] for a in articles}


def chosen(things: Sequence[Any], part: int, name: Callable[[Any], str]) -> list[Any]:
    """One of ``part`` of the things, by their names, so that the same are measured every time."""
    return [thing for thing in things if zlib.crc32(name(thing).encode()) % part == 0]


if __name__ == "__main__":
    sys.exit(main())
