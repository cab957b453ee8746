"""What changed between two runs, for any two: nothing is lost, told twice, or told because it moved."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.history.diff import diff_runs
from pipeline.history.pairing import moved, paired_claims
from pipeline.model import encode
from tests.unit.history.runs import claims, run

_SUBJECTS = ("walkers", "sitters", "nurses", "pilots", "bakers", "miners")
_VERBS = ("slept", "ran", "coughed", "paid", "laughed")

sentence = st.builds(
    lambda number, subject, verb, place: f"Some {number} percent of {subject} in {place} {verb}.",
    st.integers(0, 100),
    st.sampled_from(_SUBJECTS),
    st.sampled_from(_VERBS),
    st.sampled_from(("Rome", "Oslo", "Lima")),
)
sentences = st.lists(sentence, max_size=12)
articles = st.dictionaries(st.sampled_from("abcd"), sentences.filter(bool), max_size=4)


@given(sentences, sentences)
def test_every_claim_is_paired_once_or_told_once(old: list[str], new: list[str]) -> None:
    before, after = claims("a", old), claims("a", new)
    found = paired_claims(before, after)
    assert Counter([pair.old.claim_id for pair in found.both] + [c.claim_id for c in found.gone]) == Counter(
        c.claim_id for c in before
    )
    assert Counter([pair.new.claim_id for pair in found.both] + [c.claim_id for c in found.new]) == Counter(
        c.claim_id for c in after
    )


@given(sentences, st.randoms(use_true_random=False))
def test_order_alone_changes_no_figure(old: list[str], chance: object) -> None:
    new = list(old)
    chance.shuffle(new)  # type: ignore[attr-defined]
    found = paired_claims(claims("a", old), claims("a", new))
    assert (found.gone, found.new) == ([], [])
    assert all(pair.old.values_hash == pair.new.values_hash for pair in found.both)


@given(sentences)
def test_those_that_did_not_move_stand_in_one_order(old: list[str]) -> None:
    found = paired_claims(claims("a", old), claims("a", old[::2] + old[1::2]))
    elsewhere = {pair.new.claim_id for pair in moved(found.both)}
    starts = [pair.old.start for pair in found.both if pair.new.claim_id not in elsewhere]
    assert starts == sorted(starts)


_SAME = "Some 5 percent of walkers in Rome slept."


@settings(deadline=None)
@given(articles, articles)
@example({"a": [_SAME] * 9, "b": [_SAME] * 11}, {"c": [_SAME] * 10})
def test_what_is_new_one_way_is_gone_the_other(old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    one, other = run(old), run(new)
    there, back = diff_runs(one, other), diff_runs(other, one)
    assert (
        Counter(change.kind for change in there.claims)["changed"]
        == Counter(change.kind for change in back.claims)["changed"]
    )
    assert {c.claim_id for c in there.claims if c.kind == "new"} == {
        c.claim_id for c in back.claims if c.kind == "gone"
    }
    assert encode(there) == encode(diff_runs(one, other))


@given(articles)
def test_a_run_does_not_differ_from_itself(only: dict[str, list[str]]) -> None:
    results = run(only)
    diff = diff_runs(results, results)
    assert diff.quiet
    assert (diff.articles, diff.claims) == ((), ())
