from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.language.pieces import Pieces
from pipeline.train.annotations import ROLES
from pipeline.train.examples import Example, Figure, Span
from pipeline.train.items import IGNORED, ItemMaker, batches, hash_of, padded
from pipeline.train.settings import Labels

LABELS = Labels(
    tags=("CD", "NN"), relations=("nummod", "root"), entities=("OUTCOME", "TIME"), measured=("MEAS",), roles=ROLES
)


def two_a_word(words: Sequence[str]) -> Pieces:
    count = len(words)
    first = np.arange(count) * 2 + 1
    return Pieces(np.arange(2 * count + 2), np.zeros(2 * count + 2, np.int64), first, first + 1)


@pytest.fixture
def maker() -> ItemMaker:
    return ItemMaker(two_a_word, LABELS)


def example(words: str, **layers: object) -> Example:
    split = tuple(words.split())
    return Example(id="x", words=split, spaces=(True,) * len(split), **layers)  # type: ignore[arg-type]


def test_what_nobody_annotated_teaches_nothing(maker: ItemMaker) -> None:
    item = maker.make(example("two days"))
    for name in ("tags", "heads", "relations", "roles", "entities", "measured"):
        assert (getattr(item, name) == IGNORED).all(), name
    assert not item.links.any()
    assert item.starts.tolist() == [1, 0]


def test_trees_and_tags(maker: ItemMaker) -> None:
    item = maker.make(example("two days", tags=("CD", "NNS"), heads=(1, -1), relations=("nummod", "root")))
    assert item.tags.tolist() == [0, IGNORED]  # a tag that the model does not know is not taught
    assert item.heads.tolist() == [2, 0]
    assert item.relations.tolist() == [0, 1]


def test_entities_may_stand_inside_those_of_other_labels(maker: ItemMaker) -> None:
    spans = (
        Span(start=0, end=3, label="OUTCOME"),
        Span(start=1, end=2, label="TIME"),
        Span(start=1, end=2, label="OUTCOME"),
    )
    item = maker.make(example("sleep tonight well", entities=spans))
    assert item.entities[:, 0].tolist() == [1, 2, 2]  # of one label the outer
    assert item.entities[:, 1].tolist() == [0, 1, 0]


def test_labels_that_were_not_looked_for_are_not_taught(maker: ItemMaker) -> None:
    item = maker.make(example("sleep tonight", entities=(Span(start=1, end=2, label="TIME"),), labelled=("TIME",)))
    assert item.entities.tolist() == [[IGNORED, 0], [IGNORED, 1]]


def test_figures_have_roles_and_links_and_other_numbers_have_none(maker: ItemMaker) -> None:
    figure = Figure(start=1, end=3, role="comparator", group=((3, 4),), outcome=((4, 5), (5, 6)))
    item = maker.make(
        example("7 12 % sitters falls slips", figures=(figure,)), [True, True, False, False, False, False]
    )
    assert item.roles.tolist() == [ROLES.index("none"), ROLES.index("comparator"), IGNORED, IGNORED, IGNORED, IGNORED]
    assert np.flatnonzero(item.links[0, 1]).tolist() == [4]
    assert np.flatnonzero(item.links[1, 1]).tolist() == [5, 6]
    assert np.flatnonzero(item.links[2, 1]).tolist() == [0]  # the sentence names no time
    assert np.flatnonzero(item.links[0, 0]).tolist() == [0]
    assert not item.links[:, 2].any()


def test_joined_sentences_teach_their_starts_alone(maker: ItemMaker) -> None:
    item = maker.join([example("two days", heads=(1, -1)), example("one week")])
    assert item.starts.tolist() == [1, 0, 1, 0]
    assert (item.heads == IGNORED).all()


def test_batches_hold_everything_once_and_keep_to_their_size() -> None:
    lengths = [(7 * number) % 50 + 3 for number in range(200)]
    groups = list(batches(lengths, 256, seed=1))
    assert sorted(index for group in groups for index in group) == list(range(200))
    assert all(
        len(group) == 1 or len(group) * padded(max(lengths[i] for i in group)) <= 256 + 8 * len(group)
        for group in groups
    )
    assert groups == list(batches(lengths, 256, seed=1))
    assert groups != list(batches(lengths, 256, seed=2))


def test_hashes_depend_on_their_parts_alone() -> None:
    assert hash_of("a", 1) == hash_of("a", 1)
    assert hash_of("a", 1) != hash_of("a", 2)
