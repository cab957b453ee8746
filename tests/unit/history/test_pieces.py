"""Files kept by content."""

import random
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.history.pieces import Pieces


def lines(count: int, seed: int = 1) -> list[bytes]:
    chance = random.Random(seed)
    return [f'{{"n":{i},"x":"{chance.random()}"}}\n'.encode() for i in range(count)]


def stored(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def pieces(tmp_path: Path) -> Pieces:
    return Pieces(tmp_path / "pieces")


@pytest.mark.parametrize("data", [b"", b"one line", b"".join(lines(500)), b"x" * 3_000_000, b"\n\n\n"])
def test_a_file_comes_back_as_it_was(tmp_path: Path, pieces: Pieces, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    assert b"".join(pieces.get(pieces.put(tmp_path / "file"))) == data


def test_what_is_the_same_costs_nothing_and_what_changed_costs_its_neighbourhood(
    tmp_path: Path, pieces: Pieces
) -> None:
    file, content = tmp_path / "file", lines(5000)
    file.write_bytes(b"".join(content))
    first = pieces.put(file)
    before = stored(tmp_path / "pieces")
    assert pieces.put(file) == first
    assert stored(tmp_path / "pieces") == before
    content.insert(2500, b"a line of its own\n")
    del content[10]
    file.write_bytes(b"".join(content))
    pieces.put(file)
    assert len(stored(tmp_path / "pieces") - before) <= 6  # the list and the pieces around two places
    assert len(before) > 40


def test_the_same_file_gives_the_same_bytes_anywhere(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"".join(lines(200)))
    for name in ("a", "b"):
        Pieces(tmp_path / name).put(tmp_path / "file")
    assert {path.relative_to(tmp_path / "a"): path.read_bytes() for path in (tmp_path / "a").rglob("*.gz")} == {
        path.relative_to(tmp_path / "b"): path.read_bytes() for path in (tmp_path / "b").rglob("*.gz")
    }


def test_a_sweep_takes_what_no_run_needs_and_half_written_drafts(tmp_path: Path, pieces: Pieces) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"".join(lines(300)))
    kept = pieces.put(file)
    before = stored(tmp_path / "pieces")
    file.write_bytes(b"".join(lines(300, seed=2)))
    pieces.put(file)
    next((tmp_path / "pieces").iterdir()).joinpath("ab.tmp").write_bytes(b"half")
    assert pieces.sweep([kept]) > 0
    assert stored(tmp_path / "pieces") == before


@pytest.mark.parametrize("damage", [b"", b"no gzip", None])
def test_damage_is_one_clear_line(tmp_path: Path, pieces: Pieces, damage: bytes | None) -> None:
    (tmp_path / "file").write_bytes(b"".join(lines(100)))
    name = pieces.put(tmp_path / "file")
    path = next(path for path in (tmp_path / "pieces").rglob("*.gz") if path.stem != name)
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    with pytest.raises(UsageError, match="restore it from a backup"):
        list(pieces.get(name))


@pytest.mark.parametrize("damage", [b"", b"no gzip"])
def test_what_is_kept_again_mends_what_was_damaged(tmp_path: Path, pieces: Pieces, damage: bytes) -> None:
    (tmp_path / "file").write_bytes(b"".join(lines(100)))
    name = pieces.put(tmp_path / "file")
    for path in (tmp_path / "pieces").rglob("*.gz"):
        path.write_bytes(damage)
    assert pieces.put(tmp_path / "file") == name
    assert b"".join(pieces.get(name)) == (tmp_path / "file").read_bytes()


def test_nothing_is_swept_where_a_list_is_damaged(tmp_path: Path, pieces: Pieces) -> None:
    (tmp_path / "file").write_bytes(b"".join(lines(100)))
    name = pieces.put(tmp_path / "file")
    next(path for path in (tmp_path / "pieces").rglob("*.gz") if path.stem == name).write_bytes(b"")
    before = stored(tmp_path / "pieces")
    with pytest.raises(UsageError):
        pieces.sweep([name])
    assert stored(tmp_path / "pieces") == before
