"""Which statements without a figure are one finding, on records made by hand."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from pipeline.claims.ids import claim_ids
from pipeline.model import Article, Claim, Direction, SampleSize, Sign, Slot, SourceKind, Statement
from pipeline.reconcile.reconcile import Reconciled, reconcile
from pipeline.rules.loader import load_rules

RULES = load_rules(Path(__file__).parents[3] / "rules")


class Page:
    """An article whose sentences each make one claim without a figure."""

    def __init__(self, name: str, kind: SourceKind = "news") -> None:
        self.name, self.kind = name, kind
        self.sentences: list[str] = []
        self.claims: list[Claim] = []
        self.statements: list[Statement] = []

    def says(
        self,
        sentence: str,
        treatment: str | None,
        outcome: str | None,
        *,
        rule: str = "assertion-by-strength",
        direction: Direction | None = "lower",
        condition: str | None = None,
        size: float | None = None,
        sign: str | None = None,
    ) -> Page:
        start = sum(len(one) + 2 for one in self.sentences)
        self.sentences.append(sentence)
        self.claims.append(
            Claim(
                claim_id=claim_ids(self.name, [(start, sentence)])[0],
                article_id=self.name,
                quote=sentence,
                start=start,
                end=start + len(sentence),
                values_hash="",
                kind="assertion",
                measure="other",
                values=(),
                intervention=Slot(text=treatment) if treatment is not None else None,
                outcome=Slot(text=outcome) if outcome is not None else None,
                condition=Slot(text=condition) if condition is not None else None,
                sample_size=SampleSize(text=f"{size:g}", value=size) if size is not None else None,
                direction=direction,
                strength="causal",
                rule=rule,
                confidence=0.8,
            )
        )
        if sign is not None:
            self.statements.append(
                Statement(
                    article_id=self.name,
                    start=start,
                    end=start + len(sentence),
                    quote=sentence,
                    certainty="asserted",
                    strength="none",
                    signs=(Sign(sign=sign, start=start, end=start + 4, rule="by-hand"),),
                    names=(),
                )
            )
        return self

    @property
    def article(self) -> Article:
        return Article(
            article_id=self.name,
            input_id=None,
            path=self.name,
            url=None,
            title=None,
            author=None,
            publisher=self.name.title(),
            published=None,
            kind=self.kind,
            language="en",
            sha256="0" * 64,
            references=(),
            citations=(),
            text="\n\n".join(self.sentences),
        )


def compared(*pages: Page) -> Reconciled:
    return reconcile(
        [page.article for page in pages],
        {page.name: page.claims for page in pages},
        {page.name: page.statements for page in pages},
        RULES,
    )


def shared(done: Reconciled) -> list[int]:
    """How many claims each finding of several articles has."""
    return [len(finding.claim_ids) for finding in done.findings if finding.articles > 1]


def test_one_effect_in_other_words_is_one_finding() -> None:
    one = Page("abstract", "primary").says("Arnica reduces bruising in runners.", "Arnica", "bruising")
    other = Page("courier").says("A daily arnica tablet lessens bruising.", "A daily arnica tablet", "bruising")
    assert shared(compared(one, other)) == [2]


def test_another_treatment_or_outcome_stays_apart() -> None:
    one = Page("abstract", "primary").says("Arnica reduces bruising in runners.", "Arnica", "bruising")
    other = Page("courier").says("Cupping reduces bruising in runners.", "Cupping", "bruising")
    third = Page("gazette").says("Arnica reduces anxiety.", "Arnica", "anxiety")
    assert shared(compared(one, other, third)) == []


def test_what_contradicts_is_one_finding_on_which_sources_disagree() -> None:
    one = Page("review", "review").says(
        "The safety of arnica has not been established.",
        "arnica",
        "safety",
        rule="assertion-safety-unknown",
        direction=None,
        sign="safety-unknown",
    )
    other = Page("clinic", "clinic").says(
        "Arnica is completely safe.", "Arnica", None, rule="assertion-safe", direction=None, sign="safe-absolute"
    )
    (finding,) = [finding for finding in compared(one, other).findings if finding.articles == 2]
    assert finding.status == "disagree"


def test_a_page_that_says_it_twice_is_one_witness() -> None:
    one = Page("abstract", "primary").says("Arnica reduces bruising in runners.", "Arnica", "bruising")
    other = Page("courier")
    other.says("Arnica reduces bruising.", "Arnica", "bruising")
    other.says("All in all, arnica reduces bruising in runners.", "arnica", "bruising")
    assert shared(compared(one, other)) == [2]


def test_mice_and_people_stay_apart() -> None:
    one = Page("abstract", "primary").says("Arnica reduces bruising in mice.", "Arnica", "bruising", sign="animals")
    other = Page("courier").says("Arnica reduces bruising.", "Arnica", "bruising")
    assert shared(compared(one, other)) == []


def test_an_article_on_one_study_need_not_name_the_treatment_again() -> None:
    def pages(size: float | None) -> tuple[Page, Page]:
        one = Page("abstract", "primary").says(
            "Deaths did not differ with arnica.",
            "arnica",
            "Deaths",
            rule="assertion-no-difference",
            direction="equal",
            size=size,
        )
        other = Page("courier").says("Arnica is old.", "Arnica", None, direction=None)
        other.says("No fewer people died.", None, "died", rule="assertion-no-difference", direction="equal", size=size)
        return one, other

    assert shared(compared(*pages(8412.0))) == [2]
    assert shared(compared(*pages(None))) == []


def test_the_order_of_pages_changes_nothing() -> None:
    pages = [Page(name).says("Arnica reduces bruising.", "Arnica", "bruising") for name in ("one", "two", "three")]
    assert compared(*pages) == compared(*reversed(pages))


def _about(name: str) -> Page:
    """A page on one subject that says of surgery what is said of it everywhere."""
    page = Page(name)
    for one, other in product("bdfgklmnp", "aeiou"):
        page.says(f"{name.title()}{one}{other} slept.", None, None)
    return page.says("Surgery reduces pain in those who wait.", "surgery", "pain")


@pytest.mark.parametrize(("others", "joined"), [(0, True), (300, False)])
def test_among_many_articles_those_on_two_subjects_are_not_joined_by_what_all_have(others: int, joined: bool) -> None:
    knee, eye = _about("knee"), _about("eye")
    rest = [Page(f"rest{i:03}").says("He slept. Surgery reduces pain.", None, None) for i in range(others)]
    assert bool(shared(compared(knee, eye, *rest))) is joined
