from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.clean.clean import canonical_url, clean
from pipeline.config import Limits
from pipeline.errors import UnusableInputError
from tests.unit.clean.support import LIMITS, ROOT, alnum, cleaned, document, rules

SHARED = ROOT.parent / "shared"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no readable text"),
        (" \n\t\u200b ", "no readable text"),
        ("--- *** ---", "no readable text"),
        ("tea" + "\x00\x01" * 50, "binary content"),
    ],
)
def test_unreadable_text_is_refused(content: str, reason: str) -> None:
    with pytest.raises(UnusableInputError, match=reason) as caught:
        clean(document(content), rules(), LIMITS)
    assert caught.value.path == "a.txt"


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="limit of 20"):
        clean(document("Tea keeps people awake at night."), rules(), Limits(text_chars=20))


def test_an_unreadable_page_is_named() -> None:
    with pytest.raises(UnusableInputError) as caught:
        clean(document("<html><body></body></html>", "html"), rules(), LIMITS)
    assert caught.value.path == "a.txt"


def test_given_metadata_wins() -> None:
    text = "Tea And The Sleep Of Gardeners\n\nBy Jane Roe\n\nMay 4, 2019\n\nTea keeps people awake."
    read = cleaned(text).meta
    assert (read.title, read.author, read.published) == ("Tea And The Sleep Of Gardeners", "Jane Roe", "2019-05-04")
    given = cleaned(
        text, title="Tea", author="Poe", published="3 June 2020", kind="press", language="de", publisher="Leaf"
    ).meta
    assert (given.title, given.author, given.published, given.kind) == ("Tea", "Poe", "2020-06-03", "press")
    assert (given.language, given.publisher) == ("de", "Leaf")
    assert cleaned(text).text == "Tea And The Sleep Of Gardeners\n\nTea keeps people awake."


@pytest.mark.parametrize(
    ("given", "found"), [("March 2019", "2019-03"), ("03/04/2020", "2020-04-02"), ("2019", "2019")]
)
def test_a_page_says_more_than_an_ambiguous_date(given: str, found: str) -> None:
    body = "<p>Tea keeps gardeners awake, as 40 of them said to us.</p><p>Milk does not keep them awake at all.</p>"
    head = f"<head><meta name='citation_date' content='{given}'></head>"
    page = f"<html>{head}<body><h1>Tea</h1><time datetime='2020-04-02'>2 April</time>{body}</body></html>"
    assert cleaned(page, "html").meta.published == found


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("2020-05-04T10:00:00Z", "2020-05-04"),
        ("2020-05", "2020-05"),
        ("20200504", "2020-05-04"),
        ("Monday, May 4th, 2020", "2020-05-04"),
        ("4. May 2020", "2020-05-04"),
        ("Sept. 2020", "2020-09"),
        ("25/12/2020", "2020-12-25"),
        ("12/25/2020", "2020-12-25"),
        ("03/04/2020", None),
        ("2020-13-45", None),
        ("30 February 2020", None),
        ("March 2019", "2019-03"),
        ("3rd of March, 2019", "2019-03-03"),
        ("4-Mar-2019", "2019-03-04"),
        ("2019-02-29", None),
        ("yesterday", None),
    ],
)
def test_dates_become_iso(raw: str, iso: str | None) -> None:
    assert cleaned("Tea keeps people awake.", published=raw).meta.published == iso


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("HTTPS://Example.org:443/Tea?utm_source=x#top", "https://example.org/Tea"),
        ("www.example.org/tea", "http://www.example.org/tea"),
        ("http://example.org/tea?id=5", "http://example.org/tea?id=5"),
        ("https://web.archive.org/web/20190504030201/https:/www.example.org/tea", "https://www.example.org/tea"),
        ("ftp://example.org/tea", None),
        ("tea", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_addresses_are_canonical(raw: str, canonical: str | None) -> None:
    assert canonical_url(raw) == canonical


def test_the_publisher_falls_back_to_the_host() -> None:
    assert cleaned("Tea keeps people awake.", url="https://www.example.org/tea").meta.publisher == "example.org"


def test_the_language_of_a_short_text_is_not_guessed() -> None:
    assert cleaned("Tea helps.").meta.language is None
    english = (
        "The gardeners of this town drink tea in the evening, and most of them say that they sleep well in spite of it. "
        * 2
    )
    german = (
        "Die Gärtner dieser Stadt trinken am Abend Tee, und die meisten von ihnen sagen, dass sie trotzdem gut schlafen. "
        * 2
    )
    assert cleaned(english).meta.language == "en"
    assert cleaned(german).meta.language == "de"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            "clinic",
            "Sleep Tea\n\nOur clinic has tea for all our patients.\n\nBook an appointment and call us.\n\nTea is good.",
        ),
        (
            "primary",
            "BACKGROUND: Tea wakes. METHODS: We randomly assigned 40 gardeners. RESULTS: They slept less (P = .02).",
        ),
        (
            "review",
            "Tea: a review\n\nIn this review, we searched for trials of tea. Databases were searched until May.",
        ),
        (
            "news",
            "Tea wakes\n\nLONDON (Reuters) - Gardeners sleep badly, said Jane Roe on Monday. “It’s the tea,” she said.",
        ),
        (
            "press",
            "FOR IMMEDIATE RELEASE\n\nTea wakes gardeners\n\nLeaf Inc. announced today that tea wakes.\n\nMedia Contact\n\nJane Roe",
        ),
        ("other", "I like tea. It is good."),
    ],
)
def test_the_kind_is_inferred(kind: str, text: str) -> None:
    assert cleaned(text).meta.kind == kind


def test_markdown() -> None:
    text = (
        "# Tea\n\nTea keeps *many* people awake[^1], says "
        "[a study](http://example.org/x).<sup>2</sup> They had 10<sup>2</sup> cups.\n\n- one\n  - two\n\n3. three\n\n"
        "| a | b |\n|---|---|\n| 1 | 20% |\n\n```\ncode\n```\n\n[^1]: Roe A. Tea. J Tea. 2018;3:1-4.\n"
    )
    found = cleaned(text, "markdown")
    assert [(b.kind, b.text, b.level) for b in found.blocks] == [
        ("heading", "Tea", 1),
        ("paragraph", "Tea keeps many people awake[1], says a study. [2] They had 10² cups.", 0),
        ("list_item", "one", 0),
        ("list_item", "two", 1),
        ("list_item", "3. three", 0),
        ("table_row", "a | b", 0),
        ("table_row", "1 | 20%", 0),
    ]
    assert [r.key for r in found.references] == ["1"]
    assert found.meta.title == "Tea"


@pytest.mark.skipif(not (SHARED / "gold").is_dir(), reason="the hand annotation is not at hand")
def test_every_annotated_sentence_survives() -> None:
    texts = {p.name: alnum(cleaned(p.read_text("utf-8")).text) for p in sorted((SHARED / "seeds").glob("*.txt"))}
    lost = [
        claim["claim_id"]
        for claim in map(json.loads, (SHARED / "gold" / "seeds.claims.jsonl").read_text("utf-8").splitlines())
        if alnum(claim["quote"]) not in texts[claim["file"]]
    ]
    assert lost == []


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the seed articles are not at hand")
def test_kinds_of_the_seeds() -> None:
    kinds = {p.name[:3]: cleaned(p.read_text("utf-8")).meta.kind for p in Path(SHARED / "seeds").glob("*.txt")}
    assert kinds == {"000": "news", "001": "review", "002": "clinic", "003": "clinic", "004": "clinic"}
