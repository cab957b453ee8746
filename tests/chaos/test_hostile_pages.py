"""Pages made to do harm, with good ones beside them: one line each at most, within the limits, and the neighbours as if alone."""

from __future__ import annotations

import json
from pathlib import Path

from bench.common import command
from bench.fuzz.hostile import make
from bench.fuzz.neighbours import ids_of, records_of, write_neighbours

_MOST_BYTES = 2 * 2**30


def test_hostile_pages_cost_themselves_alone(tmp_path: Path) -> None:
    write_neighbours(tmp_path / "alone" / "good")
    assert command("extract", tmp_path / "alone", "-o", tmp_path / "expected", "--workers", "1").code == 0
    ids = ids_of(tmp_path / "expected")
    write_neighbours(tmp_path / "raw" / "good")
    (tmp_path / "raw" / "bad").mkdir()
    pages = make()
    for name, data in pages.items():
        (tmp_path / "raw" / "bad" / name).write_bytes(data)
    done = command("extract", tmp_path / "raw", "-o", tmp_path / "out", "--workers", "1")
    assert done.code == 3, done.err
    assert "Traceback" not in done.err
    assert done.peak_bytes < _MOST_BYTES
    assert records_of(tmp_path / "out", ids) == records_of(tmp_path / "expected")
    errors = [json.loads(line) for line in (tmp_path / "out" / "errors.jsonl").read_text("utf-8").splitlines()]
    for error in errors:
        assert error["reason"].isprintable(), error
        assert "report" not in error["reason"], error
        assert "took longer" not in error["reason"], error
        assert "process" not in error["reason"], error
        assert str(tmp_path) not in error["reason"], error
    # Whatever was read was read as text: nothing outside the page came in, and nothing grew by entities.
    articles = [json.loads(line) for line in (tmp_path / "out" / "articles.jsonl").read_text("utf-8").splitlines()]
    assert not any("root:" in article["text"] for article in articles)
    assert all(len(article["text"]) < 200_000 for article in articles)
    read = {article["path"].removeprefix("bad/") for article in articles}
    for name in ("utf-16.html", "said-utf-8.html", "tags.html", "comment.html", "aliases.md", "digits.txt"):
        assert name in read, name
