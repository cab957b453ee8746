"""``claims fetch`` as a whole command, against a real server."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.cli.app import run
from pipeline.config import Limits
from pipeline.model import RawDocument
from pipeline.readers.base import read_source
from pipeline.run.discover import discover
from tests.support import ROOT
from tests.unit.fetch.site import Asked, Reply, Site, html


@pytest.fixture
def raw(tmp_path: Path, site: Site) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "sources.yaml").write_text(
        f"""
settings: {{allow_private: [127.0.0.0/8], per_host_delay: 0, attempts: 1, contact: "robot@leaf.test"}}
sources:
  - {{url: "http://127.0.0.1:{site.port}/tea", publisher: The Leaf, kind: news}}
  - {{url: "http://127.0.0.1:{site.port}/oat", publisher: The Oat}}
""",
        "utf-8",
    )
    site.routes["/tea"] = html("After 12 weeks, 48 percent of the tea group slept well.")
    site.routes["/oat"] = html("After 12 weeks, 50 percent of the oat group slept well.", "Oats and sleep")
    return folder


def fetch(raw: Path, *options: str) -> int:
    # The rules for fetching alone, which load in no time.
    return run(["fetch", str(raw), "--rules", str(ROOT / "rules" / "fetch"), *options])


def test_it_fetches_what_the_readers_then_read(raw: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch(raw) == 0
    assert capsys.readouterr().out.endswith("2 new; 2 pages are current (3 requests)\n")
    assert site.asked[0].headers["user-agent"].endswith("(+robot@leaf.test)")
    sources, errors = discover(raw)
    assert errors == []
    documents = [document for source in sources for document in read_source(source, Limits())]
    found = {document.meta.url: document for document in documents if isinstance(document, RawDocument)}
    assert set(found) == {site.url("/tea", "127.0.0.1"), site.url("/oat", "127.0.0.1")}
    tea = found[site.url("/tea", "127.0.0.1")]
    assert (tea.meta.publisher, tea.meta.kind) == ("The Leaf", "news")
    assert tea.path.startswith("fetched/127-0-0-1/tea-")
    assert "48 percent" in tea.content


def test_what_went_wrong_is_told_with_code_3(raw: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch(raw) == 0
    site.routes["/oat"] = Reply(b"no", 403)
    with (raw / "sources.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {url: 'ftp://leaf.test/'}\n")
    capsys.readouterr()
    assert fetch(raw, "--all", "-q") == 3
    quiet = capsys.readouterr()
    assert quiet.out == ""
    assert "sources.yaml:6: `url` is no http or https address" in quiet.err
    assert "failed: HTTP 403 Forbidden" in quiet.err
    assert fetch(raw, "--all") == 3
    assert "1 failed, 1 unchanged; 2 pages are current" in capsys.readouterr().out
    fetch(raw, "--all", "--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["status"], line["http_status"]) for line in lines] == [("failed", 403), ("unchanged", 200)]


def test_what_is_not_due_is_not_asked_for(raw: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    fetch(raw)
    site.asked.clear()
    assert fetch(raw, "--verbose") == 0
    assert capsys.readouterr().out.count("not due before") == 2
    assert site.asked == []


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [(None, 2, "no such file"), ("settings: {timeout: x}\n", 2, "sources.yaml:1"), ("[]\n", 0, "")],
)
def test_wrong_use_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, code: int, message: str
) -> None:
    if text is not None:
        (tmp_path / "sources.yaml").write_text(text, "utf-8")
    assert fetch(tmp_path) == code
    assert message in capsys.readouterr().err


def test_the_demonstration_set_asks_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sources.yaml").write_bytes((ROOT / "raw" / "sources.yaml").read_bytes())
    assert fetch(tmp_path) == 0
    assert capsys.readouterr().out.endswith("24 skipped; 0 pages are current (0 requests)\n")


def test_an_interrupt_ends_it_with_code_130(raw: Path, site: Site) -> None:
    command = [sys.executable, "-m", "pipeline.cli", "fetch", str(raw), "--rules", str(ROOT / "rules" / "fetch")]
    asked = threading.Event()

    def slow(_: Asked) -> Reply:
        asked.set()
        return Reply(b"", wait=5)

    site.routes["/tea"] = slow
    child = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
    )
    assert asked.wait(60)
    child.terminate()
    _, told = child.communicate(timeout=60)
    assert child.returncode == 130
    assert told == "claims: interrupted; what was fetched so far is kept, run the same command again to go on\n"
