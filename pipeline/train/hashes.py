"""The hashes of the files that ship, which ``config.json`` names and the program checks when it loads them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipeline.language import gate, strength
from pipeline.language.weights import CONFIG, FILES


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 by name of the files of a language model in ``folder``, and of those of the strength add-on that lie there.

    Raises OSError where one of the model's own files is missing.
    """
    names = [*FILES, *(name for name in (strength.FILE, gate.FILE) if (folder / name).is_file())]
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}


def name_hashes(folder: Path) -> None:
    """Writes :func:`hashes` into the ``config.json`` in ``folder``; without one, as where only the add-on is made, does nothing."""
    path = folder / CONFIG
    if path.is_file():
        write_config(path, {**json.loads(path.read_text("utf-8")), "sha256": hashes(folder)})


def write_config(path: Path, config: dict[str, object]) -> None:
    """Writes ``config.json``."""
    path.write_text(json.dumps(config, ensure_ascii=False, indent=1) + "\n", "utf-8")
