"""The file of decisions: added to, damaged, written by several at once."""

from __future__ import annotations

import errno
import multiprocessing
import os
from pathlib import Path

import pytest

from pipeline.decisions.log import StaleDecisionError, append_decision, decisions_path, read_decisions
from pipeline.errors import RunError, UsageError
from pipeline.rules.loader import load_rules
from tests.unit.decisions.support import decision

RULES = Path(__file__).parents[3] / "rules"


def test_what_is_added_is_read_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "rules" / "decisions.jsonl"
    assert read_decisions(path).entries == ()
    said = [decision(), decision("comment", reason="zwölf\nZeilen \u2028 hier"), decision("snooze", until="2026-05-01")]
    for one in said:
        before = path.read_bytes() if path.exists() else b""
        append_decision(path, one)
        assert path.read_bytes().startswith(before)
    assert [found for _, found in read_decisions(path).entries] == said
    assert os.listdir(path.parent) == ["decisions.jsonl"]


def test_a_line_that_was_cut_short_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    append_decision(path, decision("accept"))
    whole = path.read_bytes()
    for cut in range(1, len(whole) - 1):
        path.write_bytes(whole + whole[:cut])
        after = append_decision(path, decision("dismiss"))
        assert [one.verdict for _, one in after.entries] == ["accept", "dismiss"]
        (problem,) = read_decisions(path).problems
        assert problem.startswith(f"{path}:2: ")
    path.write_bytes(whole + whole[:-1])  # all but the line break: nothing is lost
    assert len(append_decision(path, decision("dismiss")).entries) == 3


@pytest.mark.parametrize(
    "line",
    [
        b"<<<<<<< HEAD",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b"\x00" * 40,
        b"[" * 20_000,
        b'{"flag_id":"f1","verdict":"agree","values_hash":"h","at":"2026-03-02T09:30:00Z"}',
        b'{"flag_id":"f1","verdict":"accept","values_hash":"h","at":"2026-03-02T09:30:00"}',
        b'{"flag_id":"f1","verdict":"snooze","values_hash":"h","at":"2026-03-02T09:30:00Z","until":"2026-02-30"}',
        b'{"flag_id":"f1","verdict":"accept","values_hash":"h","at":"2026-03-02T09:30:00Z","reason":"'
        + b"x" * 100_000
        + b'"}',
    ],
)
def test_a_damaged_line_is_told_once_and_the_rest_holds(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "decisions.jsonl"
    append_decision(path, decision())
    path.write_bytes(line + b"\n\n" + path.read_bytes())
    found = read_decisions(path)
    assert [one.verdict for _, one in found.entries] == ["dismiss"]
    (problem,) = found.problems
    assert problem.startswith(f"{path}:1: is no decision")
    assert "\n" not in problem
    assert len(problem) < 400


def test_whoever_has_not_seen_the_last_decision_is_told(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    seen = read_decisions(path).version("f1")
    append_decision(path, decision("dismiss"), seen=seen)
    append_decision(path, decision("accept", flag_id="f2"), seen="")
    before = path.read_bytes()
    with pytest.raises(StaleDecisionError) as stale:
        append_decision(path, decision("accept"), seen=seen)
    assert path.read_bytes() == before
    append_decision(path, decision("accept"), seen=stale.value.decisions.version("f1"))


def test_an_undo_needs_something_to_take_back(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    with pytest.raises(UsageError, match="to take back"):
        append_decision(path, decision("undo"))
    append_decision(path, decision("dismiss"))
    append_decision(path, decision("undo"))
    with pytest.raises(UsageError, match="to take back"):
        append_decision(path, decision("undo"))


def _add(path: Path, writer: int) -> None:
    for number in range(20):
        append_decision(path, decision("comment", reason=f"{writer} {number}"))


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    writers = [multiprocessing.get_context("fork").Process(target=_add, args=(path, writer)) for writer in range(3)]
    for process in writers:
        process.start()
    for process in writers:
        process.join(60)
    found = read_decisions(path)
    assert found.problems == ()
    assert sorted(one.reason for _, one in found.entries) == sorted(f"{w} {n}" for w in range(3) for n in range(20))


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "decisions.jsonl"
    append_decision(path, decision())
    before = path.read_bytes()
    write = os.write

    def half(descriptor: int, data: bytes) -> int:
        return write(descriptor, data[: len(data) // 2])

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half)
        with pytest.raises(RunError, match="could not be kept"):
            append_decision(path, decision())
    assert path.read_bytes() == before
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(RunError, match="No space left"):
            append_decision(path, decision())
    assert path.read_bytes() == before


def test_what_is_no_plain_file_is_told_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises((UsageError, RunError)):
            read_decisions(path)
        with pytest.raises((UsageError, RunError)):
            append_decision(path, decision())


def test_decisions_lie_beside_the_rules_and_are_no_part_of_them(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "words.yaml").write_bytes((RULES / "lexicon" / "generic.yaml").read_bytes())
    before = load_rules(rules)
    path = decisions_path(rules)
    assert path == rules / "decisions.jsonl"
    append_decision(path, decision())
    after = load_rules(rules)
    assert (after.digest, after.problems) == (before.digest, before.problems)


def test_what_is_returned_is_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    for torn in (b"", b"torn"):
        with path.open("ab") as file:
            file.write(torn)
        after = append_decision(path, decision())
        found = read_decisions(path)
        assert (after.entries, after.problems) == (found.entries, found.problems)
