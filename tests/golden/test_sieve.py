"""The language model reads part of the sentences only; that loses no claim."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.claims.analyze import Analyzer
from pipeline.clean.clean import clean
from pipeline.config import Limits
from pipeline.model import Cleaned, RawDocument
from pipeline.readers.base import Source, known_suffixes, read_source
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from tests.support import ROOT

SHARED = ROOT.parent / "shared"
ARTICLES = SHARED / "bench/articles/health_news.jsonl"
_PART = 60
"""One of so many articles is looked at."""


@pytest.fixture(scope="module")
def rules() -> Ruleset:
    return load_rules(ROOT / "rules")


@pytest.fixture(scope="module")
def analyzers(rules: Ruleset) -> tuple[Analyzer, Analyzer]:
    """The usual one, and one without the shortcut."""
    return Analyzer(rules), Analyzer(rules, reads_everything=True)


def articles(rules: Ruleset, paths: list[Path]) -> Iterator[Cleaned]:
    limits = Limits()
    for path in paths:
        for item in read_source(Source(path=path.name, absolute=str(path)), limits):
            if isinstance(item, RawDocument):
                yield clean(item, rules, limits)


def of_articles(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in known_suffixes())


def check(analyzers: tuple[Analyzer, Analyzer], found: Iterator[Cleaned]) -> tuple[int, int]:
    """How many sentences there were, and how many of them the model read."""
    usual, everything = analyzers
    sentences = read = 0
    for article in found:
        seen = usual.examine(article.text)
        analysis = usual.conclude(seen, article.references)
        whole = everything.analyze(article.text, article.references)
        assert analysis == whole
        sentences += len(seen.sentences)
        read += sum(sentence.is_read for sentence in seen.sentences)
    return sentences, read


def test_no_claim_of_the_demonstration_is_lost(rules: Ruleset, analyzers: tuple[Analyzer, Analyzer]) -> None:
    sentences, read = check(analyzers, articles(rules, of_articles(ROOT / "raw")))
    assert sentences > 100
    assert read < sentences


def test_no_claim_of_the_seeds_is_lost(rules: Ruleset, analyzers: tuple[Analyzer, Analyzer]) -> None:
    if not (SHARED / "seeds").is_dir():
        pytest.skip("the seeds are not at hand")
    check(analyzers, articles(rules, of_articles(SHARED / "seeds")))


def test_no_claim_of_the_press_is_lost(rules: Ruleset, analyzers: tuple[Analyzer, Analyzer], tmp_path: Path) -> None:
    if not ARTICLES.is_file():
        pytest.skip("the articles are not at hand")
    lines = ARTICLES.read_text("utf-8").splitlines(keepends=True)
    chosen = [line for line in lines if zlib.crc32(json.loads(line)["id"].encode()) % _PART == 0]
    (tmp_path / "articles.jsonl").write_text("".join(chosen), "utf-8")
    sentences, read = check(analyzers, articles(rules, [tmp_path / "articles.jsonl"]))
    assert read < 0.75 * sentences
