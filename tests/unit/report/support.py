"""Results of a run, made by hand: two sources that differ, one that promises too much."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

import msgspec

from pipeline.model import (
    Article,
    Claim,
    Finding,
    FindingValues,
    Flag,
    InputError,
    Place,
    Record,
    Role,
    Stated,
    Value,
    encode,
)
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from tests.support import ROOT

ABSTRACT = (
    "Of 55 runners, 48.2% of the arnica group and 10.7% of the placebo group were free of bruises after two weeks."
)
STORY = "After two weeks 84 percent of runners on arnica had no bruises, against 11 percent on placebo."
GROUPS: tuple[tuple[Role, str], ...] = (("arm", "the arnica group"), ("comparator", "the placebo group"))
PROMISE = "Arnica works for everyone."


@functools.cache
def rules() -> Ruleset:
    """The project's own."""
    return load_rules(ROOT / "rules")


def article(article_id: str, text: str, **about: Any) -> Article:
    """An article of this text; what is not named in ``about`` goes without saying."""
    given: dict[str, Any] = {
        "input_id": None,
        "path": f"{article_id}.html",
        "url": f"https://{article_id}.example.org/page",
        "title": f"About {article_id}",
        "author": None,
        "publisher": article_id.capitalize(),
        "published": "2024-05-06",
        "kind": "news",
        "language": "en",
        "sha256": "0" * 64,
        "references": (),
        "citations": (),
    }
    return Article(article_id=article_id, text=text, **{**given, **about})


def value(text: str, words: str, number: float, role: Any, group: str) -> Value:
    start = text.index(words)
    return Value(
        text=words,
        start=start,
        end=start + len(words),
        value=number,
        low=None,
        high=None,
        unit="percent",
        qualifier=None,
        role=role,
        group=group,
        group_id=None,
    )


def claim(claim_id: str, of: Article, quote: str, *values: Value) -> Claim:
    start = of.text.index(quote)
    return Claim(
        claim_id=claim_id,
        article_id=of.article_id,
        quote=quote,
        start=start,
        end=start + len(quote),
        values_hash=hashlib.sha256(quote.encode()).hexdigest()[:16],
        kind="comparison",
        measure="proportion",
        values=values,
        rule="made-by-hand",
        confidence=1.0,
    )


def place(of: Article, quote: str, role: Any) -> Place:
    start = of.text.index(quote)
    return Place(article_id=of.article_id, start=start, end=start + len(quote), quote=quote, role=role)


def stated(of: Claim, number: int) -> Stated:
    found = of.values[number]
    return Stated(
        claim_id=of.claim_id,
        article_id=of.article_id,
        text=found.text,
        value=found.value,
        low=found.low,
        high=found.high,
        unit=found.unit,
        qualifier=found.qualifier,
    )


def flag(flag_id: str, rule: str, severity: Any, message: str, *places: Place, **about: Any) -> Flag:
    given: dict[str, Any] = {
        "family": "disagreement",
        "finding_id": None,
        "claim_ids": (),
        "details": {},
        "values_hash": "2" * 16,
    }
    return Flag(flag_id=flag_id, rule=rule, severity=severity, message=message, places=places, **{**given, **about})


def write(folder: Path, name: str, *records: Record) -> None:
    (folder / f"{name}.jsonl").write_bytes(b"".join(encode(record) + b"\n" for record in records))


def results(folder: Path, story: str = STORY, **hostile: Any) -> Path:
    """A folder of results: an abstract (``ledger``), a story (``wire``) whose figure differs, and a clinic's page (``clinic``) whose
    fields ``hostile`` replaces."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger = article("ledger", f"Methods were sound.\n\n{ABSTRACT} More is needed.", kind="primary")
    wire = article("wire", f"Good news for runners! {story}")
    clinic = article("clinic", hostile.pop("text", f"{PROMISE} Call us."), **{"kind": "clinic", **hostile})
    promise = clinic.text.split("\n")[0]
    figures = [word for word in story.split() if word.isdigit()]
    claims = (
        claim("c1", ledger, ABSTRACT, *_pair(ledger.text, "48.2%", "10.7%", "the arnica group", "the placebo group")),
        claim(
            "c2",
            wire,
            story,
            *_pair(wire.text, f"{figures[0]} percent", f"{figures[1]} percent", "runners on arnica", "on placebo"),
        ),
    )
    finding = Finding(
        finding_id="f1",
        label="no bruises, after two weeks: arnica v placebo",
        claim_ids=("c1", "c2"),
        articles=2,
        witnesses=2,
        status="disagree",
        values=tuple(
            FindingValues(
                role=role,
                group=group,
                group_id=None,
                stated=tuple(stated(one, number) for one in claims),
                reference=stated(claims[0], number),
            )
            for number, (role, group) in enumerate(GROUPS)
        ),
    )
    flags = (
        flag(
            "a1",
            "value-mismatch",
            "error",
            f"Wire gives {figures[0]} percent, where Ledger gives 48.2%: check which is right.",
            place(wire, story, "subject"),
            place(ledger, ABSTRACT, "evidence"),
            finding_id="f1",
            claim_ids=("c2", "c1"),
        ),
        flag(
            "b2",
            "absolute-efficacy",
            "warning",
            f"{clinic.publisher} promises more than any source supports: “{promise}”.",
            place(clinic, promise, "subject"),
            family="overstatement",
        ),
    )
    write(folder, "articles", clinic, ledger, wire)
    write(folder, "claims", *claims)
    write(folder, "findings", finding)
    write(folder, "flags", *flags)
    write(folder, "statements")
    write(folder, "errors", InputError(path="bad.html", reason="is empty"))
    (folder / "run.json").write_bytes(msgspec.json.encode({"version": "0.1.0"}))
    return folder


def _pair(text: str, first: str, second: str, arm: str, comparator: str) -> tuple[Value, Value]:
    def number(words: str) -> float:
        return float(words.removesuffix(" percent").removesuffix("%"))

    return (
        value(text, first, number(first), "arm", arm),
        value(text, second, number(second), "comparator", comparator),
    )
