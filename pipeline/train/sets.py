"""The training sets: treebanks, measured results, our own corpus, and what the grammar generates."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeline.train.annotations import LABELS, ROLES
from pipeline.train.examples import Example
from pipeline.train.exchange import Names, exchanged
from pipeline.train.items import Item, ItemMaker, Round, hash_of
from pipeline.train.settings import Labels
from pipeline.train.treebanks import read_treebank, sentences

Paragraphs = list[list[Example]]
CRAFT_DEV = 400
"""The last sentences of CRAFT's train file are its development part."""
TREEBANKS = ("ud_ewt", "ud_gum", "craft")
_JOINED = 0.08
"""How many lessons in sentence starts per sentence."""
_LONGEST = 160
"""Words; a longer sentence teaches little and costs much."""


class Treebanks:
    """The train, dev and test parts, by name."""

    def __init__(self, folder: Path) -> None:
        self.train: dict[str, Paragraphs] = {}
        self.dev: dict[str, list[Example]] = {}
        for name in TREEBANKS:
            self.train[name] = read_treebank(folder / f"{name}.train.conllu.gz")
            if name == "craft":
                all_sentences = list(sentences(self.train[name]))
                self.train[name] = [all_sentences[:-CRAFT_DEV]]
                self.dev[name] = all_sentences[-CRAFT_DEV:]
            else:
                self.dev[name] = list(sentences(read_treebank(folder / f"{name}.dev.conllu.gz")))


def labels_of(treebanks: Treebanks, measured: Iterable[str]) -> Labels:
    """Every tag seen five times, every relation; the labels of the guide."""
    tags: Counter[str] = Counter()
    relations: Counter[str] = Counter()
    for paragraphs in treebanks.train.values():
        for example in sentences(paragraphs):
            tags.update(example.tags or ())
            relations.update(example.relations or ())
    return Labels(
        tags=tuple(sorted(tag for tag, count in tags.items() if count >= 5 and tag)),
        relations=tuple(sorted(label for label, count in relations.items() if count >= 5 and label != "_")),
        entities=tuple(label for label in LABELS if label != "VALUE"),
        measured=tuple(measured),
        roles=ROLES,
    )


def treebank_round(paragraphs: Sequence[Paragraphs], maker: ItemMaker, seed: int) -> Round:
    """Each sentence once, and neighbours joined as lessons in sentence starts."""
    groups = [
        [example for example in paragraph if len(example.words) <= _LONGEST]
        for part in paragraphs
        for paragraph in part
    ]
    single = [maker.make(example) for group in groups for example in group]
    starts = [(group, index) for group in groups for index in range(len(group) - 1)]

    def make_round(number: int) -> list[Item]:
        rng = random.Random(hash_of(seed, "joined", number))
        joined = []
        for group, index in rng.sample(starts, int(_JOINED * len(single))):
            taken = group[index : index + rng.choice((2, 2, 3))]
            if sum(len(example.words) for example in taken) <= _LONGEST:
                joined.append(maker.join(taken))
        return single + joined

    return make_round


def exchanged_round(
    examples: Sequence[Example], names: Names, part: float, encode: Callable[[Example], Item], seed: int
) -> Round:
    """The same examples in every round, each time with ``part`` of their names replaced by others."""

    def make_round(number: int) -> list[Item]:
        rng = random.Random(hash_of(seed, "exchanged", number))
        return [encode(exchanged(example, names, part, rng)) for example in examples]

    return make_round


def fresh_round(
    generate: Callable[[int, int], Iterable[Example]], encode: Callable[[Example], Item], count: int, seed: int
) -> Round:
    """``count`` newly generated sentences in every round; ``generate(count, seed)`` makes them."""
    return lambda number: [encode(example) for example in generate(count, hash_of(seed, "grammar", number))]
