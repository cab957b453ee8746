"""No regular expression of the program, or of its rules, takes more than linear time, whatever the text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patterns import is_anchored, slow
from tests.support import ROOT


@pytest.mark.parametrize(
    "pattern",
    [r"(a+)+$", r"(\w|\d)*;", r"\s+$", r"<a[^>]*>", r"x*y*z", r"(?:a|ab)*c", r"\s*,\s*x", r"[a-z]+@"],
)  # fmt: skip
def test_slow_patterns_are_found(pattern: str) -> None:
    # Times are compared: beside other work a pattern that is slow may once look as if it were not.
    assert any(slow(pattern, 0) is not None for _ in range(4))


@pytest.mark.parametrize(
    "pattern", [r"\d+", r"(?<!\s)\s+$", r"<a[^<>]{0,200}>", r"[a-z]{1,40}@", r"(?:ab?)*", r"^\s+x"]
)
def test_linear_patterns_are_not(pattern: str) -> None:
    assert slow(pattern, 0) is None


@pytest.mark.skipif(
    not os.environ.get("CLAIMS_SLOW_TESTS"),
    reason="times hundreds of patterns for a minute; make bench-cost runs it (CLAIMS_SLOW_TESTS=1)",
)
def test_every_pattern_of_code_and_rules_is_linear(tmp_path: Path) -> None:
    """Patterns are collected in a process of its own, where each module is loaded anew and all rules are compiled."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.patterns", str(tmp_path / "found.json")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=170,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert len(found) > 250
    wrong = []
    for pattern, flags, file, line in found:
        told = slow(pattern, flags, is_anchored(Path(file), line))
        if told is not None:
            wrong.append(f"{Path(file).name}:{line}: {told.string!r} in {pattern[:200]}")
    assert not wrong, "\n".join(wrong)
