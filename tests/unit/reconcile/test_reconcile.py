"""Claims to findings and flags, on records made by hand; the rules' own examples go through the whole program."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.claims.ids import claim_ids, values_hash
from pipeline.model import (
    Article,
    Citation,
    Claim,
    Naming,
    Role,
    SampleSize,
    Sign,
    Slot,
    SourceKind,
    Statement,
    Timepoint,
    Value,
)
from pipeline.reconcile.checks import CHECKS
from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft, Spot, excerpt
from pipeline.reconcile.checks.register import Params
from pipeline.reconcile.reconcile import Reconciled, reconcile
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.schema import known_checks

RULES = load_rules(Path(__file__).parents[3] / "rules")


def article(name: str, kind: SourceKind, *sentences: str) -> Article:
    return Article(
        article_id=name,
        input_id=None,
        path=name,
        url=None,
        title=None,
        author=None,
        publisher=name.title(),
        published=None,
        kind=kind,
        language="en",
        sha256="0" * 64,
        references=(),
        citations=(),
        text="\n\n".join(sentences),
    )


def claim(
    source: Article,
    place: int,
    *shares: tuple[str, float, Role],
    outcome: str = "free of bruises",
    days: float | None = 14.0,
    size: float | None = 55.0,
) -> Claim:
    """The comparison that the sentence at ``place`` (from 0) states, as words, number and role of each share."""
    quote = source.text.split("\n\n")[place]
    start = source.text.index(quote)
    values = tuple(
        Value(
            text=text,
            start=start + quote.index(text),
            end=start + quote.index(text) + len(text),
            value=number,
            low=None,
            high=None,
            unit="percent",
            qualifier=None,
            role=role,
            group="the arnica group" if role == "arm" else "the placebo group",
        )
        for text, number, role in shares
    )
    return Claim(
        claim_id=claim_ids(source.article_id, [(start, quote)])[0],
        article_id=source.article_id,
        quote=quote,
        start=start,
        end=start + len(quote),
        values_hash=values_hash((v.value, v.low, v.high) for v in values),
        kind="comparison",
        measure="proportion",
        values=values,
        intervention=Slot(text="arnica"),
        comparator=Slot(text="placebo"),
        outcome=Slot(text=outcome),
        timepoint=Timepoint(text=f"{days:g} days", days=days) if days is not None else None,
        sample_size=SampleSize(text="55 runners", value=size) if size is not None else None,
        rule="by-hand",
        confidence=0.9,
    )


PRIMARY = article(
    "abstract",
    "primary",
    "At two weeks, 48.2% of the arnica group and 10.7% of the placebo group of 55 runners were free of bruises.",
)
NEWS = article("courier", "news", "Two weeks later 48% of the arnica group had no bruises, against 11% on placebo.")
WRONG = article("gazette", "news", "Two weeks later 84% of the arnica group had no bruises, against 11% on placebo.")
LATER = article("herald", "news", "Six months later 48% of the arnica group had no bruises, against 11% on placebo.")


def told(*articles: Article) -> Reconciled:
    shares: dict[str, tuple[tuple[str, float, Role], ...]] = {
        "abstract": (("48.2%", 48.2, "arm"), ("10.7%", 10.7, "comparator")),
        "courier": (("48%", 48.0, "arm"), ("11%", 11.0, "comparator")),
        "gazette": (("84%", 84.0, "arm"), ("11%", 11.0, "comparator")),
        "herald": (("48%", 48.0, "arm"), ("11%", 11.0, "comparator")),
    }
    claims = {
        a.article_id: [claim(a, 0, *shares[a.article_id], days=182.625 if a is LATER else 14.0)] for a in articles
    }
    return reconcile(articles, claims, {}, RULES)


def rules_of(done: Reconciled) -> set[str]:
    return {flag.rule for flag in done.flags}


def test_one_result_told_twice_is_one_finding_with_the_best_source_as_reference() -> None:
    (finding,) = told(NEWS, PRIMARY).findings
    assert finding.articles == 2
    assert finding.status == "rounded"
    assert [values.role for values in finding.values] == ["arm", "comparator"]
    assert [values.reference.text for values in finding.values if values.reference] == ["48.2%", "10.7%"]
    assert [[stated.text for stated in values.stated] for values in finding.values] == [
        ["48.2%", "48%"],
        ["10.7%", "11%"],
    ]


def test_rounding_is_a_note_and_another_number_an_error() -> None:
    assert {flag.severity for flag in told(PRIMARY, NEWS).flags} == {"note"}
    (flag,) = [flag for flag in told(PRIMARY, WRONG).flags if flag.rule == "value-mismatch"]
    assert flag.severity == "error"
    assert "84%" in flag.message
    assert "48.2%" in flag.message
    assert "Gazette" in flag.message
    assert "Abstract" in flag.message
    assert [place.role for place in flag.places] == ["subject", "evidence"]
    assert flag.places[0].quote == WRONG.text
    assert flag.details["stated"] == 84.0


def test_the_same_figures_at_another_time_are_a_conflict_of_times() -> None:
    assert "timepoint-conflict" in rules_of(told(PRIMARY, LATER))
    assert "timepoint-conflict" not in rules_of(told(PRIMARY, NEWS))


def test_the_order_of_articles_changes_nothing() -> None:
    articles = [PRIMARY, NEWS, WRONG, LATER]
    first = told(*articles)
    random.Random(7).shuffle(articles)
    assert told(*articles) == first


def test_nothing_gives_nothing() -> None:
    assert reconcile([], {}, {}, RULES) == Reconciled((), ())
    assert reconcile([PRIMARY], {}, {}, RULES).findings == ()


def test_a_flag_keeps_its_id_when_a_figure_moves() -> None:
    before = {flag.flag_id for flag in told(PRIMARY, WRONG).flags if flag.rule == "value-mismatch"}
    moved = article("gazette", "news", WRONG.text.replace("84%", "94%"))
    claims = {
        "abstract": [claim(PRIMARY, 0, ("48.2%", 48.2, "arm"), ("10.7%", 10.7, "comparator"))],
        "gazette": [claim(moved, 0, ("94%", 94.0, "arm"), ("11%", 11.0, "comparator"))],
    }
    after = {
        flag.flag_id for flag in reconcile([PRIMARY, moved], claims, {}, RULES).flags if flag.rule == "value-mismatch"
    }
    assert before == after


def test_statements_without_a_claim_may_be_flagged() -> None:
    safe = article("clinic", "clinic", "Arnica has no side effects at all.")
    harm = article("review", "review", "Arnica tablets have caused bleeding and the safety of arnica is unknown.")
    statements = {
        a.article_id: [
            Statement(
                article_id=a.article_id,
                start=0,
                end=len(a.text),
                quote=a.text,
                certainty="asserted",
                strength="none",
                signs=({"clinic": _sign("safe-absolute"), "review": _sign("safety-unknown")}[a.article_id],),
                names=(Naming(label="INTERVENTION", start=0, end=6, text="Arnica"),),
            )
        ]
        for a in (safe, harm)
    }
    done = reconcile([safe, harm], {}, statements, RULES)
    assert [flag.rule for flag in done.flags if flag.rule == "absolute-safety"] == ["absolute-safety"]


def _sign(name: str) -> Sign:
    return Sign(sign=name, start=0, end=5, rule="by-hand")


def test_the_schema_knows_every_check() -> None:
    assert known_checks() == sorted(CHECKS)


def test_a_story_copied_more_often_than_a_key_may_be_shared_is_one_finding() -> None:
    copies = [article(f"paper{i:03}", "news", NEWS.text) for i in range(310)]
    shares: tuple[tuple[str, float, Role], ...] = (("48%", 48.0, "arm"), ("11%", 11.0, "comparator"))
    done = reconcile(copies, {copy.article_id: [claim(copy, 0, *shares)] for copy in copies}, {}, RULES)
    assert [finding.articles for finding in done.findings] == [310]


def hashes(*articles: Article) -> dict[str, str]:
    return {flag.rule: flag.values_hash for flag in told(*articles).flags}


def test_the_hash_of_a_flag_is_of_its_figures_not_of_where_or_how_they_are_told() -> None:
    before = hashes(PRIMARY, WRONG)["value-mismatch"]
    moved = article("gazette", "news", WRONG.text)
    moved = replace(moved, text="Runners fall. \n\n" + moved.text)
    shift = len("Runners fall. \n\n")
    told_moved = claim(WRONG, 0, ("84%", 84.0, "arm"), ("11%", 11.0, "comparator"))
    told_moved = replace(told_moved, start=shift, end=shift + len(WRONG.text))
    first = [claim(PRIMARY, 0, ("48.2%", 48.2, "arm"), ("10.7%", 10.7, "comparator"))]
    done = reconcile([PRIMARY, moved], {"abstract": first, "gazette": [told_moved]}, {}, RULES)
    assert {flag.values_hash for flag in done.flags if flag.rule == "value-mismatch"} == {before}
    worded = {
        **RULES.rules,
        "value-mismatch": {**RULES.rules["value-mismatch"], "message": "Look.", "severity": "note"},
    }
    done = reconcile(
        [PRIMARY, WRONG],
        {"abstract": first, "gazette": [claim(WRONG, 0, ("84%", 84.0, "arm"), ("11%", 11.0, "comparator"))]},
        {},
        Ruleset(worded, RULES.topics),
    )
    assert {(f.message, f.values_hash) for f in done.flags if f.rule == "value-mismatch"} == {("Look.", before)}


def test_the_hash_of_a_flag_changes_with_a_figure_of_either_side() -> None:
    found = set()
    for one, other in (("48.2%", "84%"), ("48.2%", "83%"), ("49.2%", "84%")):
        primary = replace(PRIMARY, text=PRIMARY.text.replace("48.2%", one))
        wrong = replace(WRONG, text=WRONG.text.replace("84%", other))
        claims = {
            "abstract": [claim(primary, 0, (one, float(one[:-1]), "arm"), ("10.7%", 10.7, "comparator"))],
            "gazette": [claim(wrong, 0, (other, float(other[:-1]), "arm"), ("11%", 11.0, "comparator"))],
        }
        flags = reconcile([primary, wrong], claims, {}, RULES).flags
        found |= {(f.flag_id, f.values_hash) for f in flags if f.rule == "value-mismatch"}
    assert len({flag_id for flag_id, _ in found}) == 1
    assert len({values_hash for _, values_hash in found}) == 3


def test_a_renumbered_reference_mark_changes_no_hash() -> None:
    found = set()
    for mark in ("[4]", "[15]"):
        cited = article(
            "gazette", "news", f"Two weeks later 84% {mark} of the arnica group had no bruises, against 11% on placebo."
        )
        at = cited.text.index(mark)
        cited = replace(cited, citations=(Citation(start=at, end=at + len(mark), text=mark, keys=(mark[1:-1],)),))
        claims = {
            "abstract": [claim(PRIMARY, 0, ("48.2%", 48.2, "arm"), ("10.7%", 10.7, "comparator"))],
            "gazette": [claim(cited, 0, ("84%", 84.0, "arm"), ("11%", 11.0, "comparator"))],
        }
        flags = reconcile([PRIMARY, cited], claims, {}, RULES).flags
        found |= {f.values_hash for f in flags if f.rule == "value-mismatch"}
    assert len(found) == 1


def test_pages_of_one_publisher_are_one_witness() -> None:
    def witnesses(*publishers: str | None) -> int:
        papers = [replace(article(f"paper{i}", "news", NEWS.text), publisher=name) for i, name in enumerate(publishers)]
        shares: tuple[tuple[str, float, Role], ...] = (("48%", 48.0, "arm"), ("11%", 11.0, "comparator"))
        (finding,) = reconcile(papers, {p.article_id: [claim(p, 0, *shares)] for p in papers}, {}, RULES).findings
        assert finding.articles == len(publishers)
        return finding.witnesses

    assert witnesses("Daily Wire", "daily  wire", "Courier") == 2
    assert witnesses("Daily Wire", "Daily Wire") == 1
    assert witnesses(None, None) == 2
    assert witnesses("https://www.wire.example/", "http://wire.example") == 1
    assert witnesses("https://web.archive.org", "https://web.archive.org") == 2


def test_articles_that_copy_each_other_are_one_witness() -> None:
    rest = " ".join(f"Here word{i} tells word{i + 1} what runners did on day {i}." for i in range(20))
    papers = [article(name, "news", f"{NEWS.text} {rest}") for name in ("courier", "echo")]
    sentence = article("x", "news", NEWS.text)
    told_by = claim(sentence, 0, ("48%", 48.0, "arm"), ("11%", 11.0, "comparator"))
    claims = {
        paper.article_id: [replace(told_by, article_id=paper.article_id, claim_id=f"c-{paper.article_id}")]
        for paper in papers
    }
    done = reconcile(papers, claims, {}, RULES)
    assert "shared-origin" in rules_of(done)
    assert [(finding.articles, finding.witnesses) for finding in done.findings] == [(2, 1)]


def test_what_a_check_says_twice_of_one_sentence_is_one_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(case: Case, params: Params) -> Iterator[Draft]:
        for one in case.source(Spot(0, 0, 0)).told:
            yield Draft([Spot.of(one)], words={"source": "Abstract", "quote": f"{params['least']}"})

    first = claim(PRIMARY, 0, ("48.2%", 48.2, "arm"))
    second = replace(first, claim_id="another")
    monkeypatch.setitem(CHECKS, "interested_source", twice)
    found = reconcile([PRIMARY], {PRIMARY.article_id: [first, second]}, {}, RULES).flags
    assert [flag.claim_ids for flag in found if flag.rule == "interested-source"] == [(first.claim_id,)]


def test_a_quoted_passage_is_one_line_cut_at_a_word_and_ends_without_a_full_stop() -> None:
    assert excerpt("It  is\nsafe.") == "It is safe"
    assert excerpt("Is it safe?") == "Is it safe?"
    assert excerpt("And so on ...") == "And so on ..."
    cut = excerpt("word " * 100)
    assert cut.endswith("word …")
    assert len(cut) <= 163
    assert len(excerpt("x" * 10_000)) <= 163
