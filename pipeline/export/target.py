"""Where an export goes: a file that appears under its name only once it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import RunError, UsageError


@contextmanager
def whole_file(path: Path, *, replace: bool, sources: tuple[Path, ...] = ()) -> Iterator[BinaryIO]:
    """A file to write ``path`` with; what stood there stays until all is written, also where writing fails.

    A device or pipe is written to as it is. Raises UsageError where ``path`` exists and ``replace`` is false, where it is one of
    ``sources`` or a folder, or has no folder to be in; RunError where the disk fails.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    if target.is_dir():
        raise UsageError(f"{path}: is a folder; name a file")
    if not target.parent.is_dir():
        raise UsageError(f"{path}: its folder does not exist; make it first")
    plain = not target.exists() or target.is_file()
    if plain and target.exists():
        if any(source.exists() and source.samefile(target) for source in sources):
            raise UsageError(f"{path}: is what the export reads; give another name")
        if not replace:
            raise UsageError(f"{path}: exists already; give another name, or --force to replace it")
    draft = target.with_name(f".claims-export-{os.getpid()}.part") if plain else target
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            if plain:
                os.fsync(file.fileno())
        if plain:
            draft.replace(target)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise RunError(f"{path}: could not be written ({error.strerror or error})") from error
    finally:
        if plain:
            draft.unlink(missing_ok=True)
