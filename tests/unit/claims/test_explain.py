"""What there is to say of one claim."""

from __future__ import annotations

import functools

import msgspec
import pytest

from pipeline.claims.draft import identified
from pipeline.claims.explain import NOT_FOUND, TEXT_GONE, TEXT_MOVED, Explainer, Explanation
from pipeline.model import Article, Claim
from tests.unit.language.support import open_weights, shipped_rules

TEXT = (
    "Nettle tea against placebo for tired gardeners\n\n"
    "We gave 40 gardeners nettle tea and 42 gardeners placebo. "
    "At six weeks, 48% of the nettle group slept well compared with 11% of the placebo group."
)


@functools.cache
def explainer() -> Explainer:
    open_weights()
    return Explainer(shipped_rules())


@functools.cache
def article(text: str = TEXT) -> Article:
    return Article(
        article_id="a",
        input_id=None,
        path="a.txt",
        url=None,
        title=None,
        author=None,
        publisher=None,
        published=None,
        kind="other",
        language="en",
        sha256="0",
        references=(),
        citations=(),
        text=text,
    )


@functools.cache
def claim() -> Claim:
    claims = identified("a", explainer().analyzer.analyze(TEXT).drafts)
    return next(c for c in claims if any(v.text == "48%" for v in c.values))


@functools.cache
def explained() -> Explanation:
    return explainer().explain(claim(), article())


def test_the_parse_is_one_tree_over_the_sentence() -> None:
    words = explained().words
    assert [word.number for word in words] == list(range(1, len(words) + 1))
    assert "".join(word.text for word in words) == claim().quote.replace(" ", "")
    assert sum(word.head == 0 for word in words) == 1
    assert all(word.tag and word.relation and 0 <= word.head <= len(words) for word in words)


def test_figures_tell_their_class_role_links_and_rules() -> None:
    figures = {figure.text: figure for figure in explained().figures}
    assert set(figures) == {"six weeks", "48%", "11%"}
    share = figures["48%"]
    assert (share.quantity_class, share.value, figures["11%"].value, figures["six weeks"].value) == (
        "result",
        1,
        2,
        None,
    )
    assert sum(share.roles.values()) == pytest.approx(1, abs=0.01)
    assert list(share.roles.values()) == sorted(share.roles.values(), reverse=True)
    assert {link.kind for link in share.links} == {"group", "outcome", "time"}
    assert all(0 <= link.none <= 1 for link in share.links)
    (fired,) = [fit for fit in share.fits if (fit.kind, fit.state) == ("class", "fired")]
    assert fired.rule == share.class_rule
    assert fired.says["class"] == "result"
    assert all(fit.by for fit in share.fits if fit.state in ("beaten", "barred"))


def test_the_design_is_that_of_the_whole_article() -> None:
    groups = explained().groups
    placebo = next(group for group in groups if "placebo" in group.name)
    assert placebo.here
    assert placebo.score < 0
    assert any(group.score > placebo.score for group in groups)
    for group in groups:
        assert group.score == pytest.approx(sum(group.reasons.values()))
        assert "control" not in group.reasons or group.reasons["control"] < 0


def test_the_cues_of_the_sentence_are_told_with_their_words() -> None:
    cues = explained().cues
    comparison = next(cue for cue in cues if cue.says.get("kind") == "comparison")
    assert comparison.state == "fired"
    assert "compared" in comparison.text
    assert all(TEXT[cue.start : cue.end] == cue.text for cue in cues)


def test_what_has_not_changed_needs_no_note() -> None:
    assert explained().notes == ()
    assert explained().changes == ()


def test_what_would_be_written_otherwise_now_is_told() -> None:
    stored = msgspec.structs.replace(claim(), direction=None, certainty="hedged")
    changes = {c.field: (c.stored, c.now) for c in explainer().explain(stored, article()).changes}
    assert changes == {"direction": (None, claim().direction), "certainty": ("hedged", claim().certainty)}


def test_a_claim_that_is_no_longer_made_is_told() -> None:
    stored = msgspec.structs.replace(claim(), claim_id="c0")
    assert explainer().explain(stored, article()).notes == (NOT_FOUND,)


@pytest.mark.parametrize(("found", "note"), [(None, TEXT_GONE), (article("Another text."), TEXT_MOVED)])
def test_without_its_text_the_sentence_is_read_by_itself(found: Article | None, note: str) -> None:
    alone = explainer().explain(claim(), found)
    assert alone.notes == (note,)
    assert [(figure.text, figure.value) for figure in alone.figures] == [("six weeks", None), ("48%", 1), ("11%", 2)]
    assert [word.text for word in alone.words] == [word.text for word in explained().words]


def test_a_claim_without_words_is_no_failure() -> None:
    empty = msgspec.structs.replace(claim(), quote="", start=0, end=0, values=())
    found = explainer().explain(empty, None)
    assert (found.words, found.figures, found.cues) == ((), (), ())


def test_an_explanation_is_json_of_finite_size() -> None:
    assert len(msgspec.json.encode(explained())) < 100_000
