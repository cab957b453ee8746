"""Scores findings and flags on stories whose gold stands in ``tests/golden/clusters``: several articles about one study each.

A story is a YAML file with ``sources``, ``findings`` (sentences that report one result), ``flags`` (problems to be raised, with the
sentence each is about) and ``silent`` (look-alikes that must raise nothing). What has ``confidence: medium`` is right where the program
has it and not missed where it has not: a flag that is arguable, a finding that is no result of the study (its size, a quotation that
several print). Run ``python -m bench.clusters [FILE ...] [--list]``.

The stories were written by people who had not seen the program. Those numbered below 17, of those to 32 the odd ones, and those from 33 to
40 were read while the checks were written. The even ones from 18 to 32 are ``kept``: only their figures are looked at, never ``--list``;
but what their figures fell by was left undone, so that they are no longer wholly blind. Those from 105 on are ``fresh``: their figures
guided nothing. Those from 41 to 48 were, until .55 of their flags were raised and .70 of those raised right; of those from 51 to 62, which
were read at once, .55 at first sight (.66 right); of those from 71 to 82, .48 (.73 right) before what was raised wrongly was read; of those
from 91 to 102, which were read at once, .40 at first sight (.57 right).
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from pipeline.claims.analyze import Analyzer
from pipeline.model import Article, Flag
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.run.sources import Sources, read_sources

PAGE = (
    "interested-source",
    "references-missing",
    "dangling-citation",
    "shared-origin",
    "omitted-null",
    "misattributed-source",
    "self-contradiction",
)
"""Rules that speak of a page as a whole: any place on it will do."""
FOLDER = Path(__file__).parents[1] / "tests" / "golden" / "clusters"
RULES = Path(__file__).parents[1] / "rules"
KEPT = range(18, 33, 2)
"""Numbers of the stories that are not to be read by those who write the rules and checks."""
FRESH = range(105, 111)
"""Numbers of the stories that are not to be read and whose figures decide nothing."""
_MARK = re.compile(r"[⁰¹²³⁴-⁹]|[\[(][0-9]|[.,;:”\"’][0-9]{1,3}(?!\w)")
"""What may begin a mark of a reference, which cleaning sets apart."""
_META = ("kind", "publisher", "title", "published", "url", "author")


class Story(NamedTuple):
    """One story, and what the program makes of it."""

    gold: Mapping[str, Any]
    read: Sources


class Score(NamedTuple):
    """Counts of one story or several, and what was wrong, a line each."""

    counts: Counter[str]
    problems: list[str]


def read_story(path: Path, rules: Ruleset, analyzer: Analyzer) -> Story:
    """Runs the program on one story."""
    gold = yaml.safe_load(path.read_text("utf-8"))
    known = ("text", *_META)
    sources = {
        str(source["id"]): {key: str(source[key]) for key in known if source.get(key)} for source in gold["sources"]
    }
    return Story(gold, read_sources(sources, rules, analyzer))


def span_of(article: Article, quote: str) -> tuple[int, int] | None:
    """Where ``quote`` stands in the cleaned text, whatever its white space; where it has marks of references, however these are set."""
    words = quote.split()
    flat = " ".join(article.text.split())
    if " ".join(words) not in flat:
        return _span_of_letters(article, quote) if _MARK.search(quote) is not None else None
    text = article.text
    at = 0
    while (at := text.find(words[0], at)) >= 0:
        place = at
        for word in words:
            while place < len(text) and text[place].isspace():
                place += 1
            if not text.startswith(word, place):
                break
            place += len(word)
        else:
            return at, place
        at += 1
    return None


def _span_of_letters(article: Article, quote: str) -> tuple[int, int] | None:
    """The same by letters and digits alone."""
    flat, places = _letters(article.text)
    wanted, _ = _letters(quote)
    at = flat.find(wanted)
    return (places[at], places[at + len(wanted) - 1] + 1) if wanted and at >= 0 else None


def _letters(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text, raised digits as others, and the place of each."""
    pairs = [
        (letter, place)
        for place, character in enumerate(text)
        for letter in unicodedata.normalize("NFKC", character)
        if letter.isalnum()
    ]
    return "".join(letter for letter, _ in pairs), [place for _, place in pairs]


def members(story: Story, finding: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The sources of a finding of the gold, each with the ids of the claims that touch what it says of it."""
    for member in finding["members"]:
        source = str(member["source"])
        span = span_of(story.read.articles[source], member["quote"])
        claims = story.read.claims[source] if span is not None else ()
        yield source, [c.claim_id for c in claims if span is not None and c.start < span[1] and span[0] < c.end]


def touches(flag: Flag, source: str, span: tuple[int, int] | None) -> bool:
    return span is not None and any(
        place.article_id == source
        and place.role == "subject"
        and (flag.rule in PAGE or (place.start < span[1] and span[0] < place.end))
        for place in flag.places
    )


def score_story(story: Story) -> Score:
    """Pairs of claims of two sources in one finding, flags raised, and look-alikes flagged."""
    counts: Counter[str] = Counter()
    problems: list[str] = []
    finding_of = {claim: f.finding_id for f in story.read.done.findings for claim in f.claim_ids}
    right: set[frozenset[str]] = set()
    for finding in story.gold.get("findings") or ():
        quotes = [str(member["quote"]) for member in finding["members"]]
        told = [(*member, quote) for member, quote in zip(members(story, finding), quotes, strict=True)]
        for (one, a, q), (other, b, r) in combinations(told, 2):
            if one == other:
                continue
            pairs = [frozenset((x, y)) for x in a for y in b]
            right.update(pairs)
            if finding.get("confidence") == "medium":
                continue  # right where they are joined, not missed where they are apart
            counts["pairs"] += 1
            joined = any(len({finding_of.get(claim, claim) for claim in pair}) == 1 for pair in pairs)
            counts["pairs_joined"] += joined
            if not joined:
                problems.append(
                    f"apart: {finding['label']}: {one} {q[:60]!r} / {other} {r[:60]!r}{'' if a and b else ' (no claim)'}"
                )
    _pairs_said(story, right, counts, problems)
    _flags(story, counts, problems)
    return Score(counts, problems)


def _pairs_said(story: Story, right: set[frozenset[str]], counts: Counter[str], problems: list[str]) -> None:
    claims = {c.claim_id: c for found in story.read.claims.values() for c in found}
    for finding in story.read.done.findings:
        for one, other in combinations(finding.claim_ids, 2):
            if claims[one].article_id == claims[other].article_id:
                continue
            counts["pairs_said"] += 1
            good = frozenset((one, other)) in right
            counts["pairs_said_right"] += good
            if not good:
                problems.append(f"joined: {claims[one].quote[:80]!r} / {claims[other].quote[:80]!r}")


def _flags(story: Story, counts: Counter[str], problems: list[str]) -> None:
    good: set[str] = set()
    for wanted in story.gold.get("flags") or ():
        source = str(wanted["source"])
        span = span_of(story.read.articles[source], wanted["quote"])
        rules = {wanted["rule"], *wanted.get("also", ())}
        hits = {f.flag_id for f in story.read.done.flags if f.rule in rules and touches(f, source, span)}
        good |= hits
        if wanted.get("confidence") == "medium":
            continue  # right where it is raised, not missed where it is not
        counts["flags"] += 1
        counts[f"wanted {wanted['rule']}"] += 1
        counts["flags_found"] += bool(hits)
        counts[f"found {wanted['rule']}"] += bool(hits)
        if not hits:
            problems.append(f"missed flag: {wanted['rule']}: {source}: {wanted['quote'][:110]!r}")
    for quiet in story.gold.get("silent") or ():
        source = str(quiet["source"])
        span = span_of(story.read.articles[source], quiet["quote"])
        for flag in story.read.done.flags:
            if flag.rule == quiet["rule"] and flag.flag_id not in good and touches(flag, source, span):
                counts["silent_broken"] += 1
                problems.append(
                    f"broken silence: {flag.rule}: {source}: {quiet['quote'][:90]!r} ({quiet.get('why', '')[:80]})"
                )
        counts["silent"] += 1
    for flag in story.read.done.flags:
        if flag.severity == "note" and flag.rule == "rounded":
            continue
        counts["flags_said"] += 1
        counts[f"said {flag.rule}"] += 1
        counts["flags_said_right"] += flag.flag_id in good
        if flag.flag_id not in good:
            problems.append(f"extra flag: {flag.rule}: {flag.message[:200]}")


def score(paths: Iterable[Path], rules_folder: Path = RULES) -> Score:
    """All stories together."""
    rules = load_rules(rules_folder)
    analyzer = Analyzer(rules)
    counts: Counter[str] = Counter()
    problems: list[str] = []
    for path in sorted(paths):
        one = score_story(read_story(path, rules, analyzer))
        counts += one.counts
        problems += [f"{path.stem[:16]:16} {problem}" for problem in one.problems]
    return Score(counts, problems)


def shares(counts: Mapping[str, int]) -> dict[str, float | None]:
    """The figures that are reported, each 0 to 1; None where there is nothing to count."""

    def share(part: str, whole: str) -> float | None:
        return round(counts[part] / counts[whole], 3) if counts.get(whole) else None

    return {
        "pairs joined": share("pairs_joined", "pairs"),
        "joined pairs right": share("pairs_said_right", "pairs_said"),
        "flags found": share("flags_found", "flags"),
        "flags right": share("flags_said_right", "flags_said"),
    }


PARTS = ("read", "kept", "fresh")


def _part(number: int) -> str:
    if number in FRESH:
        return "fresh"
    return "kept" if number in KEPT else "read"


def parts_of(folder: Path = FOLDER) -> dict[str, list[Path]]:
    """The files of the stories by part: read while the checks were written, kept, and fresh."""
    parts: dict[str, list[Path]] = {name: [] for name in PARTS}
    for path in sorted(folder.glob("*.yaml")):
        parts[_part(int(path.name.partition("-")[0]))].append(path)
    return parts


def _figures(found: Score) -> dict[str, float | None]:
    silent = found.counts["silent"]
    kept_silent = round(1 - found.counts["silent_broken"] / silent, 3) if silent else None
    return {**shares(found.counts), "look-alikes silent": kept_silent}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument(
        "--list",
        action="store_true",
        help="print what was missed and what was wrong; without FILE, of the read stories",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the figures of the read, the kept and the fresh stories as one line of JSON",
    )
    args = parser.parse_args()
    if args.json:
        print(json.dumps({name: _figures(score(paths)) for name, paths in parts_of().items()}))
        return
    found = score(args.files or (parts_of()["read"] if args.list else FOLDER.glob("*.yaml")))
    if args.list:
        print("\n".join(found.problems))
    for name, value in shares(found.counts).items():
        print(f"{name:20} {value}")
    print(f"{'silent broken':20} {found.counts['silent_broken']} of {found.counts['silent']}")
    rules = sorted(name[7:] for name in found.counts if name.startswith("wanted "))
    said = sorted({name[5:] for name in found.counts if name.startswith("said ")} | set(rules))
    for rule in said:
        wanted, hit, raised = (found.counts[f"{kind} {rule}"] for kind in ("wanted", "found", "said"))
        print(f"  {rule:22} wanted {wanted:3} found {hit:3} said {raised:3}")


if __name__ == "__main__":
    main()
