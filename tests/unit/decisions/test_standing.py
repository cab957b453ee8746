"""Which decision holds."""

from __future__ import annotations

import datetime

import pytest

from pipeline.decisions.model import Decision, make_decision
from pipeline.decisions.standing import Decisions
from pipeline.errors import UsageError
from tests.unit.decisions.support import AT, TODAY, decision, flag


def kept(*decisions: Decision) -> Decisions:
    return Decisions(enumerate(decisions, 1))


def verdict(decisions: Decisions, values_hash: str = "h1", today: datetime.date = TODAY) -> str | None:
    standing = decisions.standing(flag(values_hash=values_hash), today)
    return standing.verdict if standing is not None else None


def test_the_last_ruling_counts_and_a_comment_is_none() -> None:
    assert verdict(kept()) is None
    assert verdict(kept(decision("comment"))) is None
    assert verdict(kept(decision("dismiss"), decision("accept"), decision("comment"))) == "accept"
    assert verdict(kept(decision("dismiss", flag_id="f2"))) is None


def test_only_what_is_dismissed_or_snoozed_stays_away() -> None:
    flags = [flag("f1"), flag("f2"), flag("f3"), flag("f4")]
    decisions = kept(decision("dismiss", "f1"), decision("snooze", "f2", until="2026-03-05"), decision("accept", "f3"))
    assert sorted(decisions.suppressed(flags, TODAY)) == ["f1", "f2"]


def test_a_decision_lapses_when_the_figures_change_and_holds_again_when_they_are_back() -> None:
    decisions = kept(decision("dismiss", values_hash="h1"), decision("accept", values_hash="h2"))
    assert [verdict(decisions, name) for name in ("h1", "h2", "h3", "h1")] == ["dismiss", "accept", None, "dismiss"]


def test_a_snooze_ends_on_its_day() -> None:
    decisions = kept(decision("snooze", until="2026-03-05"))
    days = [datetime.date(2026, 3, day) for day in (2, 4, 5, 6)]
    assert [verdict(decisions, today=day) for day in days] == ["snooze", "snooze", None, None]


def test_undo_takes_back_the_last_that_is_left() -> None:
    first, second, undo = decision("dismiss"), decision("accept"), decision("undo")
    assert verdict(kept(first, second, undo)) == "dismiss"
    assert verdict(kept(first, second, undo, undo)) is None
    assert verdict(kept(undo, first)) == "dismiss"
    assert kept(first, decision("comment"), undo).comments("f1") == ()
    last = kept(first, second, undo).last("f1")
    assert last is not None
    assert last.verdict == "dismiss"
    assert kept(undo).last("f1") is None


def test_the_version_changes_with_each_decision_on_the_flag_alone() -> None:
    versions = [kept(*said).version("f1") for said in ([], [decision()], [decision(), decision("undo")])]
    assert versions[0] == ""
    assert len(set(versions)) == 3
    assert kept(decision(), decision(flag_id="f2")).version("f1") == versions[1]


def test_each_decision_is_told_what_became_of_it() -> None:
    decisions = kept(
        decision("accept"),
        decision("dismiss", values_hash="h0"),
        decision("dismiss"),
        decision("snooze", "f2", until="2026-03-03"),
        decision("dismiss", "f9"),
        decision("comment"),
        decision("accept"),
        decision("undo"),
    )
    states = [entry.state for entry in decisions.states([flag("f1"), flag("f2")], datetime.date(2026, 3, 9))]
    assert states == ["replaced", "figures", "holds", "date", "gone", "comment", "undone", "undo"]
    assert [entry.line for entry in decisions.states([], TODAY)] == list(range(1, 9))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"verdict": "agree"}, "no such verdict"),
        ({"verdict": "dismiss"}, "needs a reason"),
        ({"verdict": "comment", "reason": " \n "}, "needs a reason"),
        ({"verdict": "snooze"}, "needs the day"),
        ({"verdict": "snooze", "until": "2026-02-30"}, "is no day"),
        ({"verdict": "snooze", "until": "tomorrow"}, "is no day"),
        ({"verdict": "snooze", "until": "2026-03-02"}, "must lie after"),
        ({"verdict": "accept", "until": "2026-04-01"}, "holds for good"),
        ({"verdict": "accept", "reason": "x" * 5000}, "at most"),
        ({"verdict": "accept", "flag_id": "../f"}, "no decision"),
    ],
)
def test_what_cannot_be_decided_is_refused(given: dict[str, str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        make_decision(**{"flag_id": "f1", "values_hash": "h1", "at": AT, **given})  # type: ignore[arg-type]
