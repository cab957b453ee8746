"""Decisions in a refresh: they hold until figures change, also where the sentence is reworded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from msgspec.structs import replace

from pipeline.decisions.log import append_decision, read_decisions
from pipeline.decisions.model import make_decision
from pipeline.history.diff import diff_runs
from pipeline.refresh.decided import Decided
from tests.unit.history.runs import claim, flag, run

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
FIRST = run({"a": ["Of the walkers in the village, 48 percent slept through the night."]})
LATER = run({"a": ["In the village, 48 percent of those who walked slept through the whole night."]})
OLD, NEW = flag("rounded", claim(FIRST, "a")), flag("rounded", claim(LATER, "a"))


def dismissed(path: Path) -> Decided:
    append_decision(
        path,
        make_decision(
            flag_id=OLD.flag_id, verdict="dismiss", values_hash=OLD.values_hash, at=AT, reason="known", who="me"
        ),
    )
    return Decided(path, TODAY)


def test_a_decision_goes_on_with_the_reworded_sentence(tmp_path: Path) -> None:
    decided = dismissed(tmp_path / "decisions.jsonl")
    assert decided.suppressed(OLD)
    assert not decided.suppressed(NEW)
    diff = diff_runs(replace(FIRST, flags=(OLD,)), replace(LATER, flags=(NEW,)), decided.suppressed)
    assert [(change.status, change.old_flag_id) for change in diff.flags] == [("suppressed", OLD.flag_id)]
    decided.carry(OLD, NEW)
    assert decided.suppressed(NEW)
    [kept] = read_decisions(tmp_path / "decisions.jsonl").of(NEW.flag_id)
    assert (kept.reason, kept.who, kept.at) == ("known", "me", AT)


def test_no_decision_goes_on_when_figures_change(tmp_path: Path) -> None:
    decided = dismissed(tmp_path / "decisions.jsonl")
    changed = replace(NEW, values_hash="other")
    diff = diff_runs(replace(FIRST, flags=(OLD,)), replace(LATER, flags=(changed,)), decided.suppressed)
    assert [change.status for change in diff.flags] == ["open"]
    decided.carry(OLD, changed)
    assert read_decisions(tmp_path / "decisions.jsonl").of(changed.flag_id) == ()


def test_without_decisions_nothing_is_written(tmp_path: Path) -> None:
    decided = Decided(tmp_path / "decisions.jsonl", TODAY)
    decided.carry(OLD, NEW)
    assert not decided.suppressed(NEW)
    assert not (tmp_path / "decisions.jsonl").exists()


def test_what_was_taken_back_does_not_go_on(tmp_path: Path) -> None:
    dismissed(tmp_path / "decisions.jsonl")
    for verdict in ("accept", "undo"):
        decision = make_decision(flag_id=OLD.flag_id, verdict=verdict, values_hash=OLD.values_hash, at=AT)
        append_decision(tmp_path / "decisions.jsonl", decision)
    decided = Decided(tmp_path / "decisions.jsonl", TODAY)
    decided.carry(OLD, NEW)
    assert [decision.verdict for decision in decided.decisions.of(NEW.flag_id)] == ["dismiss"]
