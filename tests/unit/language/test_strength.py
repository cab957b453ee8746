"""The strength add-on: what it is given, what it returns, and that it may be absent or broken."""

from __future__ import annotations

import hashlib
import math
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from pipeline.errors import ModelError
from pipeline.language import strength
from pipeline.language.gate import FILE as GATE
from pipeline.language.gate import PAIRS, Gate, columns
from pipeline.language.meaning import MEANING
from pipeline.language.pieces import WordPieces
from pipeline.language.strength import (
    CLASSES,
    FILE,
    GUIDES,
    INPUTS,
    MOST,
    OUTPUTS,
    SIGNS,
    WAYS,
    StrengthModel,
    load_strength,
)
from pipeline.language.weights import Weights
from tests.unit.language.support import open_weights, weights_folder

_VOCABULARY = ("[CLS]", "[SEP]", "[UNK]", "tea", "help", "##s", "naps", ".")
_HIDDEN = 3


class Session:
    """Remembers what it is given; gives each guide's row the logits 0, 1, 2, 3 in turn, each sign and way one more than that before, a
    meaning along the first axis, and an even chance that a result is told."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []

    def run(self, names: tuple[str, ...], feed: dict[str, Any]) -> list[Any]:
        assert names == OUTPUTS
        self.given.append(feed)
        strengths = np.stack([np.roll(np.arange(CLASSES, dtype=np.float32), row) for row in range(len(GUIDES))])
        signs, ways = (np.arange(len(names), dtype=np.float32) for names in (SIGNS, WAYS))
        return [strengths, signs, ways, np.eye(1, MEANING, dtype=np.float32)[0], np.zeros(1, np.float32)]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    found = Session()
    monkeypatch.setattr(strength, "_session", lambda path, threads: found)
    return found


@pytest.fixture
def weights(tmp_path: Path) -> Weights:
    """As much of some weights as the add-on shares: seven pieces, each of three numbers."""
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(_VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.save(str(tmp_path / "pieces.json"))
    shared = SimpleNamespace(
        folder=tmp_path,
        config=SimpleNamespace(sha256={}),
        pieces=WordPieces(tmp_path / "pieces.json"),
        words=np.arange(len(_VOCABULARY) * _HIDDEN, dtype=np.int8).reshape(-1, _HIDDEN),
        scales=np.full(len(_VOCABULARY), 0.5, np.float32),
    )
    return cast(Weights, shared)


def test_without_the_file_there_is_no_add_on(weights: Weights) -> None:
    assert load_strength(weights) is None


def test_a_damaged_file_is_told_in_one_line(weights: Weights) -> None:
    pytest.importorskip("onnxruntime")
    data = b"no model at all"
    (weights.folder / FILE).write_bytes(data)
    weights.config.sha256[FILE] = hashlib.sha256(data).hexdigest()
    with pytest.raises(ModelError) as caught:
        load_strength(weights)
    assert str(caught.value).startswith(f"{weights.folder / FILE}: the strength add-on cannot be loaded")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("named", [{}, {FILE: hashlib.sha256(b"another").hexdigest()}])
def test_a_file_that_the_config_does_not_name_is_told_in_one_line(weights: Weights, named: dict[str, str]) -> None:
    (weights.folder / FILE).write_bytes(b"one")
    weights.config.sha256.update(named)
    with pytest.raises(ModelError) as caught:
        load_strength(weights)
    path = weights.folder / FILE
    assert str(caught.value) == (
        f"{path}: the strength add-on is not the file that config.json names; delete it, or install the program again"
    )


def test_pieces_and_shapes_are_those_of_the_main_encoder(weights: Weights, session: Session) -> None:
    model = StrengthModel(weights, weights.folder / FILE)
    model.probabilities(["Tea", "helps", "."])
    (feed,) = session.given
    assert tuple(feed) == INPUTS
    assert feed["shapes"].tolist() == [0, 2, 1, 1, 0, 0]
    assert feed["embedded"].dtype == np.float32
    assert feed["embedded"][1].tolist() == [4.5, 5.0, 5.5]


def test_probabilities_are_those_of_the_guide_asked_for(weights: Weights, session: Session) -> None:
    model = StrengthModel(weights, weights.folder / FILE)
    found = model.probabilities(["tea"])
    assert found.shape == (CLASSES,)
    assert found.sum() == pytest.approx(1.0, abs=1e-4)  # each is rounded
    assert found.argmax() == 3
    assert model.probabilities(["tea"], guide="pubmed").argmax() == 0


def test_each_sign_has_a_probability_of_its_own(weights: Weights, session: Session) -> None:
    signs = StrengthModel(weights, weights.folder / FILE).judge(["tea"]).signs
    assert signs.shape == (len(SIGNS),)
    assert signs[0] == pytest.approx(0.5)
    assert list(signs) == sorted(signs)
    assert len(session.given) == 1


def test_ways_share_what_is_likely_and_the_meaning_is_as_it_comes(weights: Weights, session: Session) -> None:
    judged = StrengthModel(weights, weights.folder / FILE).judge(["tea"])
    assert judged.ways.sum() == pytest.approx(1.0, abs=1e-4)
    assert list(judged.ways) == sorted(judged.ways)
    assert judged.meaning.tolist() == [1.0] + [0.0] * (MEANING - 1)
    assert judged.tells == 0.5


def test_a_glance_costs_no_run(weights: Weights, session: Session) -> None:
    table = np.zeros(len(_VOCABULARY) + PAIRS + 1, np.float16)
    table[_VOCABULARY.index("tea")], table[-1] = 2.0, -0.5
    model = StrengthModel(weights, weights.folder / FILE, gate=Gate(table))
    assert model.glance(["tea", "tea", "naps"]) == 1.5
    assert model.glance(["naps"]) == -0.5
    assert model.glance([]) == StrengthModel(weights, weights.folder / FILE).glance(["tea"]) == -math.inf
    assert not session.given


def test_what_stands_beside_each_other_counts() -> None:
    table = np.zeros(10 + PAIRS + 1, np.float16)
    table[columns(np.array([3, 4]), 10)[-1]] = 1.0
    gate = Gate(table)
    assert gate.score(np.array([3, 4, 5])) == 1.0
    assert gate.score(np.array([4, 3, 5])) == gate.score(np.array([3])) == 0.0


@pytest.mark.parametrize("data", [b"no array", b""])
def test_a_damaged_gate_is_told_in_one_line(weights: Weights, session: Session, data: bytes) -> None:
    for name in (FILE, GATE):
        (weights.folder / name).write_bytes(data)
        weights.config.sha256[name] = hashlib.sha256(data).hexdigest()
    with pytest.raises(ModelError) as caught:
        load_strength(weights)
    assert str(caught.value).startswith(f"{weights.folder / GATE}: the strength add-on cannot be loaded")
    weights.config.sha256[GATE] = ""
    with pytest.raises(ModelError, match=r"is not the file that config\.json names"):
        load_strength(weights)


def test_of_a_long_sentence_the_begin_is_read(weights: Weights, session: Session) -> None:
    model = StrengthModel(weights, weights.folder / FILE)
    model.probabilities(["naps"] * 5000)
    assert len(session.given[0]["embedded"]) == MOST


def test_no_words_are_no_sentence(weights: Weights, session: Session) -> None:
    with pytest.raises(ValueError, match="at least one word"):
        StrengthModel(weights, weights.folder / FILE).probabilities([])


def shipped() -> StrengthModel:
    weights = open_weights()
    model = load_strength(weights)
    if model is None:
        pytest.skip(f"{weights_folder()} has no strength add-on")
    return model


def test_the_shipped_add_on_grades_plain_cases() -> None:
    model = shipped()
    cases = {
        "Further studies of tea in larger samples are needed .": 0,
        "Drinking tea was associated with a lower risk of gout .": 1,
        "Drinking tea may reduce the risk of gout .": 2,
        "Drinking tea prevents gout .": 3,
    }
    assert [int(model.probabilities(text.split()).argmax()) for text in cases] == list(cases.values())


def test_the_shipped_add_on_tells_the_signs_of_plain_cases() -> None:
    model = shipped()
    signed, plain = (text.split() for text in ("Pain was no different in the two groups .", "They met in May ."))
    assert model.glance(signed) > model.glance(plain)
    cases = {
        "Nobody has ever come to any harm from this tea .": "harmless",
        "The tea works for everyone who drinks it , without a single exception .": "works-for-all",
        "Tea drinkers slept longer , which does not show that the tea was the reason .": "link-only",
        "Pain was no different in the two groups .": "null",
        "Results of the trial are expected in spring .": "awaited",
        "The relief was gone three months later .": "fades",
    }
    said = {text: [float(p) for p in model.judge(text.split()).signs] for text in cases}
    assert {text: SIGNS[p.index(max(p))] for text, p in said.items()} == cases


def test_a_result_depends_on_its_sentence_alone() -> None:
    model = shipped()
    words = ["Tea", "was", "linked", "to", "longer", "naps", "."]
    first = model.probabilities(words)
    model.probabilities(["Milk"] * 90)
    np.testing.assert_array_equal(model.probabilities(words), first)


def test_the_add_on_travels_to_another_process() -> None:
    model = shipped()
    copy = pickle.loads(pickle.dumps(model))
    words = ["Tea", "helps", "."]
    np.testing.assert_array_equal(copy.probabilities(words), model.probabilities(words))
