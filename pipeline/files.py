"""Writes files so that no half-written one is ever found."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def write_atomically(path: Path, data: bytes, *, mode: int = 0o666, draft: Path | None = None) -> None:
    """Writes ``data`` to ``path`` so that a reader, or a kill, finds the old file or the new one. Raises ``OSError``; then nothing is left.

    ``mode`` is whom the file is open to, less what the user's mask takes away. Unless ``draft``, a path beside it, is the writer's own,
    whoever calls holds a lock, or can tell a spoilt file: two writers would share the draft, whose name ends in ``.tmp``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if draft is None:
        draft = path.with_name(f".{path.name}.tmp")
    try:
        with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
