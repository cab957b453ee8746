"""Scores what the strength add-on makes of one study told in several articles, on studies that it never saw, ``tests/golden/tellings``.

``nearest``: of the sentences in later articles that tell a result which the first, the abstract, tells too, how many are nearest in
meaning to a sentence of the abstract that tells it, of all there that tell a result. ``average precision``: of all pairs of sentences that
tell results of one study in two articles, ranked by their cosine, whether they tell one. ``ways``: how many sentences that tell a result
go the way of the gold by the likeliest one. Run ``python -m bench.tellings``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from bench.clusters import RULES
from bench.common import average_precision, strength_model
from pipeline.language.meaning import cosine, packed, unpacked
from pipeline.language.strength import StrengthModel
from pipeline.language.tokenizer import make_nlp
from pipeline.rules.loader import load_rules
from pipeline.train.strength_data import Study, studies

GOLD = Path(__file__).parents[1] / "tests" / "golden" / "tellings"


def score(model: StrengthModel, told: Sequence[Study]) -> dict[str, float]:
    """The figures, each 0 to 1."""
    nearest: list[bool] = []
    pairs: list[tuple[float, bool]] = []
    ways: list[bool] = []
    for study in told:
        judged = [model.judge(sentence.words) for sentence in study.sentences]
        meanings = [unpacked(packed(one.meaning)) for one in judged]
        ways += [
            int(np.argmax(one.ways)) == sentence.way
            for one, sentence in zip(judged, study.sentences, strict=True)
            if sentence.way is not None
        ]
        tells = [at for at, result in enumerate(study.results) if result is not None]
        pairs += [
            (cosine(meanings[i], meanings[j]), study.results[i] == study.results[j])
            for i, j in combinations(tells, 2)
            if study.articles[i] != study.articles[j]
        ]
        nearest += _nearest(study, meanings, tells)
    ranked = sorted(pairs, key=lambda pair: (-pair[0], pair[1]))  # of pairs as near, those of two results first
    return {
        "nearest": round(sum(nearest) / len(nearest), 3),
        "average_precision": round(average_precision(is_one for _, is_one in ranked), 3),
        "ways": round(sum(ways) / len(ways), 3),
    }


def _nearest(study: Study, meanings: Sequence[np.ndarray], tells: Sequence[int]) -> Iterator[bool]:
    first = [at for at in tells if study.articles[at] == study.articles[0]]
    known = {study.results[at] for at in first}
    for at in tells:
        if study.articles[at] != study.articles[0] and study.results[at] in known:
            best = max(first, key=lambda other: cosine(meanings[at], meanings[other]))
            yield study.results[best] == study.results[at]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the figures as one line of JSON")
    args = parser.parse_args(arguments)
    rules = load_rules(RULES)
    found = score(strength_model(rules), studies(sorted(GOLD.glob("*.jsonl")), make_nlp(rules)))
    if args.json:
        print(json.dumps(found))
        return
    for name, figure in found.items():
        print(f"{name:20}{figure:6.3f}")


if __name__ == "__main__":
    main()
