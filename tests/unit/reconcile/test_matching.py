"""Which claims are joined, on records made by hand."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pipeline.model import Article, Claim, Finding, Measure, Slot, SourceKind, Value
from pipeline.reconcile.agreement import is_swapped
from pipeline.reconcile.corpus import Corpus, Told, whole_corpus
from pipeline.reconcile.likeness import Judge, Likeness
from pipeline.reconcile.made import as_change, derived, follows, towards
from pipeline.reconcile.matching import Matcher
from pipeline.reconcile.reconcile import Reconciled, reconcile
from tests.unit.reconcile.test_reconcile import RULES, article, claim, rules_of

STUDY = "Nurses of Foxley Hospital took part in the ACORN trial of Moss and Fern."
PRIMARY = article(
    "abstract",
    "primary",
    STUDY,
    "At two weeks, 48.2% of the arnica group and 10.7% of the placebo group of 55 runners were free of bruises.",
)
BOLD = article("gazette", "news", STUDY, "They lost 9 kg.", "Half got rid of theirs, a half had a car.")


def lone(source: Article, place: int, text: str, number: float, measure: Measure = "proportion") -> Claim:
    """One figure of the arm that the sentence at ``place`` states, of no outcome in particular."""
    one = claim(source, place, (text, number, "arm"), size=None, days=None)
    return replace(one, kind="single", measure=measure, outcome=None, comparator=None, intervention=None)


def both(source: Article, place: int) -> Claim:
    return claim(source, place, ("48.2%", 48.2, "arm"), ("10.7%", 10.7, "comparator"))


def several(done: Reconciled) -> list[Finding]:
    return [finding for finding in done.findings if finding.articles > 1]


def told_of(*claims: tuple[Article, Claim]) -> list[Told]:
    articles = {source.article_id: source for source, _ in claims}
    own = {name: [c for s, c in claims if s.article_id == name] for name in articles}
    return list(_corpus(articles, own).told)


def _corpus(articles: dict[str, Article], claims: dict[str, list[Claim]]) -> Corpus:
    return whole_corpus(list(articles.values()), claims, {}, RULES)


def _first() -> Claim:
    """What the bold page leads with, which is of something else."""
    one = lone(BOLD, 1, "9 kg", 9.0, "mean")
    return replace(one, values=tuple(replace(value, unit="kg") for value in one.values))


def test_the_likeliest_partner_in_one_story_is_joined_though_it_tells_little() -> None:
    claims = {"abstract": [both(PRIMARY, 1)], "gazette": [_first(), lone(BOLD, 2, "Half", 50.0)]}
    (finding,) = several(reconcile([PRIMARY, BOLD], claims, {}, RULES))
    assert [len(values.stated) for values in finding.values] == [2, 1]


def test_of_two_that_are_as_likely_none_is_joined() -> None:
    second = replace(lone(BOLD, 2, "a half", 50.0), claim_id="another")
    claims = [_first(), lone(BOLD, 2, "Half", 50.0), second]
    assert not several(reconcile([PRIMARY, BOLD], {"abstract": [both(PRIMARY, 1)], "gazette": claims}, {}, RULES))


def test_a_partner_in_another_story_is_not_joined() -> None:
    other = article("gazette", "news", "In Rome it rained all day.", "Half got rid of theirs.")
    claims = {"abstract": [both(PRIMARY, 1)], "gazette": [lone(other, 1, "Half", 50.0)]}
    assert not several(reconcile([PRIMARY, other], claims, {}, RULES))


LATER = article(
    "courier",
    "news",
    STUDY,
    "After a fortnight 48.2% of those on arnica and 10.7% of the others were free of bruises.",
    "That is 4.5 times as many.",
)


def test_a_ratio_is_told_with_the_two_figures_before_it_that_make_it() -> None:
    ratio = replace(lone(LATER, 2, "4.5 times", 4.5, "ratio"), values=(_times(LATER, "4.5 times", 4.5),))
    claims = {"abstract": [both(PRIMARY, 1)], "courier": [both(LATER, 1), ratio]}
    (finding,) = several(reconcile([PRIMARY, LATER], claims, {}, RULES))
    assert ratio.claim_id in finding.claim_ids


def test_a_ratio_that_the_figures_do_not_make_is_not_of_them() -> None:
    ratio = replace(lone(LATER, 2, "4.5 times", 7.0, "ratio"), values=(_times(LATER, "4.5 times", 7.0),))
    claims = {"abstract": [both(PRIMARY, 1)], "courier": [both(LATER, 1), ratio]}
    (finding,) = several(reconcile([PRIMARY, LATER], claims, {}, RULES))
    assert ratio.claim_id not in finding.claim_ids


def _times(source: Article, text: str, number: float) -> Value:
    at = source.text.index(text)
    return Value(
        text=text,
        start=at,
        end=at + len(text),
        value=number,
        low=None,
        high=None,
        unit="times",
        qualifier=None,
        role=None,
        group=None,
    )


def _changed(source: Article, place: int, text: str, number: float) -> Claim:
    one = replace(
        lone(source, place, text, number, "relative_change"), direction="lower", intervention=Slot(text="arnica")
    )
    return replace(one, outcome=Slot(text="bruises"), comparator=Slot(text="placebo"))


FEWER = article("abstract", "primary", STUDY, "Bruises were seen in 7.4% with arnica and 8.7% with placebo.")


def _fewer() -> Claim:
    one = claim(FEWER, 1, ("7.4%", 7.4, "arm"), ("8.7%", 8.7, "comparator"), outcome="bruises", size=None, days=None)
    return replace(one, direction="lower")


@pytest.mark.parametrize(
    ("words", "number", "larger"), [("a quarter", 25.0, True), ("15%", 15.0, False), ("14.9%", 14.9, False)]
)
def test_a_change_told_larger_than_the_figures_make_it_is_inflated(words: str, number: float, larger: bool) -> None:
    news = article("gazette", "news", STUDY, f"Arnica cut bruises by {words}.")
    done = reconcile([FEWER, news], {"abstract": [_fewer()], "gazette": [_changed(news, 1, words, number)]}, {}, RULES)
    assert ("inflated-value" in rules_of(done)) is larger


@pytest.mark.parametrize(("size", "flagged"), [(86420.0, True), (68420.0, False), (71000.0, False), (64820.0, True)])
def test_swapped_digits_in_the_size_of_a_study_are_a_mismatch(size: float, flagged: bool) -> None:
    news = article("gazette", "news", STUDY, "Bruises were rarer with arnica, 7.4% had some, in the trial.")
    first = replace(_fewer(), sample_size=_size(68420.0))
    second = replace(_changed(news, 1, "7.4%", 7.4), sample_size=_size(size))
    done = reconcile([FEWER, news], {"abstract": [first], "gazette": [second]}, {}, RULES)
    assert any("68,420" in flag.message for flag in done.flags if flag.rule == "value-mismatch") is flagged


def _size(number: float):  # type: ignore[no-untyped-def]
    return replace(both(PRIMARY, 1).sample_size, text=f"{number:,.0f}", value=number)  # type: ignore[type-var]


def test_figures_make_a_ratio_and_a_change_in_the_direction_that_is_asked_for() -> None:
    (one,) = told_of((FEWER, _fewer()))
    change = as_change(one, "lower")
    assert change is not None
    assert change.low < 14.9 < change.high
    assert derived(one)["ratio"].low < 7.4 / 8.7 < derived(one)["ratio"].high
    more = towards(one, "higher")["relative_change"]
    assert more.low < 17.6 < more.high


def test_heads_counted_of_groups_of_unknown_size_make_nothing() -> None:
    one = _fewer()
    counts = replace(one, measure="count", values=tuple(replace(v, unit="people") for v in one.values))
    (told,) = told_of((FEWER, counts))
    assert derived(told) == {}


def test_loose_figures_make_no_change_that_another_could_follow_from() -> None:
    news = article(
        "gazette", "news", STUDY, "Bruises fell by 11%.", "Half had bruises, against two thirds of the others."
    )
    loose = claim(news, 2, ("Half", 50.0, "arm"), ("two thirds", 66.0, "comparator"), size=None)
    absolute, relative = told_of((news, loose), (news, _changed(news, 1, "11%", 11.0)))
    assert not follows(absolute, relative)


@pytest.mark.parametrize(
    ("one", "other", "swapped"),
    [
        (86420, 68420, True),
        (8412, 8421, True),
        (8412, 8412, False),
        (8412, 2418, False),
        (841, 8410, False),
        (840, 841, False),
    ],
)
def test_two_digits_are_swapped_where_they_stand_next_to_each_other(one: float, other: float, swapped: bool) -> None:
    assert is_swapped(one, other) is swapped


def _of_two_outcomes(name: str) -> tuple[Article, list[Claim]]:
    """An article that tells the same share of two outcomes, against another share of the others."""
    told = article(
        name,
        "news",
        STUDY,
        "After a fortnight 48.2% on arnica and 10.7% of the others were free of bruises.",
        "After a fortnight 48.2% on arnica and 44.6% of the others had headaches.",
    )
    one = claim(told, 1, ("48.2%", 48.2, "arm"), ("10.7%", 10.7, "comparator"))
    other = claim(told, 2, ("48.2%", 48.2, "arm"), ("44.6%", 44.6, "comparator"), outcome="headaches")
    return told, [one, other]


def test_two_outcomes_with_one_figure_in_common_are_two_results() -> None:
    first, second = _of_two_outcomes("abstract"), _of_two_outcomes("courier")
    claims = {source.article_id: found for source, found in (first, second)}
    findings = several(reconcile([first[0], second[0]], claims, {}, RULES))
    wanted = {frozenset(one.claim_id for one in pair) for pair in zip(first[1], second[1], strict=True)}
    assert {frozenset(finding.claim_ids) for finding in findings} == wanted


def test_an_outcome_that_the_other_article_does_not_name_may_be_called_otherwise() -> None:
    (one, found), (other, retold) = _of_two_outcomes("abstract"), _of_two_outcomes("courier")
    called = replace(retold[0], outcome=Slot(text="unblemished skin"))
    (finding,) = several(reconcile([one, other], {"abstract": found[:1], "courier": [called]}, {}, RULES))
    assert set(finding.claim_ids) == {found[0].claim_id, called.claim_id}


def _long(name: str, kind: SourceKind) -> tuple[Article, list[Claim]]:
    """An article of a story that gives sixty results, each of another outcome, no two of which share a figure."""
    told = [f"{at}.5% of the arnica group had trouble{'a' * at}." for at in range(60)]
    source = article(name, kind, STUDY, *told)
    claims = [lone(source, at + 1, f"{at}.5%", at + 0.5) for at in range(60)]
    outcomes = [Slot(text=f"trouble{'a' * at}") for at in range(60)]
    return source, [
        replace(one, intervention=Slot(text="arnica"), outcome=outcome, claim_id=f"{name}{at}")
        for at, (one, outcome) in enumerate(zip(claims, outcomes, strict=True))
    ]


def test_of_two_long_articles_what_has_something_in_common_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[Told, Told]] = []
    compare = Judge.compare

    def counted(self: Judge, a: Told, b: Told) -> Likeness:
        compared.append((a, b))
        return compare(self, a, b)

    monkeypatch.setattr(Judge, "compare", counted)
    made = [_long("abstract", "primary"), _long("gazette", "news")]
    corpus = _corpus({source.article_id: source for source, _ in made}, {s.article_id: own for s, own in made})
    groups = Matcher(corpus).groups()
    assert len(compared) < 60 * 60 / 4
    assert sum(len(group) == 2 and group[0].measured == group[1].measured for group in groups) == 60
