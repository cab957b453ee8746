"""What costs much is done once, and only where it can change what is found."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from pathlib import Path

import pytest

from bench.many import Corpus as Made
from pipeline.components.quantities import QuantityFinder
from pipeline.model import Mention
from pipeline.reconcile.checks import pairs
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.corpus import Corpus, whole_corpus
from pipeline.reconcile.likeness import Judge
from pipeline.reconcile.reconcile import reconcile_corpus
from pipeline.rules.loader import load_rules
from pipeline.run.reconcile import read_records

RULES = load_rules(Path(__file__).parents[4] / "rules")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many articles that the numbers of none are asked for to know whether two tell one story."""
    found = tmp_path_factory.mktemp("run")
    Made(1500).write(found)
    return found


def corpus_of(folder: Path) -> Corpus:
    return whole_corpus(*read_records(folder), RULES)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the numbers of each passage are read."""
    passages: Counter[str] = Counter()
    find = QuantityFinder.find

    def counted(self: QuantityFinder, text: str) -> list[Mention]:
        passages[text] += 1
        return find(self, text)

    monkeypatch.setattr(QuantityFinder, "find", counted)
    return passages


def test_the_numbers_of_few_whole_texts_are_read(folder: Path, read: Counter[str]) -> None:
    corpus = corpus_of(folder)
    reconcile_corpus(corpus, RULES)
    whole = [source for source in corpus.sources if read[source.article.text]]
    assert len(corpus.sources) > 100
    assert len(whole) < len(corpus.sources) / 4


def test_no_passage_is_read_twice(folder: Path, read: Counter[str]) -> None:
    case = Case(corpus := corpus_of(folder), [], Judge(corpus))
    for _ in range(2):
        case.numbers(0, -5, 200)
    assert read == {corpus.sources[0].article.text[:200]: 1}


def test_nothing_of_a_part_stays_until_garbage_is_looked_for(folder: Path) -> None:
    corpus = corpus_of(folder)
    known = weakref.ref(corpus)
    gc.collect()
    gc.disable()
    try:
        reconcile_corpus(corpus, RULES)
        del corpus
        assert known() is None
    finally:
        gc.enable()


def test_the_pairs_of_an_article_are_found_once(folder: Path) -> None:
    corpus = corpus_of(folder)
    case = Case(corpus, [], Judge(corpus))
    with_pairs = next(source for source in corpus.sources if pairs.told_pairs(case, source))
    assert pairs.told_pairs(case, with_pairs) is pairs.told_pairs(case, with_pairs)
    figures = pairs.figures_of(with_pairs.told)
    assert pairs.told_pairs(case, with_pairs) == list(pairs.pairs_of(figures))
