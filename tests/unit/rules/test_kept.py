from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import pipeline.rules.kept as kept
from pipeline.errors import RulesError
from pipeline.rules.kept import load_kept_rules
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from tests.support import ROOT

WORDS = """- id: small-words
  stage: clean
  why: Words for a test.
  entries: [tea, milk]
  examples:
    - {text: They drank tea., cleaned: They drank tea.}
    - {text: They saw sand., cleaned: They saw sand., silent: true}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "words.yaml").write_text(WORDS, "utf-8")
    return rules


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were read anew."""
    read: list[Path] = []

    def load(folder: Path, *, strict: bool = False) -> Ruleset:
        read.append(folder)
        return load_rules(folder, strict=strict)

    monkeypatch.setattr(kept, "load_rules", load)
    return read


def same(one: Ruleset, other: Ruleset) -> bool:
    return vars(one) == vars(other) and list(one.rules) == list(other.rules)


def kept_file(folder: Path) -> Path:
    (found,) = (folder.parent / "cache/claims").glob("*.json")
    return found


def test_the_second_start_reads_no_rules(folder: Path, loads: list[Path]) -> None:
    first, second = load_kept_rules(folder), load_kept_rules(folder)
    assert same(first, second)
    assert same(first, load_rules(folder))
    assert loads == [folder]
    assert first.lexicon("small-words") == ("tea", "milk")


def test_the_rules_of_the_project_come_back_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first, second = load_kept_rules(ROOT / "rules"), load_kept_rules(ROOT / "rules")
    assert same(first, second)
    assert first.analysing.digest == second.analysing.digest
    assert first.cleaning.digest == second.cleaning.digest


@pytest.mark.parametrize("change", ["content", "name", "more", "fewer"])
def test_a_change_of_the_files_is_seen(folder: Path, loads: list[Path], change: str) -> None:
    (folder / "other.yaml").write_text(WORDS.replace("small-words", "large-words"), "utf-8")
    load_kept_rules(folder)
    if change == "content":
        (folder / "words.yaml").write_text(WORDS.replace("milk", "salt"), "utf-8")
    elif change == "name":
        (folder / "words.yaml").rename(folder / "new.yaml")
    elif change == "more":
        (folder / "third.yaml").write_text(WORDS.replace("small-words", "odd-words"), "utf-8")
    else:
        (folder / "other.yaml").unlink()
    assert same(load_kept_rules(folder), load_rules(folder))
    assert len(loads) == 2
    assert len(list((folder.parent / "cache/claims").iterdir())) == 1


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def _flip(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"milk", b"silk"))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


def _open_to_all(path: Path) -> None:
    path.chmod(0o666)


def _folder_open_to_all(path: Path) -> None:
    path.parent.chmod(0o777)


def _linked(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [_cut, _flip, _empty, _noise, _open_to_all, _folder_open_to_all, _linked])
def test_what_is_damaged_or_open_to_others_is_not_believed(
    folder: Path, loads: list[Path], harm: Callable[[Path], None]
) -> None:
    load_kept_rules(folder)
    harm(kept_file(folder))
    assert same(load_kept_rules(folder), load_rules(folder))
    assert len(loads) == 2


def test_a_killed_writer_is_no_hindrance(folder: Path, loads: list[Path]) -> None:
    place = kept._place(folder)
    assert place is not None
    place.parent.mkdir(parents=True)
    place.with_name(f".{place.name}.tmp").write_bytes(b"half a")
    load_kept_rules(folder), load_kept_rules(folder)
    assert len(loads) == 1


def test_without_a_place_to_keep_them_rules_are_read_each_time(
    folder: Path, loads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "cache").write_text("no folder", "utf-8")
    assert same(load_kept_rules(folder), load_kept_rules(folder))
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/dev/null")
    assert same(load_kept_rules(folder), load_rules(folder))
    assert len(loads) == 3


def test_what_is_no_plain_file_is_left_to_the_loader(folder: Path, loads: list[Path]) -> None:
    os.mkfifo(folder / "pipe.yaml")
    assert [load_kept_rules(folder).problems == load_rules(folder).problems for _ in range(2)] == [True, True]
    assert len(loads) == 2


def test_problems_are_kept_and_strict_raises_for_them(folder: Path, loads: list[Path]) -> None:
    (folder / "bad.yaml").write_text("- id: broken\n", "utf-8")
    problems = load_kept_rules(folder).problems
    assert problems
    assert load_kept_rules(folder).problems == problems
    with pytest.raises(RulesError):
        load_kept_rules(folder, strict=True)
    assert len(loads) == 1


def test_each_folder_has_its_own(folder: Path, loads: list[Path]) -> None:
    other = folder.parent / "others"
    shutil.copytree(folder, other)
    (other / "words.yaml").write_text(WORDS.replace("milk", "salt"), "utf-8")
    for place in (folder, other, folder, other):
        assert same(load_kept_rules(place), load_rules(place))
    assert len(loads) == 2


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="no such folder"):
        load_kept_rules(tmp_path / "none")
