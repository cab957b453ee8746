"""Local folders among the sources."""

import json
from pathlib import Path

import pytest

from pipeline.fetch.settings import FetchSource
from tests.unit.fetch.site import Nights


@pytest.fixture
def cuttings(tmp_path: Path) -> Path:
    folder = tmp_path / "cuttings"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024" / "tea.txt").write_text("48 percent slept well.", "utf-8")
    (folder / "2024" / "tea.txt.meta.json").write_text('{"publisher": "The Leaf"}', "utf-8")
    (folder / "oat.html").write_text("<p>50 percent slept well.</p>", "utf-8")
    (folder / "notes.xyz").write_text("no article", "utf-8")
    (folder / ".hidden.txt").write_text("no article", "utf-8")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    return folder


def test_a_local_folder_is_copied_with_what_is_known_of_it(nights: Nights, cuttings: Path) -> None:
    nights.sources = [FetchSource(id="cuttings", folder=str(cuttings), publisher="Cuttings", kind="press")]
    [row] = nights.run().pages
    assert (row.status, row.listing) == ("unchanged", True)
    nights.write()
    names = sorted(name.split("/", 1)[1] for name in nights.files())
    assert names == ["2024/tea.txt", "oat.html"]
    sides = {path.name: json.loads(path.read_bytes()) for path in nights.raw.rglob("*.meta.json")}
    assert sides["tea.txt.meta.json"] == {"publisher": "The Leaf", "kind": "press"}
    assert sides["oat.html.meta.json"] == {"publisher": "Cuttings", "kind": "press"}


def test_what_leaves_the_folder_leaves_the_copy(nights: Nights, cuttings: Path) -> None:
    nights.sources = [FetchSource(id="cuttings", folder=str(cuttings))]
    nights.write()
    assert nights.write().written == 0
    (cuttings / "oat.html").unlink()
    (cuttings / "2024" / "tea.txt").write_text("51 percent slept well.", "utf-8")
    done = nights.write()
    assert (done.pages, done.written, done.removed) == (1, 1, 1)
    assert list(nights.files().values()) == [b"51 percent slept well."]


def test_a_folder_inside_the_raw_folder_is_read_where_it_lies(nights: Nights) -> None:
    inside = nights.raw.parent / "mine"
    inside.mkdir(parents=True)
    (inside / "tea.txt").write_text("48 percent slept well.", "utf-8")
    nights.sources = [FetchSource(id="mine", folder=str(inside))]
    assert nights.run().counts == {}
    assert nights.write().pages == 0
    assert not nights.raw.exists()


def test_a_folder_that_is_not_there_is_told_and_its_copy_kept(nights: Nights, cuttings: Path, tmp_path: Path) -> None:
    nights.sources = [FetchSource(id="cuttings", folder=str(cuttings))]
    nights.write()
    cuttings.rename(tmp_path / "elsewhere")  # such as a disk that is not mounted
    assert nights.run().counts == {"failed": 1}
    nights.write()
    assert len(nights.files()) == 2
