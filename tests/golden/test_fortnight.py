"""A week of nightly runs over a site that changes: each night tells what really changed, and nothing more. bench/ has the fortnight."""

import subprocess
import sys
from pathlib import Path

from bench.fortnight import told, wrong_nights
from bench.site import SCRIPT, first_night
from bench.site_server import serving
from pipeline.history.changes import RunDiff
from tests.support import ROOT


def test_a_week_of_pages_in_a_folder(tmp_path: Path) -> None:
    assert wrong_nights(tmp_path, count=8) == []


def test_four_nights_of_pages_that_are_fetched(tmp_path: Path) -> None:
    with serving() as server:
        assert wrong_nights(tmp_path, count=4, server=server) == []


def test_runs_that_are_killed_are_made_good() -> None:
    """In a process of its own, since the runs are forks of it."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.kills", "3", "--night", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.stdout == "3 runs killed, all made good\n", done.stdout + done.stderr


def test_the_script_of_the_fortnight_plays() -> None:
    pages = first_night()
    for night in SCRIPT:
        night.edit(pages)
    assert len(SCRIPT) == 14
    assert "beacon.html" in pages


def test_a_quiet_night_tells_nothing() -> None:
    quiet = RunDiff(old="a", new="b", made=(), reconciled=True, articles=(), claims=(), findings=(), flags=())
    assert told(quiet) == []
