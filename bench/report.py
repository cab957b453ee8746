"""How long a report of thousands of problems takes to be made and to open in a browser.

``python -m bench.report`` makes results of 5,000 flags, writes the report, opens it in headless Chromium some times, and prints the
figures; the last line is JSON. Without Chromium only the making is measured.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.common import ROOT, write_table
from pipeline.model import Article, Claim, Finding, FindingValues, Flag, Place, PlaceRole, Role, Stated, Value
from pipeline.model import encode as encoded
from pipeline.report.build import build_report
from pipeline.report.formats.html import render_html
from pipeline.rules.loader import load_rules

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_FLAGS = 5000
_GOAL = 2
"""Seconds that it may take to open."""
TABLE = "<!-- report: make bench -->", "<!-- end of report -->"
"""Where in the document the table stands."""
_OPENINGS = 5
_SEED = 20260401
_TREATMENTS = (
    "arnica",
    "valerian",
    "ginger",
    "zinc",
    "melatonin",
    "curcumin",
    "honey",
    "acupuncture",
    "magnesium",
    "omega oils",
)
_OUTCOMES = (
    "slept well",
    "had no pain",
    "were free of bruises",
    "kept to the diet",
    "stopped smoking",
    "caught no cold",
)
_KINDS = ("primary", "review", "news", "press", "clinic", "reference", "other")
_RULES: tuple[tuple[str, Any, Any], ...] = (
    ("value-mismatch", "error", "disagreement"),
    ("inflated-value", "warning", "overstatement"),
    ("dropped-comparator", "warning", "overstatement"),
    ("absolute-efficacy", "warning", "overstatement"),
    ("rounded", "note", "disagreement"),
    ("unsupported", "note", "integrity"),
)


def made_results(folder: Path, flags: int, seed: int = _SEED) -> Path:
    """Writes results with so many flags, on findings of two to six sources each, into ``folder``; the same for the same ``seed``."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    made = _Made()
    number = 0
    while len(made.flags) < flags:
        made.story(chance, number, flags)
        number += 1
    for name, records in (
        ("articles", made.articles),
        ("claims", made.claims),
        ("findings", made.findings),
        ("flags", made.flags),
        ("statements", []),
        ("errors", []),
    ):
        (folder / f"{name}.jsonl").write_bytes(b"".join(encoded(record) + b"\n" for record in records))
    return folder


class _Made:
    def __init__(self) -> None:
        self.articles: list[Article] = []
        self.claims: list[Claim] = []
        self.findings: list[Finding] = []
        self.flags: list[Flag] = []

    def story(self, chance: random.Random, number: int, most: int) -> None:
        """One result told by several articles, with flags on some of them."""
        treatment, outcome = chance.choice(_TREATMENTS), chance.choice(_OUTCOMES)
        people, weeks = chance.randrange(20, 4000), chance.randrange(1, 53)
        arm, control = round(chance.uniform(20, 90), 1), round(chance.uniform(2, 60), 1)
        claims: list[Claim] = []
        articles: list[Article] = []
        for source in range(chance.randrange(2, 7)):
            shown = (
                (arm, control) if source == 0 else (float(round(arm + chance.choice((0, 0, 9)))), float(round(control)))
            )
            sentence = (
                f"In a study of {people} people, {shown[0]:g} percent of those who were given {treatment} {outcome} after {weeks} weeks, "
                f"against {shown[1]:g} percent of those who were given nothing."
            )
            text = f"Readers write to us about {treatment} every week.\n\nWe looked it up. {sentence} Nobody knows how long that lasts."
            article = _article(f"a{number}-{source}", treatment, _KINDS[min(source, len(_KINDS) - 1)], text)
            articles.append(article)
            claims.append(_claim(f"c{number}-{source}", article, sentence, shown))
        finding = Finding(
            finding_id=f"f{number:06}",
            label=f"{outcome}, after {weeks} weeks: {treatment} v nothing",
            claim_ids=tuple(claim.claim_id for claim in claims),
            articles=len(articles),
            witnesses=len(articles),
            status="disagree",
            values=tuple(_group(claims, place, role) for place, role in ((0, "arm"), (1, "comparator"))),
        )
        self.articles += articles
        self.claims += claims
        self.findings.append(finding)
        for index in range(1, len(claims)):
            if len(self.flags) < most:
                rule, severity, family = chance.choice(_RULES)
                self.flags.append(
                    Flag(
                        flag_id=f"{number:06}{index:02}",
                        family=family,
                        rule=rule,
                        severity=severity,
                        finding_id=finding.finding_id,
                        claim_ids=(claims[index].claim_id, claims[0].claim_id),
                        places=(_place(claims[index], "subject"), _place(claims[0], "evidence")),
                        message=(
                            f"{articles[index].publisher} gives {claims[index].values[0].text} for {treatment}, "
                            f"where {articles[0].publisher} gives {claims[0].values[0].text} ({finding.label})."
                        ),
                        details={},
                        values_hash="0" * 16,
                    )
                )


def _article(article_id: str, treatment: str, kind: Any, text: str) -> Article:
    return Article(
        article_id=article_id,
        input_id=None,
        path=f"{article_id}.html",
        url=f"https://site{int(article_id[1:].split('-')[0]) % 211}.example.org/{article_id}",
        title=f"What {treatment} can do",
        author=None,
        publisher=f"Site {int(article_id[1:].split('-')[0]) % 211}",
        published="2026-04-01",
        kind=kind,
        language="en",
        sha256="0" * 64,
        references=(),
        citations=(),
        text=text,
    )


def _claim(claim_id: str, article: Article, sentence: str, shown: tuple[float, float]) -> Claim:
    start = article.text.index(sentence)
    values = []
    at = start
    roles: tuple[Role, Role] = ("arm", "comparator")
    for number, role in zip(shown, roles, strict=True):
        words = f"{number:g} percent"
        at = article.text.index(words, at)
        values.append(
            Value(
                text=words,
                start=at,
                end=at + len(words),
                value=number,
                low=None,
                high=None,
                unit="percent",
                qualifier=None,
                role=role,
            )
        )
        at += len(words)
    return Claim(
        claim_id=claim_id,
        article_id=article.article_id,
        quote=sentence,
        start=start,
        end=start + len(sentence),
        values_hash="0" * 16,
        kind="comparison",
        measure="proportion",
        values=tuple(values),
        rule="made",
        confidence=1.0,
    )


def _group(claims: list[Claim], place: int, role: Any) -> FindingValues:
    stated = tuple(
        Stated(
            claim_id=claim.claim_id,
            article_id=claim.article_id,
            text=claim.values[place].text,
            value=claim.values[place].value,
            low=None,
            high=None,
            unit="percent",
            qualifier=None,
        )
        for claim in claims
    )
    return FindingValues(role=role, group=role, group_id=None, stated=stated, reference=stated[0])


def _place(claim: Claim, role: PlaceRole) -> Place:
    return Place(article_id=claim.article_id, start=claim.start, end=claim.end, quote=claim.quote, role=role)


def opening_seconds(page: Path, openings: int = _OPENINGS) -> list[float] | None:
    """How long each opening of ``page`` took, in seconds, from asking for it until problems are drawn; ``None`` without a browser."""
    if shutil.which(CHROMIUM) is None:
        return None
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        for _ in range(openings):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            opened = context.new_page()
            opened.goto("about:blank")
            began = time.perf_counter()
            opened.goto(page.as_uri(), wait_until="commit")
            opened.wait_for_selector("html[data-ready]")
            opened.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            found.append(time.perf_counter() - began)
            context.close()
        browser.close()
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("--flags", type=int, default=_FLAGS, help="how many flags; default %(default)s")
    parser.add_argument("--doc", type=Path, help="also write the table into this Markdown file, between its markers")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = made_results(Path(temporary) / "results", options.flags)
        began = time.perf_counter()
        text = render_html(build_report(folder, load_rules(ROOT / "rules")))
        making = time.perf_counter() - began
        page = Path(temporary) / "report.html"
        page.write_text(text, "utf-8")
        opening = opening_seconds(page)
        size = page.stat().st_size
    figures: dict[str, float | None] = {
        "flags": options.flags,
        "megabytes": round(size / 1e6, 2),
        "made_seconds": round(making, 2),
        "opened_seconds": None if opening is None else round(statistics.median(opening), 2),
        "slowest_seconds": None if opening is None else round(max(opening), 2),
    }
    print(
        f"report of {options.flags:,} flags: {figures['megabytes']} MB, made in {figures['made_seconds']} s",
        file=sys.stderr,
    )
    told = (
        "not opened: there is no Chromium"
        if opening is None
        else f"opens in {figures['opened_seconds']} s (median of {len(opening)}, the slowest {figures['slowest_seconds']} s)"
    )
    print(told, file=sys.stderr)
    if options.doc and opening is not None:
        write_table(options.doc, TABLE, table(figures))
    print(json.dumps(figures))
    return 0


def table(figures: dict[str, float | None]) -> list[str]:
    """The figures as a Markdown table."""
    return [
        f"| a report of {figures['flags']:,} flags | measured | to reach |",
        "| --- | --- | --- |",
        f"| opens in headless Chromium, median | {figures['opened_seconds']} s | under {_GOAL} s |",
        f"| the slowest of {_OPENINGS} openings | {figures['slowest_seconds']} s | |",
        f"| is made in | {figures['made_seconds']} s | |",
        f"| size of the page | {figures['megabytes']} MB | |",
    ]


if __name__ == "__main__":
    sys.exit(main())
