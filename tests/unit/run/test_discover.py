"""What is found in the raw folder, and what is not."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.run.discover import discover

PAGE = "<html><body><p>Tea drinkers slept 7.5 hours.</p></body></html>"


def fill(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PAGE)


def paths(folder: Path) -> list[str]:
    return [source.path for source in discover(folder)[0]]


def errors(folder: Path) -> list[tuple[str, str]]:
    return [(error.path, error.reason) for error in discover(folder)[1]]


def test_all_formats_below_the_folder_sorted(tmp_path: Path) -> None:
    fill(tmp_path, "b.html", "a/z.txt", "a/b/c.md", "Z.HTM", "a.warc.gz", "x.jsonl", "p.pdf", "y.html.gz", "k.xhtml")
    assert paths(tmp_path) == [
        "Z.HTM", "a.warc.gz", "a/b/c.md", "a/z.txt", "b.html", "k.xhtml", "p.pdf", "x.jsonl", "y.html.gz",
    ]  # fmt: skip
    assert errors(tmp_path) == []


def test_absolute_paths_lead_to_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a/b.html")
    monkeypatch.chdir(tmp_path)
    (source,) = discover(Path("a"))[0]
    assert source.path == "b.html"
    assert source.absolute == str(tmp_path / "a" / "b.html")


def test_what_is_no_input_is_passed_over(tmp_path: Path) -> None:
    fill(
        tmp_path,
        "page.html",
        "page_files/frame.html",
        "page_files/x.json",
        ".hidden.html",
        ".git/a.html",
        "sources.yaml",
    )
    fill(
        tmp_path,
        "style.css",
        "logo.png",
        "page.html.meta.json",
        "page.html~",
        "Thumbs.db",
        "__MACOSX/page.html",
        "app.js.gz",
    )
    assert paths(tmp_path) == ["page.html"]
    assert errors(tmp_path) == []


def test_a_folder_that_only_looks_like_a_companion_is_read(tmp_path: Path) -> None:
    fill(tmp_path, "my_files/page.html")
    assert paths(tmp_path) == ["my_files/page.html"]


def test_unknown_types_are_told_unless_they_hold_a_page(tmp_path: Path) -> None:
    fill(tmp_path, "page.html", "index.php", "article", "page.html?id=3")
    (tmp_path / "table.csv").write_text("tea,hours\n1,7.5\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "sheet.xlsx").write_bytes(b"PK\x03\x04")
    assert paths(tmp_path) == ["article", "index.php", "page.html", "page.html?id=3"]
    found = errors(tmp_path)
    assert [path for path, _ in found] == ["more/sheet.xlsx", "table.csv"]
    assert found[0][1].startswith("not a format that can be read (.xlsx); use .html, ")


def test_a_sidecar_without_an_article_is_told(tmp_path: Path) -> None:
    fill(tmp_path, "page.html", "page.meta.json", "pgae.meta.json", "sub/page.html.meta.json")
    fill(tmp_path, "table.csv.meta.json")
    (tmp_path / "table.csv").write_text("tea,hours\n")
    reason = "describes no article: none of that name lies beside it"
    assert [item for item in errors(tmp_path) if item[1] == reason] == [
        ("pgae.meta.json", reason),
        ("sub/page.html.meta.json", reason),
    ]


def test_odd_names(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "café.html") for form in ("NFC", "NFD"))
    fill(
        tmp_path, composed, decomposed, "a b.html", "a#b.html", "a%20b.html", "né.gz.html", "-rf.html", "new\nline.html"
    )
    with open(os.fsencode(tmp_path) + b"/caf\xe9.html", "w") as file:
        file.write(PAGE)
    found, problems = discover(tmp_path)
    assert problems == []
    assert {source.path for source in found} == {
        composed, decomposed, "a b.html", "a#b.html", "a%20b.html", "né.gz.html", "-rf.html", "new\nline.html", "caf%E9.html",
    }  # fmt: skip
    for source in found:
        source.path.encode()
        assert Path(source.absolute).read_text() == PAGE


def test_two_names_that_print_the_same(tmp_path: Path) -> None:
    fill(tmp_path, "caf%E9.html")
    with open(os.fsencode(tmp_path) + b"/caf\xe9.html", "w") as file:
        file.write(PAGE)
    assert paths(tmp_path) == ["caf%E9.html"]
    assert errors(tmp_path) == [("caf%E9.html", "is the name of two files once odd bytes are spelt out; rename one")]


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    fill(raw, "page.html")
    fill(tmp_path, "secret.html", "raw-other/x.html")
    (raw / "file.html").symlink_to(tmp_path / "secret.html")
    (raw / "folder").symlink_to(tmp_path / "raw-other")
    (raw / "up").symlink_to(tmp_path)
    assert paths(raw) == ["page.html"]
    reason = "is a link that leads out of the raw folder; put the file itself there"
    assert errors(raw) == [("file.html", reason), ("folder", reason), ("up", reason)]


def test_links_inside_add_nothing_twice(tmp_path: Path) -> None:
    fill(tmp_path, "sub/page.html", ".store/hidden.html", ".store/deep/x.html")
    (tmp_path / "again.html").symlink_to("sub/page.html")
    (tmp_path / "sub2").symlink_to("sub")
    (tmp_path / "shown.html").symlink_to(".store/hidden.html")
    (tmp_path / "shown2.html").symlink_to(".store/hidden.html")
    (tmp_path / "deep").symlink_to(".store/deep")
    assert paths(tmp_path) == ["deep/x.html", "shown.html", "sub/page.html"]
    assert errors(tmp_path) == []


def test_loops_and_dangling_links(tmp_path: Path) -> None:
    fill(tmp_path, "a/page.html")
    (tmp_path / "a" / "self").symlink_to(".")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    (tmp_path / "gone.html").symlink_to("nowhere.html")
    assert paths(tmp_path) == ["a/page.html"]
    assert errors(tmp_path) == [
        ("gone.html", "is a link to something that does not exist"),
        ("one", "is a link that leads in a circle or cannot be followed"),
        ("two", "is a link that leads in a circle or cannot be followed"),
    ]


def test_pipes_are_refused_unopened(tmp_path: Path) -> None:
    fill(tmp_path, "page.html")
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "null.html").symlink_to("/dev/null")
    assert paths(tmp_path) == ["page.html"]
    assert [path for path, _ in errors(tmp_path)] == ["null.html", "pipe.html"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    fill(tmp_path, "page.html", "shut/page.html")
    (tmp_path / "shut").chmod(0)
    try:
        assert paths(tmp_path) == ["page.html"]
        assert errors(tmp_path) == [("shut", "folder cannot be read: permission denied")]
    finally:
        (tmp_path / "shut").chmod(0o700)


def test_a_single_file(tmp_path: Path) -> None:
    fill(tmp_path, "sub/page.html", "sub/other.html", "sub/.hidden.html")
    assert paths(tmp_path / "sub" / "page.html") == ["page.html"]
    assert paths(tmp_path / "sub" / ".hidden.html") == [".hidden.html"]
    (tmp_path / "link").symlink_to(tmp_path / "sub" / "page.html")
    assert paths(tmp_path / "link") == ["link"]


def test_a_linked_folder_as_raw(tmp_path: Path) -> None:
    fill(tmp_path, "real/page.html", "real/.store/x.html")
    (tmp_path / "real" / "x.html").symlink_to(".store/x.html")
    (tmp_path / "raw").symlink_to("real")
    assert paths(tmp_path / "raw") == ["page.html", "x.html"]
    assert errors(tmp_path / "raw") == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent", "does not exist; name the folder or file that holds the articles"),
        ("empty", "it holds no .html, "),
        ("only-hidden", "it holds no .html, "),
        ("only-tables", "(first of 1: t.csv not a format that can be read (.csv)"),
        ("t.xlsx", "t.xlsx not a format that can be read (.xlsx)"),
        ("pipe", "is a special file"),
        ("empty/\0", "is no file name"),
    ],
)
def test_nothing_to_read(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    fill(tmp_path, "only-hidden/.a.html")
    (tmp_path / "only-tables").mkdir()
    (tmp_path / "only-tables" / "t.csv").write_text("a,b\n")
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError) as raised:
        discover(tmp_path / name)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_order_does_not_depend_on_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, *(f"{folder}/{name}.html" for folder in "cab" for name in "zxy"))
    (tmp_path / "l1").symlink_to("a/x.html")
    first = discover(tmp_path)
    listing = os.listdir
    monkeypatch.setattr(os, "listdir", lambda *args: list(reversed(listing(*args))))
    assert discover(tmp_path) == first
    assert [source.path for source in first[0]] == sorted(source.path for source in first[0])
