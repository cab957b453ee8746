"""Scores the signs of the strength add-on on sentences that it never saw, ``tests/golden/signs``.

Of each sign: how many sentences bear it, the average precision over all thresholds, and at the threshold of the rule ``signs-by-model`` how
many are found and how many of those found are right. The ``written`` sentences are denser than an article: two of three bear a sign, most
others look like one; the ``read`` ones are out of our own stories. Run ``python -m bench.signs [PART]``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.clusters import RULES
from bench.common import average_precision, strength_model
from pipeline.language.strength import SIGNS, StrengthModel
from pipeline.language.tokenizer import make_nlp
from pipeline.model import LEARNT
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.train.strength_data import sentences_with_signs

GOLD = Path(__file__).parents[1] / "tests" / "golden" / "signs"
PARTS = ("written", "read")


class Score(NamedTuple):
    """Of one sign."""

    gold: int
    average_precision: float
    found: float
    right: float


def judge(model: StrengthModel, rules: Ruleset, part: str) -> tuple[list[frozenset[str]], list[list[float]]]:
    """The signs of each sentence by the gold, and what the model says of them."""
    items = sentences_with_signs([GOLD / f"{part}.jsonl"], make_nlp(rules))
    told = [[float(p) for p in model.judge(item.words).signs] for item in items]
    return [frozenset(SIGNS[sign] for sign in item.signs or ()) for item in items], told


def score(gold: Sequence[frozenset[str]], told: Sequence[Sequence[float]], sign: str, least: float) -> Score:
    """One sign's figures; ``least`` is the probability from which on it counts."""
    column = SIGNS.index(sign)
    ranked = sorted(zip((row[column] for row in told), (sign in one for one in gold), strict=True), reverse=True)
    total = sum(is_right for _, is_right in ranked)
    taken = [is_right for likely, is_right in ranked if likely >= least]
    return Score(
        total,
        average_precision(is_right for _, is_right in ranked),
        sum(taken) / max(total, 1),
        sum(taken) / max(len(taken), 1),
    )


def means(scores: Iterable[Score]) -> dict[str, float]:
    """The means over the signs that any sentence bears."""
    borne = [one for one in scores if one.gold]
    keys = ("average_precision", "found", "right")
    return {key: round(sum(getattr(one, key) for one in borne) / len(borne), 3) for key in keys}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", nargs="?", choices=PARTS, default="written")
    parser.add_argument("--json", action="store_true", help="print the means of both parts as one line of JSON")
    args = parser.parse_args(arguments)
    rules = load_rules(RULES)
    model = strength_model(rules)
    params = rules.params(LEARNT)
    # Where one of the model's signs stands for several of ours, the first is what it is for.
    least = {entry["says"]: float(entry["least"]) for entry in reversed(params["signs"])} | {"denied": params["denied"]}
    found = {}
    for part in PARTS if args.json else (args.part,):
        gold, told = judge(model, rules, part)
        found[part] = {sign: score(gold, told, sign, least.get(sign, 1.1)) for sign in SIGNS}
    if args.json:
        print(json.dumps({part: means(scores.values()) for part, scores in found.items()}))
        return
    print(f"{'sign':16}{'gold':>6}{'least':>7}{'average':>9}{'found':>7}{'right':>7}")
    for sign, one in found[args.part].items():
        rest = f"{one.average_precision:9.3f}{one.found:7.2f}{one.right:7.2f}"
        print(f"{sign:16}{one.gold:6}{least.get(sign, 1.1):7.2f}{rest}")
    print("mean", means(found[args.part].values()))


if __name__ == "__main__":
    main()
