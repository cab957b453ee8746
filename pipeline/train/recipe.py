"""The recipe of the model that ships: which data, in which order, for how long."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import torch

from pipeline.language.pieces import WordPieces
from pipeline.language.tokenizer import make_nlp
from pipeline.rules.loader import find_rules_folder, load_rules
from pipeline.train.annotations import read_corpus
from pipeline.train.base import Base, load_base, write_tokenizer
from pipeline.train.checks import checker
from pipeline.train.examples import Example
from pipeline.train.exchange import names_of
from pipeline.train.export import export
from pipeline.train.fit import fit
from pipeline.train.grammar import generate
from pipeline.train.items import Item, ItemMaker, Round
from pipeline.train.network import Network
from pipeline.train.own import Aligner, prints_number
from pipeline.train.sets import Treebanks, exchanged_round, fresh_round, labels_of, treebank_round
from pipeline.train.settings import Labels, Schedule, Sizes
from pipeline.train.treebanks import read_treebank, sentences

log = logging.getLogger(__name__)

CORPUS = Path(__file__).parent / "corpus"
MEASURED = ("INTV", "OC", "MEAS")
SEED = 20261122
STAGES = (
    Schedule(name="treebanks", steps=1000, final=0.65, shares=(("treebanks", 1.0),), seed=SEED),
    Schedule(
        name="joint",
        steps=900,
        encoder_rate=1.8e-4,
        head_rate=1e-3,
        final=0.5,
        masked=0.05,
        shares=(("treebanks", 0.45), ("own", 0.27), ("grammar", 0.2), ("measured", 0.08)),
        seed=SEED + 1,
    ),
    Schedule(
        name="meaning",
        steps=1500,
        encoder_rate=1.2e-4,
        head_rate=7e-4,
        masked=0.1,
        shares=(("treebanks", 0.33), ("own", 0.42), ("grammar", 0.12), ("measured", 0.13)),
        seed=SEED + 2,
    ),
)
"""First the treebanks alone, since the parse needs the most steps; then everything; then mostly what is small and of the domain, with
words hidden, and rates that fall to nothing."""
FOLD = Schedule(
    name="fold",
    steps=240,
    encoder_rate=1.5e-4,
    head_rate=7e-4,
    masked=0.08,
    shares=(("measured", 0.45), ("own", 0.35), ("grammar", 0.2)),
)
"""What a fold of RCT-ART is learnt with."""
_GENERATED = 12_000
"""New sentences of the grammar in each round."""
_DEV = 10
"""Every tenth sentence and every tenth article of our corpus is kept for checking."""
_HELD_ARTICLE = 7
_EXCHANGED = 0.35
"""The part of the names in our sentences, and in the measured ones, that are replaced by others in each round."""
_SYNTAX_TIMES = 4
"""How often our own trees come for once through the treebanks: they are few, and of the domain."""


class Material(NamedTuple):
    """All that is trained on and checked on."""

    rounds: dict[str, Round]
    checks: dict[str, list[tuple[Example, Item]]]


def train(shared: Path, base_folder: Path, work: Path, out: Path, stages: Sequence[Schedule] = STAGES) -> None:
    """Trains by ``stages`` and writes the shipped files to ``out``, with exact weights in ``work/exact`` beside the checkpoints."""
    base = load_base(base_folder)
    work.mkdir(parents=True, exist_ok=True)
    treebanks = Treebanks(shared / "corpora")
    labels = labels_of(treebanks, MEASURED)
    material = gather(shared, treebanks, labels, base, work)
    torch.manual_seed(SEED)
    network = Network(base.config, labels, Sizes())
    network.encoder.bert.load_state_dict(base.weights)
    check = checker(material.checks, base.embeddings, labels)
    for stage in stages:
        fit(network, base.embeddings, material.rounds, stage, work, check)
    export(network, base, labels, work / "exact", exact=True)
    export(network, base, labels, out)


def measure_folds(shared: Path, base_folder: Path, work: Path, count: int = 5) -> list[float]:
    """F of the measured entities on each of ``count`` parts of RCT-ART's train part, learnt from the others after the first stage.

    Goes on from the checkpoint of the first stage in ``work``.
    """
    base = load_base(base_folder)
    treebanks = Treebanks(shared / "corpora")
    labels = labels_of(treebanks, MEASURED)
    material = gather(shared, treebanks, labels, base, work)
    nlp = make_nlp(load_rules(find_rules_folder(None)))
    maker = ItemMaker(WordPieces(work / "pieces.json"), labels)
    examples = list(Aligner(nlp).measured(shared / "corpora" / "rctart.train.jsonl"))
    found: list[float] = []
    for fold in range(count):
        network = Network(base.config, labels, Sizes())
        network.load_state_dict(torch.load(work / f"{STAGES[0].name}.pt", weights_only=True)["network"])
        check = checker({"fold": [(e, maker.make(e)) for e in examples[fold::count]]}, base.embeddings, labels)
        kept = [example for index, example in enumerate(examples) if index % count != fold]
        schedule = msgspec.structs.replace(FOLD, name=f"fold{fold}", seed=SEED + fold)
        fit(
            network,
            base.embeddings,
            material.rounds | {"measured": _own_round(kept, maker.make)},
            schedule,
            work,
            check,
        )
        found.append(check(network)["fold/measured_f"])
        log.info("fold %d: %.1f", fold, found[-1])
    return found


def is_held(ident: str) -> bool:
    """Whether a sentence of our articles (``name-ARTICLE-SENTENCE``) is kept for checking: those of every tenth article are."""
    return int(ident.split("-")[1]) % _DEV == _HELD_ARTICLE


def _own_round(examples: Sequence[Example], encode: Callable[[Example], Item]) -> Round:
    return exchanged_round(examples, names_of(examples), _EXCHANGED, encode, SEED)


def gather(shared: Path, treebanks: Treebanks, labels: Labels, base: Base, work: Path) -> Material:
    """Reads and encodes everything."""
    pieces = WordPieces(write_tokenizer(base, work / "pieces.json"))
    maker = ItemMaker(pieces, labels)
    nlp = make_nlp(load_rules(find_rules_folder(None)))
    aligner = Aligner(nlp)

    def encode(example: Example) -> Item:
        return maker.make(example, prints_number(example.words, nlp))

    single = read_corpus(CORPUS / "sentences")
    articles = read_corpus(CORPUS / "articles")
    kept = [aligner.own(sentence) for index, sentence in enumerate(single) if index % _DEV]
    kept += [aligner.own(sentence) for sentence in articles if not is_held(sentence.id)]
    held = [aligner.own(sentence) for sentence in single[::_DEV]]
    held_articles = [aligner.own(sentence) for sentence in articles if is_held(sentence.id)]
    syntax = [e for path in sorted((CORPUS / "syntax").glob("*.conllu")) for e in sentences(read_treebank(path))]
    measured = list(aligner.measured(shared / "corpora" / "rctart.train.jsonl"))
    parts = [*treebanks.train.values(), *[[[example] for example in syntax]] * _SYNTAX_TIMES]
    log.info("own %d, held %d, syntax %d, measured %d", len(kept), len(held), len(syntax), len(measured))
    checks: dict[str, list[tuple[Example, Item]]] = {
        name: [(example, encode(example)) for example in examples] for name, examples in treebanks.dev.items()
    }
    checks["own"] = [(example, encode(example)) for example in held]
    checks["articles"] = [(example, encode(example)) for example in held_articles]
    checks["grammar"] = [(example, encode(example)) for example in generate(300, 1, held_out=True)]
    checks["measured"] = [
        (example, encode(example)) for example in aligner.measured(shared / "corpora" / "rctart.check.jsonl")
    ]
    return Material(
        rounds={
            "treebanks": treebank_round(parts, maker, SEED),
            "own": _own_round(kept, encode),
            "grammar": fresh_round(partial(generate, held_out=False), encode, _GENERATED, SEED),
            "measured": _own_round(measured, encode),
        },
        checks=checks,
    )
