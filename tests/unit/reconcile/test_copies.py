"""Articles that copy each other are one witness, however many they are; what a publisher prints under its pages ties none."""

from msgspec.structs import replace

from pipeline.model import Article, Claim, Flag
from pipeline.reconcile.reconcile import Reconciled, reconcile
from tests.unit.reconcile.test_reconcile import NEWS, RULES, article, claim

SHARES = (("48%", 48.0, "arm"), ("11%", 11.0, "comparator"))
ADVERT = "Every runner ought to have a tube of it in the bag, says the maker, who also sells socks and plain laces in the valley."
ABOUT = " ".join(f"Of our office{i} the hours are nine to five on day {i} and it answers letters." for i in range(9))


def reconciled(papers: list[Article]) -> tuple[Reconciled, list[Flag]]:
    """All that is found where each of ``papers`` tells the result in its first paragraph, and the flags of copies."""
    claims: dict[str, list[Claim]] = {paper.article_id: [claim(paper, 0, *SHARES)] for paper in papers}  # type: ignore[arg-type]
    done = reconcile(papers, claims, {}, RULES)
    return done, [flag for flag in done.flags if flag.rule == "shared-origin"]


def paper(place: int, *paragraphs: str, publisher: str | None = None) -> Article:
    return replace(article(f"paper{place:03}", "news", *paragraphs), publisher=publisher)


def test_a_hundred_copies_of_one_advert_are_one_witness_and_each_is_held_against_the_first() -> None:
    done, flags = reconciled([paper(i, NEWS.text, ADVERT) for i in range(100)])
    assert {flag.places[-1].article_id for flag in flags} == {"paper000"}
    assert {flag.places[0].article_id for flag in flags} == {f"paper{i:03}" for i in range(1, 100)}
    assert all(flag.details["whole"] for flag in flags)
    assert [(finding.articles, finding.witnesses) for finding in done.findings] == [(100, 1)]


def test_what_a_publisher_prints_under_many_pages_makes_no_copies() -> None:
    told = [f"In town {i}, 48% of the arnica group were free of bruises, against 11% on placebo." for i in range(4)]
    other = "On the other coast 48% of the arnica group had no bruises, while with placebo it was 11%."
    rest = " ".join(f"Runner{i} went home at {i} and slept." for i in range(60))
    house = [paper(i, told[i], f"{rest.replace('Runner', f'Runner{i}x')}", ABOUT, publisher="House") for i in range(3)]
    wire = paper(9, other, ABOUT, publisher="Wire")
    assert reconciled([*house, wire])[1] == []


def test_two_pages_of_a_site_are_one_publisher_however_its_address_begins() -> None:
    rest = [" ".join(f"{name}{i} ran on day {i} and rested." for i in range(40)) for name in ("Anna", "Berta")]
    one = paper(1, NEWS.text, rest[0], ABOUT, publisher="https://www.wire.example")
    two = paper(2, NEWS.text, rest[1], ABOUT, publisher="http://wire.example")
    assert reconciled([one, two])[1] == []
    assert len(reconciled([one, replace(two, publisher="Courier")])[1]) == 1


def test_words_in_common_that_hold_no_more_than_the_end_of_a_claim_tie_none() -> None:
    tail = "in the town where the society has had its house and its library since the old king died there in spring."
    rest = [" ".join(f"{name}{i} ran on day {i} and rested." for i in range(20)) for name in ("Anna", "Berta")]
    told = (
        "Two weeks later 48% of the arnica group had no bruises and 11% on placebo, as all who run now heard on Monday"
    )
    long = f"{told}, the day on which they mostly meet to hear what is new in their field and to eat a cake of nuts, {tail}"
    two = paper(2, f"By then 48% of all with arnica were free of bruises, 11% of the others, they said {tail}", rest[1])
    assert reconciled([paper(1, f"{told} {tail}", rest[0]), two])[1] != []
    assert reconciled([paper(1, long, rest[0]), replace(two, kind="primary")])[1] == []
