"""``python -m pipeline.train.strength``: trains and measures the strength add-on.

``ship`` learns from our own sentences and from labels that rules give to CC BY trial texts; its file may ship. ``gate`` makes the small
file that tells which sentences it is asked of for their signs. ``full`` learns from our own sentences and the ``overstatement`` data, whose
licences do not allow that. ``score`` measures.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from pipeline.language.strength import FILE, GUIDES
from pipeline.language.tokenizer import make_nlp
from pipeline.rules.loader import find_rules_folder, load_rules
from pipeline.train.annotations import STRENGTHS, read_corpus
from pipeline.train.options import base_option, shared_option, work_option
from pipeline.train.strength_data import (
    SOURCES,
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

if TYPE_CHECKING:
    import numpy as np

    from pipeline.train.strength_data import Study
    from pipeline.train.strength_network import Predicted, StrengthNetwork

log = logging.getLogger(__name__)

CORPUS = Path(__file__).parent / "corpus"
SEED = 20261122
FOLDS = 5
SILVER = (1300, 1200, 700, 900)
"""Sentences that rules label, at most, of each strength."""
SILVER_WEIGHT = 0.4
"""What one of them counts against one of ours."""
STUDIES = 2
"""How often a study is seen in an epoch."""
EPOCHS = {"own": 3, "ship": 3, "articles": 2, "full": 5}


class Bench:
    """The data, the base model and the folders of a run."""

    def __init__(self, shared: Path, base: Path, work: Path) -> None:
        from pipeline.language.pieces import WordPieces
        from pipeline.train.base import load_base, write_tokenizer

        work.mkdir(parents=True, exist_ok=True)
        self.shared, self.work = shared, work
        self.rules = load_rules(find_rules_folder(None))
        self.nlp = make_nlp(self.rules)
        self.base = load_base(base)
        self.pieces = WordPieces(write_tokenizer(self.base, work / "pieces.json"))

    def kept(self, name: str, make: Callable[[], list[Graded]]) -> list[Graded]:
        """What ``make`` gives, kept in ``work/NAME.json`` for a run that goes on."""
        path = self.work / f"{name}.json"
        if not path.exists():
            path.write_bytes(msgspec.json.encode(make()))
        return msgspec.json.decode(path.read_bytes(), type=list[Graded])

    @property
    def measured(self) -> Path:
        """The ``overstatement`` data with their scorer."""
        return self.shared / "bench" / "overstatement"

    def own(self) -> list[Graded]:
        """Our annotated sentences, those for strength or signs alone among them."""
        graded = own_sentences([*read_corpus(CORPUS / "sentences"), *read_corpus(CORPUS / "strength")], self.nlp)
        return graded + self.with_signs("written")

    def with_signs(self, folder: str) -> list[Graded]:
        """Our sentences with signs: ``written`` to bear them or nearly so, or ``read``, out of our own articles as they come."""
        return sentences_with_signs(sorted((CORPUS / "signs" / folder).glob("*.jsonl")), self.nlp)

    def studies(self) -> list[Study]:
        """Our own studies, each told in several articles."""
        return studies(sorted((CORPUS / "tellings").glob("*.jsonl")), self.nlp)

    def silver(self) -> list[Graded]:
        """Sentences of trials, labelled by the rules that are sure."""
        sentences = last_sentences(self.shared / "corpora" / "trials.unlabelled.jsonl.gz", self.rules)
        return labelled_by_rules(sentences, self.rules, self.nlp, SILVER, SILVER_WEIGHT, SEED)

    def dev(self) -> list[Graded]:
        """The sentences of the ``overstatement`` data."""
        return overstatement(self.measured / "dev", self.nlp)

    def fit(
        self,
        items: Sequence[Graded],
        name: str,
        epochs: int,
        start: StrengthNetwork | None = None,
        told: Sequence[Study] = (),
    ) -> StrengthNetwork:
        """The network trained on ``items`` and the studies ``told``, from the base weights or ``start``; checkpoints and log go to
        ``work/name``."""
        from pipeline.train.strength_network import Course, coded, coded_study, fit

        log.info("%s: %d sentences, %s; %d studies", name, len(items), counted(items), len(told))
        course = Course(epochs=epochs, seed=SEED, studies=STUDIES)
        of_studies = [coded_study(study, self.pieces) for study in told]
        return fit(self.base, coded(items, self.pieces), course, self.work / name, start, of_studies)

    def tells(self, network: StrengthNetwork, told: Sequence[Study]) -> StrengthNetwork:
        """``network``, which has learnt from the studies ``told`` what tells a result."""
        from pipeline.train.strength_network import coded_study, fit_tells

        return fit_tells(network, self.base.embeddings, [coded_study(study, self.pieces) for study in told])

    def predict(self, network: StrengthNetwork, items: Sequence[Graded]) -> Predicted:
        """What ``network`` says of ``items``."""
        from pipeline.train.strength_network import coded, predict

        return predict(network, self.base.embeddings, coded(items, self.pieces))

    def judge(self, network: StrengthNetwork, items: Sequence[Graded]) -> list[int]:
        """The strength of each of ``items`` by our own guide."""
        return [int(index) for index in self.predict(network, items).strength[:, GUIDES.index("own")].argmax(1)]


def counted(items: Sequence[Graded]) -> str:
    """How many there are of each strength."""
    return " ".join(f"{name} {sum(item.strength == index for item in items)}" for index, name in enumerate(STRENGTHS))


def train_ship(bench: Bench) -> StrengthNetwork:
    """Our own sentences first; then they and those trial sentences of which rules and the network so far say the same; then all these,
    sentences out of articles, most of which bear no sign, and studies that several articles tell; last, from these, what tells a result."""
    own = bench.own()
    first = bench.fit(own, "own", EPOCHS["own"])
    labelled = bench.kept("silver", bench.silver)
    silver = bench.kept("agreed", lambda: agreed(labelled, partial(bench.judge, first)))
    second = bench.fit([*own, *silver], "ship", EPOCHS["ship"], first)
    told = bench.studies()
    sentences = [*own, *silver, *bench.with_signs("read"), *(one for study in told for one in study.sentences)]
    return bench.tells(bench.fit(sentences, "articles", EPOCHS["articles"], second, told), told)


def cross_validate(bench: Bench) -> Path:
    """Predictions for all of dev, each by a network that saw nothing of its group, as ``full/predictions.jsonl``.

    A fold that was predicted before is not trained again.
    """
    dev, own = bench.dev(), bench.own()
    folder = bench.work / "full"
    parts = folds(dev, FOLDS, SEED)
    for number, held in enumerate(parts):
        target = folder / f"fold{number}.jsonl"
        if not target.exists():
            inside = set(held)
            kept = [item for index, item in enumerate(dev) if index not in inside]
            network = bench.fit([*own, *kept], f"full/fold{number}", EPOCHS["full"])
            items = [dev[index] for index in held]
            write_predictions(items, bench.predict(network, items).strength, target, by_guide=True)
        score(bench, [folder / f"fold{done}.jsonl" for done in range(number + 1)], folder)
    return folder


def write_predictions(items: Sequence[Graded], probabilities: np.ndarray, path: Path, by_guide: bool) -> None:
    """One line a sentence, as the scorer reads it; by the guide of the sentence's own source, or else by ours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for item, rows in zip(items, probabilities, strict=True):
        row = rows[item.guide if by_guide else GUIDES.index("own")]
        record = {
            "id": item.id,
            "strength": STRENGTHS[int(row.argmax())],
            "probabilities": [round(float(value), 4) for value in row],
        }
        lines.append(json.dumps(record) + "\n")
    path.write_text("".join(lines), "utf-8")


def score(bench: Bench, predictions: Sequence[Path], folder: Path) -> None:
    """Writes what the scorer says of each source to ``folder/SOURCE.txt``; sentences without a prediction are left out."""
    rows = {row["id"]: row for path in predictions for row in map(json.loads, path.read_text("utf-8").splitlines())}
    joined = folder / "predictions.jsonl"
    joined.write_text("".join(json.dumps(row) + "\n" for row in rows.values()), "utf-8")
    for source in SOURCES:
        name = "insciout_sentences" if source == "insciout" else source
        gold = folder / f"{source}.gold.jsonl"
        lines = (bench.measured / "dev" / f"{name}.jsonl").read_text("utf-8").splitlines()
        gold.write_text("".join(line + "\n" for line in lines if json.loads(line)["id"] in rows), "utf-8")
        scorer = [sys.executable, str(bench.measured / "score_strength.py"), "strength"]
        run = subprocess.run(
            [*scorer, "--gold", str(gold), "--pred", str(joined)], capture_output=True, text=True, check=False
        )
        (folder / f"{source}.txt").write_text(run.stdout + run.stderr, "utf-8")
        log.info("%s, %d sentences\n%s", source, len(lines), run.stdout.rsplit("\n", 2)[0])


@click.command()
@click.argument("task", type=click.Choice(["ship", "gate", "full", "score"]))
@shared_option("corpora/ and bench/overstatement/")
@base_option
@work_option("strength", "checkpoints, logs and scores")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help=f"Folder that gets {FILE}.")
@click.option("--threads", type=click.IntRange(min=1), default=1, help="Processor threads.")
@click.option("--only", type=click.Choice(["ship", "full"]), help="With score: measure this one alone.")
def main(task: str, shared: Path, base: Path, work: Path, out: Path | None, threads: int, only: str | None) -> None:
    """Train the strength add-on that ships, or the gate before it, or the full one, or score both.

    They are scored on the overstatement data, the full one by five folds.
    """
    try:
        import torch

        from pipeline.train.strength_gate import fit_gate, write_gate
        from pipeline.train.strength_network import coded, export, predict_file
    except ImportError as error:
        raise click.ClickException(f"{error}; install the extra: pip install 'claims-pipeline[train]'") from error
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    bench = Bench(shared, base, work)
    target = (work / "out" if out is None else out) / FILE
    if task == "ship":
        export(train_ship(bench), bench.base, target)
    elif task == "gate":
        signed = [*bench.with_signs("written"), *bench.with_signs("read")]
        write_gate(fit_gate(signed, bench.pieces, len(bench.base.words)), target.parent)
    elif task == "full":
        export(bench.fit([*bench.own(), *bench.dev()], "all", EPOCHS["full"]), bench.base, target)
    if task == "score" and only != "full":
        if not target.exists():
            export(train_ship(bench), bench.base, target)
        dev = bench.dev()
        shipped = work / "ship-score" / "dev.jsonl"
        told = predict_file(target, bench.base, coded(dev, bench.pieces))
        write_predictions(dev, told.strength, shipped, by_guide=False)
        score(bench, [shipped], shipped.parent)
    if task == "score" and only != "ship":
        cross_validate(bench)


if __name__ == "__main__":
    main()
