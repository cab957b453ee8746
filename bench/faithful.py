"""Counts what is raised on stories of which every article tells the study as it is: each flag is wrong, but for those in their gold.

The stories in ``tests/golden/faithful`` have the form of those in ``tests/golden/clusters`` and were written by people who had not seen the
program: figures in other words and rounded, background figures, other studies beside the one that is told. Those from 67 on are ``kept``:
only their figures are looked at, never ``--list``. (Of the others, those whose number 3 divides were kept while the rest was read: wrong
flags fell from 34 to 2 on the 44 read ones, from 18 to 14 on the 22 kept ones.) Notes are not counted. Run
``python -m bench.faithful [PART] [--list]``.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.clusters import RULES, Story, read_story, span_of, touches
from pipeline.claims.analyze import Analyzer
from pipeline.model import Flag
from pipeline.rules.loader import load_rules

FOLDER = Path(__file__).parents[1] / "tests" / "golden" / "faithful"
PARTS = ("read", "kept")
_KEPT_FROM = 67


def stories_of(part: str) -> list[Path]:
    """The files of a part."""
    numbered = {path: int(path.name[:2]) for path in sorted(FOLDER.glob("*.yaml"))}
    return [path for path, number in numbered.items() if (number >= _KEPT_FROM) == (part == "kept")]


def wrong_flags(story: Story) -> list[Flag]:
    """What is raised, notes apart, and is not in the gold."""
    wanted = [
        (flag["rule"], str(flag["source"]), span_of(story.read.articles[str(flag["source"])], flag["quote"]))
        for flag in story.gold.get("flags") or ()
    ]
    return [
        flag
        for flag in story.read.done.flags
        if flag.severity != "note"
        and not any(flag.rule == rule and touches(flag, source, span) for rule, source, span in wanted)
    ]


def score(part: str) -> tuple[Counter[str], list[str]]:
    """How many stories a part has, how many of them without a wrong flag, and how many such flags by rule; and these, a line each."""
    rules = load_rules(RULES)
    analyzer = Analyzer(rules)
    counts: Counter[str] = Counter()
    problems: list[str] = []
    for path in stories_of(part):
        flags = wrong_flags(read_story(path, rules, analyzer))
        counts.update({"stories": 1, "quiet": not flags, "wrong": len(flags)})
        counts.update(f"wrong {flag.rule}" for flag in flags)
        problems += [f"{path.stem}: {flag.rule}: {flag.message}" for flag in flags]
    return counts, problems


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", nargs="?", choices=PARTS, default="read")
    parser.add_argument("--list", action="store_true", help="print the wrong flags of the stories that may be read")
    parser.add_argument("--json", action="store_true", help="print the figures of both parts as one line of JSON")
    args = parser.parse_args(arguments)
    if args.json:
        found = {part: score(part)[0] for part in PARTS}
        print(json.dumps({part: {"quiet": round(c["quiet"] / c["stories"], 3)} for part, c in found.items()}))
        return
    if args.list and args.part == "kept":
        parser.error("the kept stories are not to be read: leave out --list")
    counts, problems = score(args.part)
    if args.list:
        print("\n".join(problems))
    print(f"{counts['stories']} stories, {counts['quiet']} without a wrong flag, {counts['wrong']} wrong flags")
    for key in sorted(key for key in counts if key.startswith("wrong ")):
        print(f"{counts[key]:3} {key.removeprefix('wrong ')}")


if __name__ == "__main__":
    main()
