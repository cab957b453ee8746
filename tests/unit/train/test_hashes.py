"""The hashes that the recipe writes are those that loading checks."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.language import strength
from pipeline.language.weights import CONFIG, FILES, sha256_of, shipped_weights
from pipeline.train.hashes import hashes, name_hashes


def test_the_shipped_config_names_every_file_of_the_model_and_the_add_on() -> None:
    folder = shipped_weights()
    named = json.loads((folder / CONFIG).read_text("utf-8"))["sha256"]
    assert named == hashes(folder)
    assert set(named) == {path.name for path in folder.iterdir() if path.suffix in (".onnx", ".npy")} | {"pieces.json"}


def test_a_new_add_on_is_named_and_the_rest_of_the_config_stays(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / CONFIG).write_text(json.dumps({"tags": ["``", "–"], "sha256": {"old": "0"}}), "utf-8")
    (tmp_path / strength.FILE).write_bytes(b"add-on")
    name_hashes(tmp_path)
    config = json.loads((tmp_path / CONFIG).read_text("utf-8"))
    assert config["tags"] == ["``", "–"]
    assert config["sha256"] == {name: sha256_of(tmp_path, name) for name in (*FILES, strength.FILE)}


def test_without_a_config_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / strength.FILE).write_bytes(b"add-on")
    name_hashes(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [strength.FILE]
