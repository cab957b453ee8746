"""``claims refresh`` as a scheduler runs it: codes, messages, interrupts, two at once."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from pipeline.run.store import open_store
from tests.chaos.test_runs import start
from tests.support import claims, result_bytes, wait_until_at_work

TRIAL = (
    "In a trial with 80 night nurses, 48% of the valerian group and 11% of the placebo group slept through the night after six weeks. "
    "The nurses worked in four hospitals by the sea."
)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for name in ("trial", "news"):
        (folder / f"{name}.txt").write_text(TRIAL, "utf-8")
    return folder


def test_a_scheduler_is_told_by_the_code_and_people_by_the_text(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = claims("refresh", raw, "-o", out, "--workers", "0", "--fail-on", "new-warning")
    assert first.returncode == 0, first.stderr
    assert "nothing to compare with" in first.stdout
    assert {"report.html", "report.json"} <= {path.name for path in (out / "reports").iterdir()}
    (raw / "news.txt").write_text(TRIAL.replace("48%", "84%"), "utf-8")
    second = claims("refresh", raw, "-o", out, "--workers", "0", "--fail-on", "new-warning", "--format", "json")
    assert second.returncode == 1, second.stderr
    assert "48 percent -> 84 percent" in second.stdout
    assert [path.name for path in (out / "reports").iterdir()] == ["report.json"]
    (raw / "broken.html").write_bytes(b"\x00\x01\x02\xff" * 99)
    third = claims("refresh", raw, "-o", out, "--workers", "0", "--fail-on", "new-warning")
    assert third.returncode == 3, third.stderr
    assert "broken.html" in third.stderr
    assert json.loads(claims("runs", "show", out, "last").stdout)["counts"]["errors"] == 1
    assert claims("diff", f"{out}@last", out).stdout.rstrip().endswith("no changes")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["{tmp}/nothing"], 2, "does not exist"),
        (["{tmp}/raw", "--since", "1999"], 2, "no run 1999"),
        (["{tmp}/raw", "--fail-on", "sometimes"], 2, "--fail-on"),
        (["{tmp}/raw", "--format", "stone"], 2, "--format"),
    ],
)
def test_wrong_use_is_one_clear_message(
    raw: Path, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    done = claims("refresh", *(argument.format(tmp=tmp_path) for argument in arguments), "-o", tmp_path / "out")
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_run_says_who_holds_the_folder(raw: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "out", "claims refresh"):
        done = claims("refresh", raw, "-o", tmp_path / "out")
    assert done.returncode == 5
    assert f"another run is writing here (claims refresh, process {os.getpid()} on " in done.stderr


def test_a_run_that_is_stopped_leaves_the_results_and_the_next_goes_on(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    claims("refresh", raw, "-o", out, "--workers", "0", "--format", "json")
    before = result_bytes(out)
    rows = [{"id": f"r{i}", "text": f"{TRIAL} In ward {i} there were {i + 3} beds."} for i in range(3000)]
    (raw / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    run = start("refresh", raw, "-o", out, "--workers", "1", "--format", "json")
    wait_until_at_work(run, out)
    time.sleep(1)
    os.killpg(run.pid, signal.SIGTERM)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130, err
    assert "earlier results are as they were" in err
    assert result_bytes(out) == before
    (raw / "rows.jsonl").unlink()
    assert claims("refresh", raw, "-o", out, "--workers", "0", "--format", "json").stdout.count("no changes") == 1
