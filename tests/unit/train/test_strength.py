"""What the strength add-on learns from; with torch, that it learns and that its file says the same."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.language.meaning import MEANING
from pipeline.language.strength import GUIDES, SIGNS, WAYS
from pipeline.language.tokenizer import make_nlp
from pipeline.rules.loader import load_rules
from pipeline.rules.schema import shipped_rules_folder
from pipeline.train.annotations import STRENGTHS, AnnotationError, Sentence, read_corpus
from pipeline.train.strength_data import (
    Graded,
    agreed,
    folds,
    labelled_by_rules,
    last_sentences,
    overstatement,
    own_sentences,
    sentences_with_signs,
    studies,
)

ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT / "pipeline" / "train" / "corpus"
DEV = ROOT.parent / "shared" / "bench" / "overstatement" / "dev"
RULES = load_rules(shipped_rules_folder())
NLP = make_nlp(RULES)


@pytest.fixture(scope="module")
def corpus() -> list[Sentence]:
    return read_corpus(CORPUS / "strength")


def item(ident: str, strength: int | None = 0, words: tuple[str, ...] = ("tea",), **more: Any) -> Graded:
    return Graded(id=ident, words=words, strength=strength, guide=0, **more)


def test_the_corpus_is_large_and_balanced(corpus: list[Sentence]) -> None:
    assert len(corpus) >= 1200
    assert len({sentence.topic for sentence in corpus}) >= 60
    for styles, least in ((("abstract",), (0.3, 0.25, 0.05, 0.1)), (("press", "headline"), (0.15, 0.25, 0.1, 0.2))):
        part = [sentence for sentence in corpus if sentence.style in styles]
        counts = Counter(sentence.strength for sentence in part)
        assert len(part) >= 500
        for strength, share in zip(STRENGTHS, least, strict=True):
            assert counts[strength] >= share * len(part)


def test_the_corpus_marks_no_entities_and_repeats_nothing(corpus: list[Sentence]) -> None:
    assert all(not sentence.entities for sentence in corpus)
    texts = Counter(sentence.text.casefold() for sentence in corpus)
    assert [text for text, count in texts.items() if count > 1] == []
    ids = {sentence.id for sentence in read_corpus(CORPUS / "sentences")}
    assert [sentence.id for sentence in corpus if sentence.id in ids] == []


def test_reserve_stands_with_the_conditional(corpus: list[Sentence]) -> None:
    assert {sentence.certainty for sentence in corpus if sentence.strength == "conditional_causal"} == {"hedged"}


def test_sentences_with_signs_are_many_and_each_stands_once() -> None:
    found = sentences_with_signs(sorted((CORPUS / "signs").rglob("*.jsonl")), NLP)
    assert len(found) >= 9000
    counts = Counter(sign for one in found for sign in one.signs or ())
    assert min(counts[sign] for sign in range(len(SIGNS))) >= 100
    assert sum(not one.signs for one in found) >= len(found) / 4
    texts = Counter(" ".join(one.words).casefold() for one in found)
    assert [text for text, count in texts.items() if count > 1] == []


def test_what_is_held_out_is_not_learnt() -> None:
    learnt, held = (
        {" ".join(one.words).casefold() for one in sentences_with_signs(paths, NLP)}
        for paths in (
            sorted((CORPUS / "signs").rglob("*.jsonl")),
            sorted((ROOT / "tests" / "golden" / "signs").glob("*.jsonl")),
        )
    )
    assert len(held) >= 700
    assert learnt.isdisjoint(held)
    taught, told = (
        {
            " ".join(one.words).casefold()
            for study in studies(sorted(folder.glob("*.jsonl")), NLP)
            for one in study.sentences
        }
        for folder in (CORPUS / "tellings", ROOT / "tests" / "golden" / "tellings")
    )
    assert len(told) >= 500
    assert (taught | learnt).isdisjoint(told)
    assert taught.isdisjoint(held)


def test_every_study_is_told_in_several_articles() -> None:
    for study in studies(sorted((CORPUS / "tellings").glob("*.jsonl")), NLP):
        assert len(set(study.articles)) >= 4, study.id
        told = {(result, article) for result, article in zip(study.results, study.articles, strict=True) if result}
        results = Counter(result for result, _ in told)
        assert sum(count > 1 for count in results.values()) >= 3, study.id


@pytest.mark.parametrize("line", ['{"text": "Tea.", "signs": ["warm"]}', '{"text": "Tea."}', "no JSON"])
def test_a_wrong_line_of_signs_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"text": "Tea.", "signs": []}\n' + line + "\n", "utf-8")
    with pytest.raises(AnnotationError, match=r"some\.jsonl:2: "):
        sentences_with_signs([path], NLP)


def test_own_sentences_become_words(corpus: list[Sentence]) -> None:
    found = own_sentences(corpus[:1], NLP)[0]
    assert "".join(found.words) == corpus[0].text.replace(" ", "")
    assert STRENGTHS[found.strength or 0] == corpus[0].strength
    assert GUIDES[found.guide] == "own"


def test_a_group_is_never_split() -> None:
    rng = random.Random(1)
    items = [item(f"s-{number}", group=f"g-{rng.randrange(40)}") for number in range(200)]
    parts = folds(items, 5, 7)
    assert sorted(index for part in parts for index in part) == list(range(200))
    of_group: dict[str, set[int]] = {}
    for number, part in enumerate(parts):
        for index in part:
            of_group.setdefault(items[index].group, set()).add(number)
    assert max(map(len, of_group.values())) == 1
    assert all(parts)


def test_a_fold_does_not_depend_on_what_else_there_is() -> None:
    items = [item(f"s-{number}") for number in range(50)]
    whole = {items[index].id: number for number, part in enumerate(folds(items, 5, 7)) for index in part}
    half = items[::2]
    assert all(whole[half[index].id] == number for number, part in enumerate(folds(half, 5, 7)) for index in part)


def test_sources_are_read_with_their_guides_and_groups(tmp_path: Path) -> None:
    files = {
        "pubmed": [{"id": "pm-1", "text": "Tea helps.", "strength": "causal"}],
        "eureka": [{"id": "eu-1", "text": "Tea at four", "strength": "none", "group": "77"}],
        "insciout_sentences": [
            {"id": "in-1-claim", "text": "Tea may help.", "strength": "conditional_causal"},
            {"id": "in-1-reference", "text": "Tea and naps correlate.", "strength": "correlational"},
        ],
    }
    for name, lines in files.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    found = overstatement(tmp_path, NLP)
    assert [GUIDES[item.guide] for item in found] == ["pubmed", "eureka", "insciout", "insciout"]
    assert [item.group for item in found] == ["pm-1", "eureka-77", "in-1", "in-1"]
    assert [STRENGTHS[item.strength or 0] for item in found] == [
        "causal",
        "none",
        "conditional_causal",
        "correlational",
    ]


def test_rules_label_only_what_they_are_sure_of() -> None:
    sure = ["Tea was associated with naps.", "Milk was associated with dreams.", "Tea may shorten every nap."]
    unsure = ["The kettle stood on the shelf by the door.", "Naps improved."]
    found = labelled_by_rules([*sure, *unsure], RULES, NLP, (9, 1, 9, 9), 0.5, 3)
    assert [STRENGTHS[item.strength or 0] for item in found] == ["correlational", "conditional_causal"]
    assert {item.weight for item in found} == {0.5}
    again = labelled_by_rules([*sure, *unsure], RULES, NLP, (9, 1, 9, 9), 0.5, 3)
    assert again == found


def test_only_agreed_labels_are_kept() -> None:
    items = [item("a", 0), item("b", 1), item("c", 2)]
    assert [kept.id for kept in agreed(items, lambda given: [0] * len(given))] == ["a"]


def test_last_sentences_of_sections_come_once(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl.gz"
    section = "First we boiled some water. Then everybody had a cup of tea. All of them slept very well."
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        for text in (section, f"{section}\nShort one."):
            stream.write(json.dumps({"text": text}) + "\n")
    found = list(last_sentences(path, RULES))
    assert found == ["Then everybody had a cup of tea.", "All of them slept very well."]


def test_the_data_at_hand_can_be_read() -> None:
    if not DEV.is_dir():
        pytest.skip("the overstatement data are not at hand")
    found = overstatement(DEV, NLP, ("insciout",))
    assert len(found) == 200
    assert len({item.group for item in found}) == 100


WORDS = {"none": ("tea", "is", "sold"), "causal": ("tea", "cures", "colds")}


@pytest.fixture(scope="module")
def base() -> Any:
    """A tiny base model with random weights."""
    pytest.importorskip("torch", reason="torch comes with the train extra")
    transformers = pytest.importorskip("transformers", reason="transformers comes with the train extra")
    import torch

    from pipeline.train.base import Base, quantised_rows

    torch.manual_seed(5)
    config = transformers.BertConfig(
        vocab_size=1200,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = transformers.BertModel(config, add_pooling_layer=False)
    model.embeddings.word_embeddings.weight.data.mul_(30)
    weights = model.state_dict()
    words, scales = quantised_rows(weights.pop("embeddings.word_embeddings.weight").numpy())
    return Base(config=config, weights=weights, words=words, scales=scales, tokenizer={})


def coded_items() -> list[Any]:
    from pipeline.train.strength_network import Coded

    def numbers(words: tuple[str, ...]) -> np.ndarray:
        return np.array([1, *(2 + sum(map(ord, word)) % 900 for word in words), 3], np.int64)

    made = []
    for number in range(24):
        strength = ("none", "causal")[number % 2]
        words = (*WORDS[strength], *("well",) * (number % 5))
        ids = numbers(words)
        known: dict[str, Any] = {"strength": STRENGTHS.index(strength)}
        if number % 3 == 0:
            known = {"strength": None, "signs": () if number % 2 else (SIGNS.index("null"), SIGNS.index("harm"))}
        made.append(Coded(ids, np.ones_like(ids), item(str(number), words=words, **known)))
    return made


def test_the_network_learns_and_goes_on_where_it_stopped(base: Any, tmp_path: Path) -> None:
    import torch

    from pipeline.train.strength_network import Course, fit, predict

    torch.set_num_threads(1)
    course = Course(epochs=25, pieces=64, encoder_rate=1e-3, head_rate=5e-3)
    items = coded_items()
    network = fit(base, items, course, tmp_path)
    told = predict(network, base.embeddings, items)
    assert told.strength.shape == (24, len(GUIDES), 4)
    np.testing.assert_allclose(told.strength.sum(-1), 1.0, rtol=1e-3)
    graded = [at for at, item in enumerate(items) if item.item.strength is not None]
    assert told.strength[graded, 0].argmax(1).tolist() == [items[at].item.strength for at in graded]
    signed = [at for at, item in enumerate(items) if item.item.signs is not None]
    assert [tuple(np.flatnonzero(told.signs[at] > 0.5)) for at in signed] == [items[at].item.signs for at in signed]
    log = (tmp_path / "log.jsonl").read_text("utf-8")
    again = fit(base, items, course, tmp_path)
    for one, other in zip(predict(again, base.embeddings, items), told, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (tmp_path / "log.jsonl").read_text("utf-8") == log


def test_tellings_of_one_result_come_to_lie_together(base: Any, tmp_path: Path) -> None:
    import torch

    from pipeline.language.pieces import Pieces
    from pipeline.train.strength_data import Study
    from pipeline.train.strength_network import Course, coded_study, fit, fit_tells, predict

    def pieces(words: Sequence[str]) -> Pieces:
        ids = np.array([1, *(2 + sum(map(ord, word)) % 900 for word in words), 3], np.int64)
        return Pieces(ids, np.ones_like(ids), ids, ids)

    told: tuple[tuple[str, str | None, str], ...] = (
        ("a", "sleep", "slept longer"),
        ("a", "pain", "hurt less"),
        ("a", None, "came by bus"),
        ("b", "sleep", "dozed on"),
        ("b", "pain", "ached no more"),
        ("b", None, "paid twice"),
    )
    study = Study(
        id="s",
        sentences=tuple(
            item(str(at), None, tuple(text.split()), way=None if result is None else WAYS.index("better"))
            for at, (_, result, text) in enumerate(told)
        ),
        articles=tuple(article for article, _, _ in told),
        results=tuple(result for _, result, _ in told),
    )
    coded = coded_study(study, pieces)
    assert coded.same.nonzero().tolist() == [[0, 3], [1, 4], [3, 0], [4, 1]]
    torch.set_num_threads(1)
    course = Course(epochs=60, pieces=64, encoder_rate=1e-3, head_rate=5e-3, studies=1)
    network = fit(base, coded.sentences, course, tmp_path, studies=[coded])
    found = predict(network, base.embeddings, coded.sentences)
    near = found.meaning @ found.meaning.T
    np.testing.assert_allclose(np.diag(near), 1.0, atol=0.02)
    assert [int(near[at, 3:].argmax()) for at in (0, 1)] == [0, 1]
    assert {int(way) for way in found.ways[[0, 1, 3, 4]].argmax(1)} == {WAYS.index("better")}
    assert found.tells.tolist() == [[0.5]] * 6
    again = predict(fit_tells(network, base.embeddings, [coded]), base.embeddings, coded.sentences)
    assert (again.tells[:, 0] > 0.5).tolist() == [True, True, False] * 2
    np.testing.assert_array_equal(again.meaning, found.meaning)


def test_studies_are_read_with_their_articles_and_told_where_they_are_wrong(tmp_path: Path) -> None:
    row = {"study": "s", "kind": "news", "text": "They slept.", "result": "sleep", "way": "better", "signs": ["null"]}
    path = tmp_path / "a.jsonl"
    path.write_text(
        "".join(json.dumps(row | more) + "\n" for more in ({}, {"kind": "blog", "result": None, "way": None})), "utf-8"
    )
    (study,) = studies([path], NLP)
    assert (study.id, study.articles, study.results) == ("s", ("news", "blog"), ("sleep", None))
    assert [one.way for one in study.sentences] == [WAYS.index("better"), None]
    assert [one.signs for one in study.sentences] == [(SIGNS.index("null"),)] * 2
    path.write_text(json.dumps(row | {"way": "sideways"}), "utf-8")
    with pytest.raises(AnnotationError, match=r"a\.jsonl:1: .*sideways"):
        studies([path], NLP)


def test_the_gate_learns_what_words_signs_have(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")

    from pipeline.language.gate import FILE, Gate
    from pipeline.language.pieces import Pieces
    from pipeline.train.strength_gate import fit_gate, write_gate

    torch.set_num_threads(1)

    def pieces(words: Sequence[str]) -> Pieces:
        ids = np.array([1, *(2 + sum(map(ord, word)) % 90 for word in words), 3], np.int64)
        return Pieces(ids, ids, ids, ids)

    signed = [item(f"s{n}", None, ("cures", "all", str(n)), signs=(0,)) for n in range(20)]
    plain = [
        item(f"p{n}", None, ("costs", "a", "bit", str(n)), signs=(len(SIGNS) - 1,) if n % 2 else ()) for n in range(20)
    ]
    write_gate(fit_gate([*signed, *plain], pieces, 100), tmp_path)
    gate = Gate(np.load(tmp_path / FILE))
    scores = [[gate.score(pieces(one.words).ids[1:-1]) for one in part] for part in (signed, plain)]
    assert min(scores[0]) > 1 > -1 > max(scores[1])


def test_the_file_says_what_the_network_says(base: Any, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    import torch

    from pipeline.language.strength import INPUTS, OUTPUTS
    from pipeline.train.strength_network import StrengthNetwork, export

    torch.manual_seed(6)
    network = StrengthNetwork(base, 0.1)
    torch.nn.init.normal_(network.bias)
    export(network, base, tmp_path / "strength.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["strength.onnx"]
    session = onnxruntime.InferenceSession(str(tmp_path / "strength.onnx"), providers=["CPUExecutionProvider"])
    for item in coded_items()[:5]:
        embedded = base.embeddings[torch.from_numpy(item.ids)]
        given = dict(zip(INPUTS, (embedded.numpy(), item.shapes), strict=True))
        found = session.run(OUTPUTS, given)
        with torch.no_grad():
            exact = network(embedded[None], torch.from_numpy(item.shapes)[None], None)
        assert [told.shape for told in found] == [(len(GUIDES), 4), (len(SIGNS),), (len(WAYS),), (MEANING,), (1,)]
        for told, wanted in zip(found, exact, strict=True):
            # weights of seven bits in a network of random numbers
            np.testing.assert_allclose(told, wanted[0].numpy(), atol=0.3)
