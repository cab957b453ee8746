from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.files import write_atomically


def test_a_file_is_open_to_those_it_is_meant_for(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        write_atomically(tmp_path / "new/all", b"1")
        write_atomically(tmp_path / "new/own", b"2", mode=0o600)
    finally:
        os.umask(mask)
    assert [(path.name, path.stat().st_mode & 0o777) for path in sorted((tmp_path / "new").iterdir())] == [
        ("all", 0o644),
        ("own", 0o600),
    ]


def test_where_the_disk_fails_the_old_file_stays_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
