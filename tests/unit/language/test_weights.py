"""Weights that are missing, damaged or of another version: one line each, never a traceback."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ModelError
from pipeline.language.encoder import SentenceEncoder
from pipeline.language.weights import FILES, load_weights
from tests.unit.language.support import open_weights, weights_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the weights whose files can be replaced."""
    open_weights()
    for name in (*FILES, "config.json"):
        (tmp_path / name).symlink_to(weights_folder() / name)
    return tmp_path


def problem(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_weights(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{folder}: ")
    assert message.endswith("install the program again, or name a spaCy pipeline with --model")
    assert caught.value.exit_code == 5
    return message


def replace(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    assert "no language model" in problem(tmp_path / "none")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_told(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name in problem(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_told(folder: Path, name: str) -> None:
    data = (folder / name).read_bytes()
    replace(folder / name, data[: len(data) // 2])
    assert f"{name} is not the file that config.json names" in problem(folder)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b'{"format": 1}', b'{"format": "1"}'])
def test_a_damaged_config_is_told(folder: Path, data: bytes) -> None:
    replace(folder / "config.json", data)
    problem(folder)


def config(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return data


def test_another_version_is_told(folder: Path) -> None:
    replace(folder / "config.json", json.dumps({**config(folder), "format": 2}).encode())
    assert "format 2, this version of the program reads 1" in problem(folder)


@pytest.mark.parametrize("key", ["tags", "relations", "entities", "measured", "roles"])
def test_labels_that_do_not_fit_the_scores_are_told(folder: Path, key: str) -> None:
    data = config(folder)
    data[key] = [*data[key], "more"]
    replace(folder / "config.json", json.dumps(data).encode())
    assert "differ in their labels" in problem(folder)


def test_files_that_do_not_fit_each_other_are_told(folder: Path) -> None:
    import hashlib

    data = config(folder)
    replace(folder / "pieces.json", b"{}")
    data["sha256"]["pieces.json"] = hashlib.sha256(b"{}").hexdigest()
    replace(folder / "config.json", json.dumps(data).encode())
    assert "pieces.json cannot be read" in problem(folder)


def test_loading_takes_under_a_second() -> None:
    open_weights()  # the libraries
    begin = time.process_time()
    SentenceEncoder(open_weights()).run(["Tea", "helps", "."])
    assert time.process_time() - begin < 1


def test_weights_travel_to_other_processes() -> None:
    weights = open_weights()
    assert pickle.loads(pickle.dumps(weights)).digest == weights.digest
