"""Scores the flags of the demonstration set in ``raw/`` against ``tests/golden/demo_flags.yaml``.

Run ``python -m bench.demonstration [--list]``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bench.common import ROOT, command
from pipeline.model import Article, Flag
from pipeline.run.results import numbered_records

GOLD = ROOT / "tests" / "golden" / "demo_flags.yaml"


def results(folder: Path) -> tuple[list[Article], list[Flag]]:
    """The articles and flags of a run over ``raw/`` into ``folder``."""
    for arguments in (("extract", "raw", "-o", folder, "--workers", "2"), ("reconcile", folder)):
        done = command(*arguments, "--quiet")
        if done.code:
            raise SystemExit(f"claims {arguments[0]} ended with {done.code}: {done.err}")
    articles = [article for _, article in numbered_records(folder / "articles.jsonl", Article)]
    return articles, [flag for _, flag in numbered_records(folder / "flags.jsonl", Flag)]


def hits(wanted: Mapping[str, Any], articles: list[Article], flags: list[Flag]) -> Iterator[str]:
    """The ids of the flags that are the wanted one: of its rule, or one as good, and on its passage (any of the page without a quote)."""
    article = next(a for a in articles if wanted["page"] in a.path)
    start = article.text.index(wanted["quote"])
    end = start + len(wanted["quote"]) if wanted["quote"] else len(article.text)
    for flag in flags:
        if flag.rule not in (wanted["rule"], *wanted.get("also", ())):
            continue
        if any(
            p.article_id == article.article_id and p.role == "subject" and p.start < end and start < p.end
            for p in flag.places
        ):
            yield flag.flag_id


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--list", action="store_true", help="print what was missed and what was wrong")
    args = parser.parse_args()
    gold = yaml.safe_load(GOLD.read_text("utf-8"))["flags"]
    with tempfile.TemporaryDirectory() as folder:
        articles, flags = results(Path(folder))
    found = [set(hits(wanted, articles, flags)) for wanted in gold]
    good = set().union(*found)
    said = [flag for flag in flags if flag.rule != "rounded"]
    if args.list:
        for wanted, ids in zip(gold, found, strict=True):
            if not ids:
                print(f"missed: {wanted['page']}: {wanted['rule']}: {wanted['quote']!r}")
        for flag in said:
            if flag.flag_id not in good:
                print(f"extra: {flag.rule}: {flag.message}")
    right = sum(flag.flag_id in good for flag in said)
    print(json.dumps({"found": round(sum(map(bool, found)) / len(gold), 3), "right": round(right / len(said), 3)}))


if __name__ == "__main__":
    main()
