"""A folder of results made by hand, with texts that offsets go wrong in, and how every format is read back."""

from __future__ import annotations

import io
from pathlib import Path

from pipeline.export.formats import writer
from pipeline.export.source import read_entries
from pipeline.model import Article, Claim, SampleSize, Slot, Study, Timepoint, Value, encode

ASTRAL = "🧪🧑🏽‍🔬 Trial notes"
SENTENCE = "𝛃-blocker cafe\u0301 tea cut falls by −3.1 points, and 12% of drinkers (n = 40) against 30% of others fell at week six."
"""Letters beyond the basic plane, a combining accent, a minus sign that is no hyphen."""
TEXT = f'{ASTRAL}\n\n{SENTENCE}\n\n=SUM(A1), "quoted"; it said. Cocoa 🍫 won in e\u0301te\u0301: −5 points!\u2028End of it.'
FORMULA = '=SUM(A1), "quoted"; it said.'


def value(text: str, start: int, **fields: object) -> Value:
    empty = dict.fromkeys(("value", "low", "high", "unit", "qualifier"))
    return Value(text=text, start=start, end=start + len(text), **{**empty, **fields})  # type: ignore[arg-type]


def article(article_id: str, text: str, **fields: object) -> Article:
    shared = dict.fromkeys(("input_id", "url", "title", "author", "publisher", "published", "language"))
    return Article(
        article_id=article_id,
        path=f"{article_id}.txt",
        kind="news",
        sha256="0" * 64,
        references=(),
        citations=(),
        text=text,
        **{**shared, **fields},  # type: ignore[arg-type]
    )


def claim(article_id: str, claim_id: str, text: str, quote: str, **fields: object) -> Claim:
    start = text.index(quote)
    defaults = {"kind": "comparison", "measure": "proportion", "values": (), "rule": "made-by-hand", "confidence": 0.5}
    return Claim(
        claim_id=claim_id,
        article_id=article_id,
        quote=quote,
        start=start,
        end=start + len(quote),
        values_hash="f" * 16,
        **{**defaults, **fields},  # type: ignore[arg-type]
    )


def two_articles() -> tuple[list[Article], list[Claim]]:
    at = TEXT.index
    articles = [
        article("a", TEXT, url="https://news.example/a", title="+Tea, and 𝛃", publisher="'Morning'", language="en"),
        article("b", "Nothing was counted here."),
    ]
    claims = [
        claim(
            "a",
            "c1",
            TEXT,
            SENTENCE,
            values=(
                value("12%", at("12%"), value=12.0, unit="percent", role="arm", group="drinkers", n=40),
                value("30%", at("30%"), value=30.0, unit="percent", role="comparator", group="others", group_id="-x"),
            ),
            intervention=Slot(text="cafe\u0301 tea", id="tea"),
            condition=Slot(text="stands in another sentence"),
            outcome=Slot(text="fell"),
            timepoint=Timepoint(text="week six", days=42.0),
            sample_size=SampleSize(text="forty", value=40.0),
            study=Study(ref_keys=("1", "Marl et al., 2020"), cue="trial"),
            direction="lower",
            confidence=0.8,
        ),
        claim(
            "a",
            "c2",
            TEXT,
            SENTENCE,
            kind="single",
            measure="difference",
            values=(value("−3.1 points", at("−3.1"), value=-3.1, unit="points"),),
            intervention=Slot(text="cafe\u0301 tea", id="tea"),
        ),
        claim("a", "c3", TEXT, FORMULA, kind="assertion", measure="other"),
        claim(
            "a",
            "c4",
            TEXT,
            "Cocoa 🍫 won in e\u0301te\u0301: −5 points!",
            values=(value("−5 points", at("−5 p"), value=-5.0, unit="points"),),
        ),
    ]
    return articles, claims


def write_results(folder: Path, articles: list[Article], claims: list[Claim]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, records in (("articles", articles), ("claims", claims)):
        (folder / f"{name}.jsonl").write_bytes(b"".join(encode(record) + b"\n" for record in records))
    return folder


def exported(folder: Path, name: str) -> bytes:
    out = io.BytesIO()
    writer(name)(read_entries(folder), out)
    return out.getvalue()
