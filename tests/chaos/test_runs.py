"""Runs that are killed, refused or given nonsense: one clear line, and the next run ends with the same bytes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import ROOT, claims, page, result_bytes, wait_until_at_work


def make_raw(folder: Path, count: int = 30, prefix: str = "r") -> Path:
    folder.mkdir()
    rows = [
        {
            "id": f"{prefix}{i}",
            "text": f"Of {i + 20} gardeners in plot {i}, {i + 5} percent slept well after {i + 2} weeks of tea. " * 8,
        }
        for i in range(count)
    ]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (folder / "page.html").write_text(
        page("In the end 48.2% of the tea group and 10.7% of the water group slept."), "utf-8"
    )
    return folder


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.cli", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_killed_runs_are_taken_up_by_the_next(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw")
    claims("extract", raw, "-o", tmp_path / "whole")
    chance = random.Random(7)
    for _ in range(6):
        run = start("extract", raw, "-o", tmp_path / "out", "--workers", "1")
        time.sleep(chance.uniform(0.2, 3.0))
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
    done = claims("extract", raw, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert result_bytes(tmp_path / "out") == result_bytes(tmp_path / "whole")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".work", "articles.jsonl", "claims.jsonl", "errors.jsonl", "quantities.jsonl", "run.json",
        "statements.jsonl",
    ]  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_cleanly_and_keeps_the_earlier_results(tmp_path: Path, number: signal.Signals) -> None:
    raw = make_raw(tmp_path / "raw", count=5)
    claims("extract", raw, "-o", tmp_path / "out")
    before = result_bytes(tmp_path / "out")
    make_raw(tmp_path / "more", count=3000, prefix="m").rename(raw / "more")
    run = start("extract", raw, "-o", tmp_path / "out", "--workers", "1")
    wait_until_at_work(run, tmp_path / "out")
    time.sleep(1)
    os.killpg(run.pid, number)  # as a terminal does: the whole group gets it
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130, err
    assert err.strip().splitlines() == [
        "claims: interrupted; finished articles are kept, run the same command again to go on"
    ]
    assert result_bytes(tmp_path / "out") == before


def test_a_page_that_hangs_the_program_costs_itself_alone(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", count=3)
    (raw / "deep.html").write_text("<div>" * 200_000 + "48 percent of gardeners slept." + "</div>" * 200_000, "utf-8")
    (raw / "digits.txt").write_text("1" * 500_000 + " " + "1,2-" * 3_000, "utf-8")
    (raw / "huge.html").write_bytes(b"<p>" + b"tea " * (13 * 2**20) + b"</p>")
    done = claims("extract", raw, "-o", tmp_path / "out")
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()].count("huge.html") == 1
    ids = {
        json.loads(line)["article_id"] for line in (tmp_path / "out" / "articles.jsonl").read_text("utf-8").splitlines()
    }
    assert {"r0", "r1", "r2", "page.html"} <= ids


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["extract", "{tmp}/nothing", "-o", "{tmp}/out"], 2, "nothing"),
        (["extract", "{tmp}/empty", "-o", "{tmp}/out"], 2, "empty"),
        (["extract", "{tmp}/raw"], 2, "-o"),
        (["extract", "{tmp}/raw", "-o", "{tmp}/raw/page.html"], 5, "page.html"),
        (["extract", "{tmp}/raw", "-o", "{tmp}/out", "--rules", "{tmp}/empty"], 2, "rules"),
        (["extract", "{tmp}/raw", "-o", "{tmp}/out", "--since", "{tmp}/empty"], 2, "--since"),
        (["extract", "{tmp}/raw", "-o", "{tmp}/out", "--workers", "many"], 2, "--workers"),
        (["show", "{tmp}/empty"], 2, "claims.jsonl"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_wrong_use_is_one_clear_message(tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    (tmp_path / "empty").mkdir()
    make_raw(tmp_path / "raw", count=1)
    done = claims(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_rule_is_left_out_or_fatal_with_strict(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", count=1)
    rules = tmp_path / "rules"
    subprocess.run(["cp", "-r", ROOT / "rules", rules], check=True)
    (rules / "extract" / "mine.yaml").write_text("- id: Not Kebab\n  stage: nowhere\n", "utf-8")
    done = claims("extract", raw, "-o", tmp_path / "out", "--rules", rules)
    assert done.returncode == 0, done.stderr
    assert "extract/mine.yaml:1" in done.stderr
    done = claims("extract", raw, "-o", tmp_path / "out", "--rules", rules, "--strict")
    assert done.returncode == 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to stand for a full disk")
def test_output_to_a_full_disk_is_one_clear_message(tmp_path: Path) -> None:
    make_raw(tmp_path / "raw", count=1)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pipeline.cli", "--help"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 5
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("blocks", [0, 4, 40])
def test_a_full_disk_leaves_the_earlier_results(tmp_path: Path, blocks: int) -> None:
    """A limit on the size of files stands for the full disk: both fail in the middle of a write."""
    raw = make_raw(tmp_path / "raw", count=3)
    claims("extract", raw, "-o", tmp_path / "out")
    before = result_bytes(tmp_path / "out")
    make_raw(tmp_path / "more", count=60, prefix="m").rename(raw / "more")
    command = f"ulimit -f {blocks}; exec {sys.executable} -m pipeline.cli extract {raw} -o {tmp_path}/out --workers 0"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert result_bytes(tmp_path / "out") == before
    assert claims("extract", raw, "-o", tmp_path / "out").returncode == 0
