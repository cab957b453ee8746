"""The program's front door."""

import subprocess
import sys

import pytest

from pipeline.cli import app as main
from pipeline.errors import RulesError, RunError, UsageError
from tests.support import ROOT, claims


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from pipeline.cli.app import run; run(['--help']); "
        "print(sorted({'spacy', 'trafilatura', 'numpy', 'lxml', 'yaml', 'msgspec'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "extract" in done.stdout
    assert done.stderr.strip() == "[]"


def test_the_version_is_that_of_the_package() -> None:
    assert claims("--version").stdout.startswith("claims 0.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("a\nb"), 2),
        (RulesError(["x.yaml:3: no"]), 4),
        (RunError("disk"), 5),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError(), 5),
    ],
)
def test_every_failure_is_a_message_and_a_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(main.cli, "main", fail)
    assert main.run([]) == code
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert all(line.startswith("claims: ") for line in lines)


def test_a_reader_that_goes_away_is_no_failure() -> None:
    command = f"{sys.executable} -m pipeline.cli formats | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--text", "Tea helped 5%."], "interrupted"),
        (["raw", "-o", "out"], "interrupted; finished articles are kept, run the same command again to go on"),
    ],
)
def test_an_interrupt_says_what_is_kept_only_where_something_is(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.rules.kept.load_kept_rules", stop)
    assert main.run(["extract", *arguments]) == 130
    assert capsys.readouterr().err.strip() == f"claims: {message}"
