"""What sources.yaml may say, and how mistakes in it are told."""

from datetime import timedelta
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from pipeline.errors import UsageError
from pipeline.fetch.report import PageReport, PageStatus
from pipeline.fetch.settings import FetchSettings, FetchSource, period
from pipeline.fetch.sources import read_sources
from pipeline.rules.schema import load_schema
from tests.support import ROOT

DOCS = (ROOT / "docs" / "fetching.md").read_text("utf-8")


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_list_of_sources(tmp_path: Path) -> None:
    found = read_sources(
        write(
            tmp_path,
            """
- {url: "HTTPS://Leaf.test:443/tea#top", publisher: The Leaf, kind: news, topic: sleep}
- {feed: "https://leaf.test/rss", id: leaf, every: 12h, enabled: false}
- {sitemap: "https://oat.test/sitemap.xml", include: ["*/tea/*"], max_pages: 5}
- {folder: ../cuttings}
""",
        )
    )
    assert found.problems == ()
    assert [source.id for source in found.sources] == [
        "https://leaf.test/tea",
        "leaf",
        "https://oat.test/sitemap.xml",
        "../cuttings",
    ]
    assert found.sources[0].address == "https://leaf.test/tea"
    assert found.sources[1].period == timedelta(hours=12)
    assert found.sources[3].folder == str(tmp_path / ".." / "cuttings")


def test_settings_beside_sources(tmp_path: Path) -> None:
    found = read_sources(
        write(
            tmp_path,
            'settings: {per_host_delay: 5, contact: "a@leaf.test", allow_private: [10.0.0.0/8]}\nsources:\n  - {url: "https://leaf.test/"}\n',
        )
    )
    assert found.settings == FetchSettings(per_host_delay=5, contact="a@leaf.test", allow_private=("10.0.0.0/8",))
    assert len(found.sources) == 1


@pytest.mark.parametrize("text", ["", "settings: {}\n", "sources: []\n", "[]\n"])
def test_no_sources_are_none(tmp_path: Path, text: str) -> None:
    assert read_sources(write(tmp_path, text)).sources == ()


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{urll: x}", "has the unknown key urll"),
        ("{publisher: x}", "needs one of url, feed, sitemap, folder, and has none"),
        ('{url: "https://a.test/", feed: "https://a.test/"}', "and has url, feed"),
        ('{url: "ftp://a.test/"}', "`url` is no http or https address"),
        ('{url: "https://me:pw@a.test/"}', "`url` holds a user name or password"),
        ('{url: "https://a.test/", kind: novel}', "`kind` is 'novel'; use one of"),
        ('{url: "https://a.test/", every: sometimes}', "write hourly, daily"),
        ('{url: "https://a.test/", every: 0h}', "write hourly, daily"),
        ('{url: "https://a.test/", max_bytes: lots}', "`max_bytes` is 'lots'"),
        ("5", "it must be a mapping"),
        ('{url: "https://ok.test/"}', "the same source as in line 1"),
    ],
)
def test_a_broken_entry_is_left_out_and_told_with_its_line(tmp_path: Path, entry: str, problem: str) -> None:
    found = read_sources(
        write(tmp_path, f'- {{url: "https://ok.test/"}}\n# a note\n- {entry}\n- {{url: "https://ok.test/b"}}\n')
    )
    assert [source.id for source in found.sources] == ["https://ok.test/", "https://ok.test/b"]
    [told] = found.problems
    assert told.startswith("sources.yaml:3: ")
    assert problem in told


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("settings: {timeout: soon}\n", "sources.yaml:1: settings: `timeout` is 'soon'"),
        ("settings:\n  tiemout: 5\n", "sources.yaml:2: settings: this has the unknown key tiemout"),
        ("settings: {allow_private: [10.0.0.0/99]}\n", "write networks such as"),
        ('settings: {user_agent: "bad\\nagent"}\n', "`user_agent`"),
        ("sources: 5\n", "`sources` must be a list"),
        ("surces: []\n", "unknown key 'surces'"),
        ("settings: [\n", "bad YAML"),
        ("just words\n", "neither a list of sources nor a mapping"),
        ("settings: {contact: &a x, timeout: *a}\n", "anchors and aliases"),
    ],
)
def test_a_broken_setting_stops_it(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_sources(write(tmp_path, text))
    assert problem in str(raised.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_sources(tmp_path / "sources.yaml")
    (tmp_path / "sources.yaml").write_bytes(b"- {url: '\xff'}\n")
    with pytest.raises(UsageError, match=r"sources\.yaml:1: not UTF-8"):
        read_sources(tmp_path / "sources.yaml")


@pytest.mark.parametrize(
    ("every", "hours"), [("hourly", 1), ("daily", 24), ("weekly", 168), ("monthly", 720), ("90m", 1.5), ("3d", 72)]
)
def test_periods(every: str, hours: float) -> None:
    assert period(every) == timedelta(hours=hours)


@pytest.mark.parametrize("every", ["", "h", "0d", "1w", "-1h", "1.5h", "²h"])
def test_what_is_no_period(every: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the value itself
        period(every)


@pytest.mark.parametrize(("kind", "definition"), [(FetchSettings, "fetch-settings"), (FetchSource, "fetch-source")])
def test_schema_docs_and_records_agree(kind: type[msgspec.Struct], definition: str) -> None:
    names = set(load_schema()["$defs"][definition]["properties"])
    assert names == set(kind.__struct_encode_fields__)
    for name in names:
        assert f"`{name}`" in DOCS, name


@pytest.mark.parametrize("name", [*PageReport.__struct_encode_fields__, *get_args(PageStatus)])
def test_the_docs_name_all_that_is_reported(name: str) -> None:
    assert f"`{name}`" in DOCS


@pytest.mark.parametrize("name", FetchSettings.__struct_encode_fields__)
def test_the_docs_state_the_defaults(name: str) -> None:
    value = getattr(FetchSettings(), name)
    shown = f"`{value}`" if isinstance(value, str) else "none"
    if isinstance(value, bool):
        shown = f"`{str(value).lower()}`"
    elif isinstance(value, int | float):
        shown = str(int(value))
    elif isinstance(value, tuple):
        shown = ", ".join(map(str, value))
    assert f"| `{name}` | {shown} |" in DOCS


def test_the_sources_that_ship_ask_nobody() -> None:
    from pipeline.fetch.addresses import is_example

    found = read_sources(ROOT / "raw" / "sources.yaml")
    assert found.problems == ()
    assert found.sources
    assert all(not source.enabled or source.url is None or is_example(source.url) for source in found.sources)
    assert all(source.url is not None for source in found.sources)
