"""What changed between two runs, and what did not."""

from __future__ import annotations

import random
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.history.changes import FAIL_ON, Earlier, RunDiff
from pipeline.history.diff import diff_runs
from pipeline.history.pairing import moved, paired_claims
from pipeline.model import Severity, encode
from tests.unit.history.runs import claim, claims, finding, flag, run

SLEPT = "Of the walkers in the first village, 48 percent slept through the night."
WEIGHT = "Their weight fell by 9 percent within a year of evening walks."
TRIAL = "The trial enrolled 55 people from three towns by the sea."
SAFE = "Nobody was harmed by walking."
STORY = [SLEPT, WEIGHT, TRIAL, SAFE]


def kinds(diff: RunDiff) -> dict[str, list[str]]:
    return {
        "articles": [change.kind for change in diff.articles],
        "claims": [change.kind for change in diff.claims],
        "findings": [change.kind for change in diff.findings],
        "flags": [change.status for change in diff.flags],
    }


QUIET: dict[str, list[str]] = {"articles": [], "claims": [], "findings": [], "flags": []}


def test_equal_runs_differ_in_nothing() -> None:
    old = run({"a": STORY})
    diff = diff_runs(old, old)
    assert kinds(diff) == QUIET
    assert diff.quiet


def test_a_changed_figure_names_the_old_and_the_new_one() -> None:
    old = run({"a": STORY})
    diff = diff_runs(old, run({"a": [SLEPT.replace("48", "50"), WEIGHT, TRIAL, SAFE]}))
    assert kinds(diff) == {**QUIET, "articles": ["changed"], "claims": ["changed"]}
    [change] = diff.claims
    [figure] = change.figures
    assert figure.old is not None
    assert figure.new is not None
    assert (figure.old.value, figure.new.value) == (48.0, 50.0)
    assert change.claim_id == change.old_claim_id == claim(old, "a").claim_id
    assert change.cause == "page"
    assert not diff.quiet


def test_a_figure_that_is_added_or_left_out_stands_alone() -> None:
    both = "In the end 48 percent of walkers and 11 percent of sitters slept."
    one = "In the end 48 percent of walkers and no sitters slept."
    [gone] = diff_runs(run({"a": [both]}), run({"a": [one]})).claims
    assert [(f.old and f.old.text, f.new and f.new.text) for f in gone.figures] == [("11 percent", None)]
    [came] = diff_runs(run({"a": [one]}), run({"a": [both]})).claims
    assert [(f.old and f.old.text, f.new and f.new.text) for f in came.figures] == [(None, "11 percent")]


def test_words_around_the_claims_change_the_article_alone() -> None:
    old = run({"a": STORY})
    new = run({"a": STORY})
    text = "Home. Recipes. " + new.articles[0].text
    new = replace(new, articles=(replace(new.articles[0], text=text),))
    diff = diff_runs(old, new)
    assert kinds(diff) == {**QUIET, "articles": ["changed"]}


def test_a_moved_paragraph_is_the_one_that_moved() -> None:
    diff = diff_runs(run({"a": STORY}), run({"a": [TRIAL, SLEPT, WEIGHT, SAFE]}))
    assert [(change.kind, change.new and change.new.quote) for change in diff.claims] == [("moved", TRIAL)]
    assert not any(change.kind != "changed" for change in diff.articles)


def test_a_renamed_file_is_no_new_article() -> None:
    text = [f"In year {i} of the study the walkers of village number {i} slept well." for i in range(30)]
    old = run({"old.html": [*text, SLEPT]}, paths={"old.html": "old.html"})
    new = run({"new.html": [*text, SLEPT]}, paths={"new.html": "new.html"})
    diff = diff_runs(old, new)
    assert kinds(diff) == {**QUIET, "articles": ["renamed"]}
    assert (diff.articles[0].old_id, diff.articles[0].article_id) == ("old.html", "new.html")
    assert diff.quiet


def test_a_reworded_sentence_with_the_same_figures_is_neither_gone_nor_new() -> None:
    other = "In the first village, 48 percent of those who walked slept through the whole night."
    diff = diff_runs(run({"a": STORY}), run({"a": [other, WEIGHT, TRIAL, SAFE]}))
    assert [(c.kind, c.old and c.old.quote, c.new and c.new.quote) for c in diff.claims] == [("reworded", SLEPT, other)]


def test_a_reworded_sentence_with_another_figure_is_a_changed_figure() -> None:
    other = "Of the walkers in the first village, over 60 percent now slept through the night."
    diff = diff_runs(run({"a": STORY}), run({"a": [other, WEIGHT, TRIAL, SAFE]}))
    assert [change.kind for change in diff.claims] == ["changed"]
    assert diff.claims[0].claim_id != diff.claims[0].old_claim_id


def test_another_sentence_in_its_place_is_gone_and_new() -> None:
    other = "Prices of boots rose by 48 percent, shops say."
    diff = diff_runs(run({"a": STORY}), run({"a": [other, WEIGHT, TRIAL, SAFE]}))
    assert [change.kind for change in diff.claims] == ["gone", "new"]


def test_of_two_sentences_that_differ_in_figures_alone_each_keeps_its_own() -> None:
    """A line put above equal ones shifts their ids; figures tell which is which."""
    rows = ["Here 48 percent of all walkers slept.", "Here 30 percent of all walkers slept."]
    diff = diff_runs(run({"a": rows}), run({"a": ["Here 12 percent of all walkers slept.", *rows]}))
    assert [(c.kind, c.new and c.new.values[0].value) for c in diff.claims] == [("new", 12.0)]


def test_a_claim_read_otherwise_by_other_rules_is_no_change_of_the_page() -> None:
    old = run({"a": STORY}, rules="r1")
    new = run({"a": STORY}, rules="r2")
    new = replace(new, claims={"a": new.claims["a"][:2]})
    diff = diff_runs(old, new)
    assert [(change.kind, change.cause) for change in diff.claims] == [("gone", "program")] * 2
    assert diff.made == ("rules",)
    assert diff.articles == ()


def test_an_article_that_is_gone_takes_its_claims_along() -> None:
    diff = diff_runs(run({"a": STORY, "b": [TRIAL]}), run({"a": STORY}))
    assert kinds(diff) == {**QUIET, "articles": ["gone"], "claims": ["gone"]}
    assert diff.articles[0].claims == 1


def test_an_article_that_could_not_be_read_is_not_gone() -> None:
    diff = diff_runs(run({"a": STORY, "b": [TRIAL]}), run({"a": STORY}, errors={"b.html": "is no page"}))
    assert [(change.kind, change.reason) for change in diff.articles] == [("failed", "is no page")]


def test_what_an_earlier_run_had_is_back_and_not_new() -> None:
    old, new = run({"a": STORY}), run({"a": STORY, "b": [TRIAL]})
    earlier = Earlier(articles=frozenset({"b"}), claims=frozenset({claim(new, "b").claim_id}))
    diff = diff_runs(old, new, earlier=earlier)
    assert kinds(diff) == {**QUIET, "articles": ["back"], "claims": ["back"]}


THREE = run({"a": [SLEPT], "b": [WEIGHT], "c": [TRIAL]})
A, B = claim(THREE, "a"), claim(THREE, "b")


def findings(before: list[Any], after: list[Any]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    old = replace(THREE, findings=tuple(before))
    new = replace(THREE, findings=tuple(after))
    return [(change.kind, change.old_ids, change.new_ids) for change in diff_runs(old, new).findings]


def test_another_id_or_label_alone_is_no_change() -> None:
    assert findings([finding("f1", A, B)], [finding("f2", B, A)]) == []


def test_joined() -> None:
    before = [finding("f1", A), finding("f2", B)]
    assert findings(before, [finding("f3", A, B)]) == [("joined", ("f1", "f2"), ("f3",))]


def test_split() -> None:
    after = [finding("f1", A), finding("f2", B)]
    assert findings([finding("f1", A, B)], after) == [("split", ("f1",), ("f1", "f2"))]


def test_status() -> None:
    assert findings([finding("f1", A, B)], [finding("f1", A, B, status="disagree")]) == [("status", ("f1",), ("f1",))]


def test_new_and_gone() -> None:
    assert findings([finding("f1", A)], [finding("f2", B)]) == [
        ("new", (), ("f2",)),
        ("gone", ("f1",), ()),
    ]


def test_grown_and_shrunk() -> None:
    lone = run({"a": [SLEPT]})
    one = replace(lone, findings=(finding("f1", A),))
    two = replace(THREE, findings=(finding("f1", A, B),))
    assert [(c.kind, c.claim_ids) for c in diff_runs(one, two).findings] == [("grown", (B.claim_id,))]
    assert [(c.kind, c.claim_ids) for c in diff_runs(two, one).findings] == [("shrunk", (B.claim_id,))]


BASE = run({"a": [SLEPT], "b": [WEIGHT]})
RAISED = flag("value-mismatch", claim(BASE, "a"), claim(BASE, "b"), severity="error")


def statuses(before: list[Any], after: list[Any], **known: Any) -> list[tuple[str, bool]]:
    old = replace(BASE, flags=tuple(before))
    new = replace(BASE, flags=tuple(after))
    return [(change.status, change.changed) for change in diff_runs(old, new, **known).flags]


def test_new_open_and_resolved() -> None:
    assert statuses([], [RAISED]) == [("new", False)]
    assert statuses([RAISED], [RAISED]) == [("open", False)]
    assert statuses([RAISED], []) == [("resolved", False)]


def test_suppressed() -> None:
    def always(_flag: object) -> bool:
        return True

    assert statuses([], [RAISED], suppressed=always) == [("suppressed", False)]
    assert statuses([RAISED], [RAISED], suppressed=always) == [("suppressed", False)]


def test_back_after_it_was_resolved_or_suppressed() -> None:
    known = frozenset({RAISED.flag_id})
    assert statuses([], [RAISED], earlier=Earlier(flags=known)) == [("back", False)]
    assert statuses([RAISED], [RAISED], earlier=Earlier(suppressed=known)) == [("back", False)]


def test_open_with_another_figure_is_changed() -> None:
    bare = run({"a": [SLEPT.replace("48", "50")], "b": [WEIGHT]})
    new = replace(bare, flags=(flag("value-mismatch", claim(bare, "a"), claim(bare, "b"), severity="error"),))
    old = replace(BASE, flags=(RAISED,))
    assert [(c.status, c.changed) for c in diff_runs(old, new).flags] == [("open", True)]


def test_the_flag_of_a_reworded_sentence_is_still_open() -> None:
    other = "In the first village, 48 percent of those who walked slept through the whole night."
    bare = run({"a": [other], "b": [WEIGHT]})
    new = replace(bare, flags=(flag("value-mismatch", claim(bare, "a"), claim(bare, "b"), severity="error"),))
    old = replace(BASE, flags=(RAISED,))
    [change] = diff_runs(old, new).flags
    assert (change.status, change.changed) == ("open", False)
    assert change.flag_id != change.old_flag_id == RAISED.flag_id


def test_another_witness_of_the_same_problem_keeps_the_flag_open() -> None:
    base = run({"a": [SLEPT], "b": [WEIGHT], "c": [TRIAL]})
    one, other = (flag("value-mismatch", claim(base, "a"), claim(base, name)) for name in "bc")
    old = replace(base, flags=(one,))
    new = replace(base, flags=(other,))
    assert [(c.status, c.changed) for c in diff_runs(old, new).flags] == [("open", True)]


def test_runs_that_were_not_reconciled_are_compared_without_flags() -> None:
    bare = replace(BASE, reconciled=False)
    full = replace(BASE, flags=(RAISED,))
    diff = diff_runs(bare, full)
    assert not diff.reconciled
    assert diff.flags == ()


@pytest.mark.parametrize(
    ("status", "severity", "expected"),
    [
        ("new", "error", {"error", "warning", "new-error", "new-warning"}),
        ("new", "warning", {"warning", "new-warning"}),
        ("new", "note", set()),
        ("open", "error", {"error", "warning"}),
    ],
)
def test_fail_on(status: str, severity: Severity, expected: set[str]) -> None:
    raised = flag("value-mismatch", claim(BASE, "a"), severity=severity)
    before = (raised,) if status == "open" else ()
    old = replace(BASE, flags=before)
    new = replace(BASE, flags=(raised,))
    diff = diff_runs(old, new)
    assert {one for one in FAIL_ON if diff.fails(one)} == expected
    assert not diff.fails(None)


def test_a_page_of_many_reworded_sentences_is_followed_sentence_by_sentence() -> None:
    """More than are compared each with each, and nothing but a figure or a name tells one from the other."""
    old = [f"In village some {i / 10 + 1} percent of walkers slept well that year." for i in range(150)]
    old += [f"In {name}town we met all the walkers who slept well that year." for name in "abcdefghijklmnopqrstuvwxyz"]
    new = [one.replace("slept well", "had a good sleep") for one in old]
    random.Random(3).shuffle(new)
    found = paired_claims(claims("a", old), claims("a", new))
    assert (len(found.both), found.gone, found.new) == (176, [], [])
    assert all(pair.old.quote.split()[1:4] == pair.new.quote.split()[1:4] for pair in found.both)


def test_moved_names_the_fewest() -> None:
    sentences = [f"Line {'abcdefgh'[i]} says that {i + 10} percent walked." for i in range(8)]
    order = [0, 5, 1, 2, 3, 4, 6, 7]
    found = paired_claims(claims("a", sentences), claims("a", [sentences[i] for i in order]))
    assert [pair.new.quote for pair in moved(found.both)] == [sentences[5]]


def test_the_same_runs_give_the_same_bytes() -> None:
    old, new = run({"a": STORY, "b": [TRIAL]}), run({"a": [SAFE, SLEPT.replace("48", "50")], "c": [WEIGHT]})
    assert encode(diff_runs(old, new)) == encode(diff_runs(old, new))
