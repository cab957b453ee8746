"""Trees and spans out of scores, held against trying everything."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pipeline.language.decode import (
    BEGIN,
    INSIDE,
    OUTSIDE,
    ScoredSpan,
    heads_of,
    relations_of,
    softmax,
    spans_of,
    steady,
    whole,
    whole_spans,
)


def is_tree(heads: tuple[int, ...]) -> bool:
    """Whether ``heads``, -1 at roots, is one tree with one root."""
    if heads.count(-1) != 1:
        return False
    for index in range(len(heads)):
        seen = set()
        while index != -1:
            if index in seen:
                return False
            seen.add(index)
            index = heads[index]
    return True


def best_score(arcs: np.ndarray) -> float:
    size = len(arcs)
    trees = (heads for heads in itertools.product(range(-1, size), repeat=size) if is_tree(heads))
    return max(sum(float(arcs[index, head + 1]) for index, head in enumerate(heads)) for heads in trees)


@pytest.mark.parametrize("seed", range(40))
def test_the_tree_is_the_best_with_one_root(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 6))
    arcs = (rng.normal(size=(size, size + 1)) * 4).astype(np.float32)
    arcs[:, 0] += rng.choice([0, 8])  # everyone wants to be the root
    heads = heads_of(arcs)
    assert is_tree(tuple(heads.tolist()))
    score = sum(float(arcs[index, head + 1]) for index, head in enumerate(heads))
    assert score == pytest.approx(best_score(arcs), abs=1e-3)


@pytest.mark.parametrize("size", [0, 1, 2, 60, 300])
def test_any_scores_give_one_tree(size: int) -> None:
    for arcs in (
        np.zeros((size, size + 1), np.float32),
        np.full((size, size + 1), np.nan, np.float32),
        np.full((size, size + 1), np.inf, np.float32),
        np.random.default_rng(size).normal(size=(size, size + 1)).astype(np.float32),
    ):
        heads = heads_of(arcs)
        assert len(heads) == size
        assert is_tree(tuple(heads.tolist())) or size == 0
        assert heads.tolist() == heads_of(arcs.copy()).tolist()


def test_the_root_and_nothing_else_is_called_root() -> None:
    scores = np.zeros((3, 4, 3), np.float32)
    scores[:, :, 1] = 5  # every word would be the root
    scores[2, :, 2] = 1
    heads = np.array([-1, 0, 0])
    assert relations_of(scores, heads, root=1).tolist() == [1, 0, 2]


def best_sequence(scores: np.ndarray) -> float:
    size = len(scores)
    allowed = (
        states
        for states in itertools.product((OUTSIDE, BEGIN, INSIDE), repeat=size)
        if all(state != INSIDE or (at > 0 and states[at - 1] != OUTSIDE) for at, state in enumerate(states))
    )
    return max(sum(float(scores[at, state]) for at, state in enumerate(states)) for states in allowed)


@pytest.mark.parametrize("seed", range(40))
def test_spans_are_the_best_sequence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 7))
    scores = rng.normal(size=(size, 2, 3)).astype(np.float32)
    spans = spans_of(scores)
    for label in (0, 1):
        states = [OUTSIDE] * size
        for span in spans:
            if span.label == label:
                assert states[span.start : span.end] == [OUTSIDE] * (span.end - span.start)
                states[span.start] = BEGIN
                states[span.start + 1 : span.end] = [INSIDE] * (span.end - span.start - 1)
        found = sum(float(scores[at, label, state]) for at, state in enumerate(states))
        assert found == pytest.approx(best_sequence(scores[:, label]), abs=1e-5)
    assert spans == sorted(spans, key=lambda span: (span.start, -span.end, span.label))
    assert all(0 <= span.score <= 1 for span in spans)


def test_spans_of_different_labels_may_overlap_and_neighbours_stay_apart() -> None:
    scores = np.full((4, 2, 3), -5.0, np.float32)
    for at, state in enumerate((BEGIN, INSIDE, INSIDE, OUTSIDE)):
        scores[at, 0, state] = 5
    for at, state in enumerate((OUTSIDE, BEGIN, BEGIN, INSIDE)):
        scores[at, 1, state] = 5
    assert [(span.start, span.end, span.label) for span in spans_of(scores)] == [(0, 3, 0), (1, 2, 1), (2, 4, 1)]
    assert spans_of(np.zeros((0, 2, 3), np.float32)) == []


def test_ties_go_to_the_first() -> None:
    assert heads_of(np.zeros((3, 4))).tolist() == heads_of(np.zeros((3, 4))).tolist()
    assert spans_of(np.zeros((3, 1, 3))) == []


def test_softmax_bears_large_scores() -> None:
    assert softmax(np.array([1e4, 1e4, -1e4])).tolist() == [0.5, 0.5, 0.0]


@pytest.mark.parametrize(
    ("words", "span", "wanted"),
    [
        ("University/NNP of/IN Leeds/NNP", (0, 2), (0, 3)),  # "of" takes in what it belongs to
        ("low/JJ -/HYPH salt/NN", (2, 3), (0, 3)),
        ("knee/NN -/HYPH pain/NN", (0, 1), (0, 3)),
        ("salt/NN ,/, then/RB", (0, 2), (0, 1)),
        ("and/CC salt/NN", (0, 2), (1, 2)),
        ("those/DT who/WP ran/VBD", (0, 3), (0, 3)),
        ("no/DT salt/NN", (0, 2), (0, 2)),
    ],
)
def test_entities_end_as_phrases_do(words: str, span: tuple[int, int], wanted: tuple[int, int]) -> None:
    tags = [word.split("/")[1] for word in words.split()]
    heads = [len(tags) - 1] * (len(tags) - 1) + [-1]
    found = whole(ScoredSpan(*span, 0, 0.5), tags, heads)
    assert found is not None
    assert (found.start, found.end) == wanted


def test_what_has_no_name_in_it_is_no_entity() -> None:
    assert whole(ScoredSpan(0, 2, 0, 0.5), [",", "CC"], [-1, 0]) is None


def test_entities_that_become_the_same_are_one() -> None:
    spans = [ScoredSpan(0, 1, 3, 0.4), ScoredSpan(0, 2, 3, 0.7), ScoredSpan(0, 2, 1, 0.2)]
    found = whole_spans(spans, ["NN", "HYPH", "NN"], [2, 2, -1])
    assert found == [ScoredSpan(0, 3, 1, 0.2), ScoredSpan(0, 3, 3, 0.7)]


def test_entities_of_one_label_that_come_to_overlap_are_one() -> None:
    spans = [ScoredSpan(0, 2, 1, 0.4), ScoredSpan(2, 5, 1, 0.7), ScoredSpan(2, 3, 2, 0.3)]
    tags = ["NN", "IN", "CD", "NN", "NN"]
    found = whole_spans(spans, tags, [-1, 3, 3, 0, 3])
    assert found == [ScoredSpan(0, 5, 1, 0.7), ScoredSpan(2, 3, 2, 0.3)]
    neighbours = [ScoredSpan(0, 1, 1, 0.4), ScoredSpan(1, 2, 1, 0.7)]
    assert whole_spans(neighbours, ["NN", "NN"], [-1, 0]) == neighbours


def test_what_lies_behind_the_digits_that_count_decides_nothing() -> None:
    close = np.array([[0.1, 0.7000001, 0.7], [0.1, 0.7, 0.7000001]], np.float32)
    np.testing.assert_array_equal(steady(close)[0], steady(close)[1])
    # Of two relations as good as each other the first, whichever has the noise; head columns all alike.
    found = relations_of(np.stack([close] * 3, axis=1), np.array([-1, 0]), 0)
    assert found.tolist() == [0, 1]
    assert relations_of(np.stack([close] * 3, axis=1), np.array([1, -1]), 0).tolist() == [1, 0]
    noisy = np.array([[0.0, 0.0, 2.0000001, 2.0], [2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 2.0000001, 0.0]])
    plain = np.array([[0.0, 0.0, 2.0, 2.0000001], [2.0, 0.0, 0.0, 0.0], [0.0, 2.0000001, 2.0, 0.0]])
    np.testing.assert_array_equal(heads_of(noisy), heads_of(plain))
