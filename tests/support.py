"""Helpers of several tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RECORD_FILES = ("articles.jsonl", "claims.jsonl", "quantities.jsonl", "statements.jsonl", "errors.jsonl")


def claims(*arguments: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the program in a process of its own. The limit is for what hangs: a machine with much else to do is slow."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def records(folder: Path, name: str) -> list[dict[str, Any]]:
    """The lines of ``name``.jsonl in ``folder``."""
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()]


def result_bytes(folder: Path) -> dict[str, bytes]:
    """The record files, byte for byte."""
    return {name: (folder / name).read_bytes() for name in RECORD_FILES}


def page(body: str, title: str = "Tea and sleep") -> str:
    """A small page whose prose is ``body``."""
    filler = (
        "Gardeners who drink tea in the evening often say that they sleep better for it, and many of them mean it. "
    )
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{title}</h1><p>{filler * 3}</p><p>{body}</p><p>{filler * 2}</p></article></body></html>"
    )


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def wait_until_at_work(run: subprocess.Popen[str], out: Path) -> None:
    """Waits until ``run`` holds the folder of its results, however long the machine takes to start it."""

    def holds() -> bool:
        assert run.poll() is None, "it has ended by itself"
        try:
            return bool(json.loads((out / ".work" / "holder.json").read_bytes())["pid"] == run.pid)
        except (OSError, ValueError):
            return False

    wait_until(holds)
