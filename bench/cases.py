"""Scores the checks one by one on short cases in ``tests/golden/cases``: one or more sources that a rule is to speak of, or not.

A file is named for the rule that its cases are about. A case has ``sources`` (``kind``, ``text``, perhaps ``title``, ``publisher``) and
either ``raises`` (the number of the source, from 1, and the ``quote`` that the flag is about) or ``silent`` (looks alike, and is not
wrong). Run ``python -m bench.cases [PART] [--rule RULE] [--list]``.

All were written by people who had not seen the program, and asked for other words than the usual ones. Those of the part ``read`` were
read while rules were written; those of ``fresh``, by other people, are not to be read, and only what they come to in all is looked at.
Of those in ``read`` the last 14 of each rule were ``fresh`` until .34 of them were raised (.95 of the others silent), and the 13 before
them were read at once: .31 and .93 at first sight.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench.clusters import RULES, span_of, touches
from pipeline.claims.analyze import Analyzer
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.sources import Sources, read_sources

FOLDER = Path(__file__).parents[1] / "tests" / "golden" / "cases"
PARTS = ("read", "fresh")


def cases_of(part: str, rule: str | None = None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The cases of a part, each with the rule that it is about, by the names of files."""
    for path in sorted((FOLDER / part).glob(f"{rule or '*'}.yaml")):
        for case in yaml.safe_load(path.read_text("utf-8")):
            yield path.stem, case


def read_case(case: Mapping[str, Any], rules: Ruleset, analyzer: Analyzer) -> Sources:
    """Runs the program on one case; its sources are named by their number, from 1."""
    sources = {str(number): source for number, source in enumerate(case["sources"], 1)}
    return read_sources(sources, rules, analyzer)


def is_raised(rule: str, case: Mapping[str, Any], read: Sources) -> bool:
    """Whether ``rule`` speaks of what the case is about: anywhere, where it is to be silent."""
    flags = [flag for flag in read.done.flags if flag.rule == rule]
    if "raises" not in case:
        return bool(flags)
    source = str(case["raises"]["source"])
    span = span_of(read.articles[source], case["raises"]["quote"])
    return any(touches(flag, source, span) for flag in flags)


def score(part: str, rule: str | None = None) -> tuple[Counter[str], list[str]]:
    """How many cases are to be raised and to be silent, and are, in all and by rule; and what went wrong, a line each."""
    rules = load_rules(RULES)
    analyzer = Analyzer(rules)
    counts: Counter[str] = Counter()
    problems: list[str] = []
    for number, (name, case) in enumerate(cases_of(part, rule), 1):
        read = read_case(case, rules, analyzer)
        raised = is_raised(name, case, read)
        wanted = "raises" in case
        kind = "raises" if wanted else "silent"
        for key in (kind, f"{kind} {name}"):
            counts[key] += 1
            counts[f"right {key}"] += raised == wanted
        if raised != wanted:
            said = case["raises"]["quote"] if wanted else case.get("why", "")
            problems.append(f"{name} {number}: {'missed' if wanted else 'not silent'}: {said}")
    return counts, problems


def figures(counts: Mapping[str, int]) -> dict[str, float | None]:
    """The figures that are reported, each 0 to 1; None where there is nothing to count."""
    named = {"raised": "raises", "silent": "silent"}
    return {
        name: round(counts[f"right {kind}"] / counts[kind], 3) if counts.get(kind) else None
        for name, kind in named.items()
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", nargs="?", choices=PARTS, default="read")
    parser.add_argument("--rule", help="only the cases of this rule")
    parser.add_argument("--list", action="store_true", help="print what went wrong, of the cases that may be read")
    parser.add_argument("--json", action="store_true", help="print the figures of both parts as one line of JSON")
    args = parser.parse_args(arguments)
    if args.json:
        print(json.dumps({part: figures(score(part)[0]) for part in PARTS}))
        return
    if args.list and args.part == "fresh":
        parser.error("the fresh cases are not to be read: leave out --list")
    counts, problems = score(args.part, args.rule)
    if args.list:
        print("\n".join(problems))
    if args.part == "read":
        for rule in sorted({key.split()[-1] for key in counts if len(key.split()) > 1 and key.split()[0] != "right"}):
            raised, silent = (
                f"{counts[f'right {kind} {rule}']:2} of {counts[f'{kind} {rule}']:2}" for kind in ("raises", "silent")
            )
            print(f"{rule:22} raised {raised}   silent {silent}")
    for name, value in figures(counts).items():
        print(f"{name:10} {value}")


if __name__ == "__main__":
    main()
