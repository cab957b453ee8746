"""--log-format json: every message is one JSON object a line on standard error, and standard output stays as it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pytest

from pipeline.cli import common
from pipeline.cli.app import COMMANDS, cli, run
from pipeline.cli.main import log_format_of
from tests.support import ROOT


def told(text: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()]
    for one in found:
        assert datetime.fromisoformat(one["time"]).tzinfo is not None
        assert one["level"] in ("info", "warning", "error")
        assert list(one)[:4] == ["time", "level", "event", "message"]
    return found


@pytest.fixture(autouse=True)
def _text_again() -> Any:
    yield
    common.choose_log_format([])


@pytest.mark.parametrize(
    "place", [["--log-format", "json", "reconcile", "/nowhere"], ["reconcile", "/nowhere", "--log-format=json"]]
)
def test_a_failure_is_one_object(place: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place) == 2
    out, err = capsys.readouterr()
    [one] = told(err)
    assert out == ""
    assert (one["level"], one["event"], one["exit_code"]) == ("error", "usage", 2)
    assert "/nowhere" in one["message"]


def test_wrong_use_is_told_in_the_format_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["extract", "--no-such-option", "--log-format", "json"]) == 2
    [one] = told(capsys.readouterr().err)
    assert one["event"] == "usage"
    assert "--no-such-option" in one["message"]


def test_text_is_what_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reconcile", "/nowhere"]) == 2
    assert capsys.readouterr().err.startswith("claims: /nowhere/articles.jsonl: no such file")
    assert run(["reconcile", "/nowhere", "--log-format", "text"]) == 2
    assert capsys.readouterr().err.startswith("claims: /nowhere/articles.jsonl: no such file")


def test_a_format_that_does_not_exist_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reconcile", "/nowhere", "--log-format", "xml"]) == 2
    assert "'xml' is not one of" in capsys.readouterr().err


def test_a_message_is_one_line_of_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    common.choose_log_format(["--log-format", "json"])
    common.say("a\nb\u2028c\ud800", path=Path("x"))
    line = capsys.readouterr().err
    assert line.isascii()
    assert line.count("\n") == 1
    [one] = told(line)
    assert one["message"] == "a\nb\u2028c\ud800"
    assert one["path"] == "x"


def test_events_for_programs_are_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    common.log("extracted", "2 articles", articles=2)
    assert capsys.readouterr().err == ""


def test_every_command_takes_it() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        leaves = command.commands.values() if isinstance(command, click.Group) else [command]
        for leaf in leaves:
            assert sum("--log-format" in parameter.opts for parameter in leaf.params) == 1, name


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "text"),
        (["extract", "--log-format", "json"], "json"),
        (["--log-format=json", "extract"], "json"),
        (["--log-format=json", "--log-format", "text"], "text"),
        (["extract", "--", "--log-format", "json"], "text"),
        (["--log-format"], "text"),
        (["--log-format", "xml"], "text"),
    ],
)
def test_the_format_is_known_before_the_rest_is_understood(arguments: list[str], expected: str) -> None:
    assert log_format_of(arguments) == expected


def test_an_early_interrupt_is_an_object_too(tmp_path: Path) -> None:
    program = "import os, signal\nfrom pipeline.cli.main import _leave_at_once\n_leave_at_once()\nos.kill(os.getpid(), signal.SIGINT)\n"
    done = subprocess.run(
        [sys.executable, "-c", program, "extract", "--log-format", "json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert done.returncode == 130
    assert json.loads(done.stderr) == {"time": None, "level": "error", "event": "interrupted", "message": "interrupted"}
