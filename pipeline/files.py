"""Writes files so that no half-written one is ever found."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Writes ``data`` to ``path`` so that a reader, or a kill, finds the old file or the new one. Raises ``OSError``.

    Whoever calls holds a lock: two writers would share the draft, whose name ends in ``.tmp``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
