"""``claims review`` as a user runs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from pipeline.cli.app import run
from tests.unit.review.support import write_flags


@pytest.fixture
def results(tmp_path: Path) -> Path:
    write_flags(tmp_path, f1="h1")
    return tmp_path


def arguments(results: Path, *more: str) -> list[str]:
    return ["review", str(results), "--no-open", "--decisions", str(results / "decisions.jsonl"), "--port", "0", *more]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_stopped_and_ends_cleanly(results: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "pipeline.cli", *arguments(results, "--who", "Ada")]
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert child.stdout is not None
        first, second = child.stdout.readline(), child.stdout.readline()
        assert first.startswith("1 flags to look at, decisions by Ada")
        address = second.removeprefix("Open ").strip()
        host = "/".join(address.split("/")[:3])
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{host}/", timeout=30)
        assert refused.value.code == 403
        refused.value.close()
        child.send_signal(number)
        out, err = child.communicate(timeout=30)
    finally:
        child.kill()
        child.wait()
    assert (child.returncode, err) == (0, "")
    assert "The review has ended." in out


def test_a_port_in_use_is_told_with_what_to_do(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(arguments(results, "--port", port)) == 5
    (line,) = capsys.readouterr().err.splitlines()
    assert f"port {port} is in use" in line
    assert "--port" in line


def test_a_run_that_was_not_reconciled_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(tmp_path)) == 2
    assert "claims reconcile" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_file_that_cannot_be_written_is_told_before_anybody_decides(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results.chmod(0o500)
    assert run(arguments(results)) == 2
    assert "no decision could be kept" in capsys.readouterr().err
