"""A whole refresh in this process: what is new is told once, whatever happens on the way."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import RunError, UsageError
from pipeline.history.changes import RunDiff
from pipeline.history.runs import History
from pipeline.model import Article, Flag
from pipeline.refresh.refresh import Fetched, Refreshed, RefreshSettings, Steps, fails, refresh
from pipeline.refresh.yields import given_in, yields_of
from pipeline.rules.loader import load_rules
from pipeline.run.results import numbered_records
from pipeline.run.store import open_store
from pipeline.run.work import Settings
from tests.support import ROOT

RULES = load_rules(ROOT / "rules")
NIGHT = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
TRIAL = (
    "In a trial with 80 night nurses, 48% of the valerian group and 11% of the placebo group slept through the night after six weeks. "
    "Nobody stopped the treatment early. The nurses worked in four hospitals by the sea and were asked once a week."
)
NEWS = (
    "Night nurses sleep better with valerian. In a trial with 80 nurses, 48% of the valerian group slept through the night after six "
    "weeks, against 11% of the placebo group. The nurses drank it before going to bed, and most of them liked the taste."
)


class Everything:
    """A reviewer who has put all flags away."""

    def suppressed(self, _flag: Flag) -> bool:
        return True

    def carry(self, _old: Flag, _new: Flag) -> None:
        raise AssertionError("nothing was reworded")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "trial.txt").write_text(TRIAL, "utf-8")
    (folder / "news.txt").write_text(NEWS, "utf-8")
    return folder


def report(_results: Path, target: Path, diff: RunDiff | None, _warnings: Sequence[str]) -> list[Path]:
    """Stands for the reports: what they would tell."""
    target.mkdir(parents=True, exist_ok=True)
    (target / "told.txt").write_text("first" if diff is None else repr(diff.counts()), "utf-8")
    return [target / "told.txt"]


def night(raw: Path, number: int = 0, out: str = "out", **steps: Any) -> Refreshed:
    settings = RefreshSettings(extract=Settings(raw=raw, out=raw.parent / out, workers=0))
    now = NIGHT + timedelta(days=number)
    return refresh(settings, RULES, Steps(**{"report": report, "now": lambda: now, **steps}))


def article_ids(raw: Path) -> set[str]:
    return {article.article_id for _, article in numbered_records(raw.parent / "out" / "articles.jsonl", Article)}


def everything(folder: Path) -> dict[str, bytes]:
    """All files of the results but what is the program's own and what tells the time."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".work" not in path.parts and path.name != "run.json" and "history" not in path.parts
    }


def test_the_first_night_has_nothing_to_compare_with_and_the_second_nothing_to_tell(raw: Path) -> None:
    first = night(raw)
    assert first.diff is None
    assert first.extracted.unchanged == 0
    second = night(raw, 1)
    assert second.extracted.unchanged == 2
    assert second.diff is not None
    assert second.diff.quiet
    assert History(raw.parent / "out").ids() == ["20260301T021500Z", "20260302T021500Z"]


def test_a_changed_figure_is_told_with_what_it_brings(raw: Path) -> None:
    night(raw)
    (raw / "news.txt").write_text(NEWS.replace("48%", "84%"), "utf-8")
    done = night(raw, 1)
    assert done.diff is not None
    assert [change.kind for change in done.diff.claims] == ["changed"]
    assert {(change.status, change.flag.rule) for change in done.diff.flags if change.status == "new"} == {
        ("new", "value-mismatch")
    }
    assert done.run.since == "20260301T021500Z"
    assert done.run.changes["claims"] == {"changed": 1}
    assert fails(done, "new-warning")
    assert not fails(night(raw, 2), "new-warning")


def test_nothing_is_new_in_a_first_run_but_what_is_wrong_is_wrong(raw: Path) -> None:
    (raw / "news.txt").write_text(NEWS.replace("48%", "84%"), "utf-8")
    done = night(raw)
    assert not fails(done, "new-warning")
    assert fails(done, "warning")
    assert not fails(night(raw, out="other", decided=Everything()), "warning")


def test_a_flag_that_was_put_away_is_back_when_it_is_not_any_more(raw: Path) -> None:
    (raw / "news.txt").write_text(NEWS.replace("48%", "84%"), "utf-8")
    hidden = night(raw, decided=Everything())
    assert set(hidden.run.suppressed) == {flag.flag_id for flag in hidden.flags}
    done = night(raw, 1)
    assert done.diff is not None
    assert {change.status for change in done.diff.flags} == {"back"}


def test_a_renamed_file_keeps_its_id_for_good(raw: Path) -> None:
    night(raw)
    (raw / "news.txt").rename(raw / "story.txt")
    done = night(raw, 1)
    assert done.diff is not None
    assert done.diff.quiet
    assert [change.kind for change in done.diff.articles] == ["renamed"]
    (raw / "story.txt").write_text(NEWS.replace("liked the taste", "did not mind the taste"), "utf-8")
    again = night(raw, 2)
    assert again.diff is not None
    assert [(change.kind, change.article_id) for change in again.diff.articles] == [("changed", "news.txt")]
    assert again.diff.claims == ()


def test_what_fetching_says_is_kept_with_the_run(raw: Path) -> None:
    fetched = Fetched(counts={"changed": 1}, problems=("https://x.example/: HTTP 500",))
    done = night(raw, fetch=lambda: fetched)
    assert done.fetched == fetched
    assert History(raw.parent / "out").run(done.run.run_id).sources["problems"] == list(fetched.problems)


def test_an_empty_raw_folder_leaves_the_results(raw: Path) -> None:
    night(raw)
    before = everything(raw.parent / "out")
    for path in raw.iterdir():
        path.unlink()
    with pytest.raises(UsageError, match="nothing to read"):
        night(raw, 1)
    assert everything(raw.parent / "out") == before
    assert History(raw.parent / "out").ids() == ["20260301T021500Z"]


def test_a_last_run_that_cannot_be_read_is_a_warning(raw: Path) -> None:
    night(raw)
    for path in (raw.parent / "out" / "history" / "pieces").rglob("*.gz"):
        path.write_bytes(b"")
    done = night(raw, 1)
    assert done.diff is None
    assert any("not compared with the run 20260301T021500Z" in warning for warning in done.warnings)
    assert everything(raw.parent / "out")["claims.jsonl"]


def test_a_second_run_is_told_who_holds_the_lock(raw: Path) -> None:
    with open_store(raw.parent / "out", "claims refresh"), pytest.raises(RunError) as error:
        night(raw)
    assert f"claims refresh, process {os.getpid()} on " in str(error.value)
    night(raw)


def test_a_report_that_is_no_longer_written_goes(raw: Path) -> None:
    night(raw)
    assert (raw.parent / "out" / "reports" / "told.txt").is_file()
    night(raw, 1, report=None)
    assert not (raw.parent / "out" / "reports" / "told.txt").exists()


class Killed(BaseException):
    """Stands for a kill."""


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Stops the program at the n-th time that a file gets another name or goes, which is where results change."""
    left = {"steps": -1, "taken": 0}
    replace, unlink = os.replace, os.unlink

    def step() -> None:
        left["taken"] += 1
        if left["steps"] == 0:
            raise Killed
        left["steps"] -= 1

    def killing_replace(*names: Any, **known: Any) -> None:
        step()
        replace(*names, **known)

    def killing_unlink(*names: Any, **known: Any) -> None:
        step()
        unlink(*names, **known)

    monkeypatch.setattr(os, "replace", killing_replace)
    monkeypatch.setattr(os, "unlink", killing_unlink)
    yield left
    left["steps"] = -1


def test_a_kill_at_any_step_of_the_second_night_is_made_good_by_the_next_run(raw: Path, killer: dict[str, int]) -> None:
    """The third run, too, has nothing to tell: what the second told was told once."""
    night(raw, out="first")
    (raw / "news.txt").write_text(NEWS.replace("48%", "84%"), "utf-8")
    (raw / "blog.txt").write_text("In a trial with 80 nurses, about half of the valerian group slept well.", "utf-8")
    shutil.copytree(raw.parent / "first", raw.parent / "whole")
    night(raw, 1, out="whole")
    expected = everything(raw.parent / "whole")

    def prepared(name: str) -> Path:
        """The results of the first night, with the articles as they were read already, so that this is about what comes after."""
        shutil.copytree(raw.parent / "first", raw.parent / name)
        shutil.copytree(raw.parent / "whole" / ".work", raw.parent / name / ".work", dirs_exist_ok=True)
        return raw.parent / name

    killer["taken"] = 0
    night(raw, 1, out=prepared("counted").name, announce=lambda _done: killer.update(told=killer["taken"]))
    assert killer["told"] > 10
    for number in (*range(0, killer["told"] - 2, 5), None):
        out = prepared(f"out{number}")
        killer["steps"] = -1 if number is None else number
        with pytest.raises(Killed):
            # The last of them dies when it has told the user and notes that: how many steps come before is not the same every time.
            night(
                raw,
                1,
                out=out.name,
                announce=lambda _done, last=number is None: killer.update(steps=0) if last else None,
            )
        killer["steps"] = -1
        night(raw, 1, out=out.name)
        assert everything(out) == expected, number
        assert len(History(out).ids()) == 2
        assert History(out).check() == []
        third = night(raw, 2, out=out.name)
        assert third.diff is not None
        assert third.diff.quiet


def test_no_moment_shows_half_of_the_new_results(raw: Path) -> None:
    """Whoever was not told, because the program died on the way to tell, is told by the next run."""

    def die(_done: Refreshed) -> None:
        raise Killed

    night(raw)
    (raw / "news.txt").write_text(NEWS.replace("48%", "84%"), "utf-8")
    with pytest.raises(Killed):
        night(raw, 1, announce=die)
    done = night(raw, 2)
    assert done.diff is not None
    assert [change.kind for change in done.diff.claims] == ["changed"]
    assert History(raw.parent / "out").ids() == ["20260301T021500Z", "20260303T021500Z"]


def test_a_run_that_nobody_was_told_of_is_kept_where_it_said_something_else(raw: Path) -> None:
    def die(_done: Refreshed) -> None:
        raise Killed

    night(raw)
    (raw / "news.txt").write_text(NEWS.replace("48%", "84%"), "utf-8")
    with pytest.raises(Killed):
        night(raw, 1, announce=die)
    (raw / "news.txt").write_text(NEWS.replace("48%", "74%"), "utf-8")
    done = night(raw, 2)
    assert done.diff is not None
    assert [f.old.text for c in done.diff.claims for f in c.figures if f.old] == ["48%"]
    assert len(History(raw.parent / "out").ids()) == 3
    quiet = night(raw, 3)
    assert quiet.diff is not None
    assert quiet.diff.quiet


def test_damaged_results_are_made_again_with_the_ids_of_the_last_run(raw: Path) -> None:
    night(raw)
    (raw / "news.txt").rename(raw / "story.txt")
    (raw.parent / "out" / "articles.jsonl").write_text("{", "utf-8")
    done = night(raw, 1)
    assert done.diff is not None
    assert done.diff.quiet
    assert article_ids(raw) == {"news.txt", "trial.txt"}


def test_where_nothing_tells_what_articles_were_called_they_are_called_by_their_files(raw: Path) -> None:
    night(raw)
    (raw / "news.txt").rename(raw / "story.txt")
    (raw.parent / "out" / "articles.jsonl").write_text("{", "utf-8")
    for path in (raw.parent / "out" / "history" / "pieces").rglob("*.gz"):
        path.write_bytes(b"")
    done = night(raw, 1)
    assert done.diff is None
    assert any("not compared with the run" in warning for warning in done.warnings)
    assert article_ids(raw) == {"story.txt", "trial.txt"}


def test_a_source_that_gives_much_less_is_warned_of_and_what_it_gave_is_kept(raw: Path) -> None:
    paper = raw / "paper"
    paper.mkdir()
    for number in range(4):
        (paper / f"{number}.txt").write_text(f"{TRIAL} So said guest {number}. {NEWS}", "utf-8")
    first = night(raw)
    assert first.run.yields == yields_of(given_in(raw.parent / "out"))
    assert first.drops == ()
    warned: list[str] = []
    for number in range(4):
        (paper / f"{number}.txt").write_text(f"Please turn on scripts to read on. This is page {number}.", "utf-8")

    def noting(results: Path, target: Path, diff: RunDiff | None, warnings: Sequence[str]) -> list[Path]:
        warned.extend(warnings)
        return report(results, target, diff, warnings)

    done = night(raw, 1, report=noting)
    [told] = done.drops
    assert told.startswith("paper: 0 claims where the run before found")
    assert told in done.warnings
    assert told in warned


def test_run_json_tells_the_stages_of_a_refresh(raw: Path) -> None:
    done = night(raw)
    told = json.loads((raw.parent / "out" / "run.json").read_text("utf-8"))
    assert {"discover", "articles", "write", "reconcile", "compare", "report"} <= told["seconds"].keys()
    assert told["done"] == {
        "cleaned": 2,
        "analysed": 2,
        "sentences": told["counts"]["sentences"],
        "claims": done.extracted.claims,
    }
    assert {"read", "clean", "extract"} == told["worker_seconds"].keys()
    assert {"articles", "sentences", "claims"} == told["per_second"].keys()
    again = night(raw, 1)
    assert again.extracted.done == {"cleaned": 0, "analysed": 0, "sentences": 0, "claims": 0}
    assert json.loads((raw.parent / "out" / "run.json").read_text("utf-8"))["per_second"] == {}
