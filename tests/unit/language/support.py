"""The weights that the tests run, texts, and a model that says what it is told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from spacy.language import Language
from spacy.strings import get_string_id
from spacy.tokens import Doc

from pipeline.components.factories import Components
from pipeline.language.annotate import FigureScores, LanguageModel, Sentence
from pipeline.language.tokenizer import make_nlp
from pipeline.language.weights import Weights, load_weights, shipped_weights
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.schema import shipped_rules_folder

SENTENCES = (
    "After six weeks, 48.2% of the walkers (n = 27) slept through the night, against 10.7% of the sitters.",
    "Gardeners who kept a diary lost about 3 kg more than those who did not; the difference was small.",
    "The number of broken pots fell from 62.1 ± 8.0 to 30 in the greenhouse group.",
    "Of 80 bakers, nearly 62 percent said that flour dust made them cough, and 5 left.",
    "Dr. Ames and colleagues call that a triumph.",
    "RESULTS",
    "Tea helps.",
)


def weights_folder() -> Path:
    """The weights that ship; the variable names others to run the tests on."""
    return Path(os.environ.get("CLAIMS_TEST_WEIGHTS") or shipped_weights())


def open_weights(threads: int = 1) -> Weights:
    folder = weights_folder()
    if not (folder / "config.json").is_file():
        pytest.skip("the weights have not been trained yet (make train)")
    return load_weights(folder, threads)


@lru_cache
def shipped_rules() -> Ruleset:
    return load_rules(shipped_rules_folder())


@lru_cache
def components() -> Components:
    return Components(shipped_rules())


@lru_cache
def nlp() -> Language:
    return make_nlp(shipped_rules())


def read(text: str) -> Doc:
    """``text`` with tokens, sentences and quantities."""
    return components()(nlp().make_doc(text))


class ToldModel(LanguageModel):
    """Says of each sentence what it is told by its first word; of others, that all hangs on the first word as ``dep``."""

    scheme = "universal"
    identity = "told"
    roles = ("arm", "none")

    def __init__(self, rules: Ruleset, told: Mapping[str, Sequence[Sentence]] | None = None) -> None:
        super().__init__(rules)
        self.told = told or {}

    def _prepare(self, doc: Doc) -> None:
        for name in ("NN", "nsubj", "conj", "root"):
            doc.vocab.strings.add(name)

    def _sentences(self, doc: Doc, words: Sequence[str], spaces: Sequence[bool]) -> Iterator[Sentence]:
        yield from self.told.get(words[0]) or [sentence(len(words))]


def sentence(
    size: int,
    entities: Sequence[tuple[int, int, str, float]] = (),
    scores: FigureScores | None = None,
    heads: Sequence[int] | None = None,
) -> Sentence:
    """``size`` nouns; the first is the root and the others hang on it, unless ``heads`` says otherwise."""
    chosen = list(heads) if heads is not None else [-1] + [0] * (size - 1)
    return Sentence(
        tags=np.full(size, get_string_id("NN"), np.uint64),
        classes=np.full(size, get_string_id("NOUN"), np.uint64),
        lemmas=np.zeros(size, np.uint64),
        heads=np.array(chosen, np.int64),
        relations=np.array([get_string_id("root" if head < 0 else "conj") for head in chosen], np.uint64),
        entities=entities,
        scores=() if scores is None else (scores,),
    )
