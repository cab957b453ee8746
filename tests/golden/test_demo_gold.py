"""The gold values of the demonstration set stand in its pages, word for word."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from bs4 import BeautifulSoup
from warcio.archiveiterator import ArchiveIterator

from pipeline.model import Qualifier, QuantityClass, SourceKind
from tests.tools import make_demo_warc

ROOT = Path(__file__).parents[2]
RAW = ROOT / "raw"
GOLD = Path(__file__).parent / "demo_values.jsonl"
LINES: list[dict[str, Any]] = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
GENERATOR = "claims-pipeline demonstration set"
QUALIFIERS = {None, *get_args(Qualifier)}


def one_space(text: str) -> str:
    return " ".join(text.split())


def visible(page: str | bytes) -> str:
    return one_space(BeautifulSoup(page, "lxml").get_text(" "))


def sources() -> Iterator[tuple[str, str | bytes]]:
    """Path and content of every article of the set, named as ``path`` in ``articles.jsonl`` is."""
    for file in sorted(RAW.rglob("*")):
        path = file.relative_to(RAW).as_posix()
        if path.endswith(".warc.gz"):
            with file.open("rb") as stream:
                for record in ArchiveIterator(stream):
                    if record.rec_type == "response":
                        record_id = record.rec_headers.get_header("WARC-Record-ID").removeprefix("<urn:uuid:")
                        yield f"{path}#{record_id.removesuffix('>')}", record.content_stream().read()
        elif path.endswith(".html.gz"):
            yield path, gzip.decompress(file.read_bytes())
        elif file.suffix == ".html":
            yield path, file.read_bytes()
        elif file.suffix in (".txt", ".md"):
            yield path, file.read_text(encoding="utf-8")
        elif file.suffix == ".jsonl":
            for line in file.read_text(encoding="utf-8").splitlines():
                item = json.loads(line)
                yield f"{path}#{item['id']}", item.get("html") or item["text"]


@cache
def pages() -> dict[str, str]:
    """Path to visible text, spaces made one."""
    return {path: one_space(str(page)) if path.endswith((".txt", ".md")) else visible(page) for path, page in sources()}


@pytest.mark.parametrize("path", sorted({line["path"] for line in LINES}))
def test_quotes_stand_in_the_page(path: str) -> None:
    missing = [line["quote"] for line in LINES if line["path"] == path and line["quote"] not in pages()[path]]
    assert missing == []


def test_every_article_has_gold_values() -> None:
    assert set(pages()) == {line["path"] for line in LINES}
    assert len(LINES) >= 120


def test_figures_stand_in_their_quotes() -> None:
    # The text export has lost its thin spaces ("0.5?mg/kg"), so the gold text is what cleaning restores.
    wrong = [
        line["text"] for line in LINES if line["text"].casefold() not in line["quote"].replace("?", " ").casefold()
    ]
    assert wrong == []


def test_values_are_well_formed() -> None:
    for line in LINES:
        assert ("value" in line) != ("low" in line), line
        assert "low" not in line or line["low"] < line["high"], line
        assert line["qualifier"] in QUALIFIERS, line
        assert "class" not in line or line["class"] in get_args(QuantityClass), line


def test_pages_say_that_they_are_invented() -> None:
    for path, page in sources():
        text = page.decode("utf-8", errors="replace") if isinstance(page, bytes) else page
        assert "for demonstration" in text, path
        assert GENERATOR in text or path.endswith(".txt") or "<html" not in text, path


def test_sources_name_only_reserved_domains() -> None:
    listed = yaml.safe_load((RAW / "sources.yaml").read_text(encoding="utf-8"))
    assert listed
    for source in listed:
        host = source["url"].split("/")[2]
        assert host.endswith((".example", "example.org", "example.com")), host
        assert source["kind"] in get_args(SourceKind)
        assert source["topic"]


def test_archive_holds_the_pages_beside_its_script() -> None:
    archived = {path.rpartition("#")[2]: page for path, page in sources() if ".warc.gz#" in path}
    assert archived == {
        page.record_id: (make_demo_warc.PAGES / page.name).read_bytes() for page in make_demo_warc.CRAWL
    }
