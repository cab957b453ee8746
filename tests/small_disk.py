"""Runs the program where the disk is really full, or really read-only: ``python -m tests.small_disk`` in a mount namespace of its own.

The steps are a JSON list on standard input; what comes of each is a JSON list on standard output. The namespace ends with this process,
and all mounts with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support import ROOT, claims

_FILLER = ".filler"


def in_namespace(steps: list[list[Any]]) -> list[Any]:
    """What came of each step. Raises ``PermissionError`` where this system lets nobody mount anything."""
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    try:
        trial = subprocess.run(
            [*unshare, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise PermissionError("there is no unshare here") from error
    if trial.returncode != 0:
        raise PermissionError(trial.stderr.strip())
    done = subprocess.run(
        [*unshare, sys.executable, "-m", "tests.small_disk"],
        cwd=ROOT, input=json.dumps(steps), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found: list[Any] = json.loads(done.stdout)
    return found


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def _fill(folder: Path, spare: int) -> None:
    """Takes all the space but ``spare`` bytes."""
    piece = 2**16
    with (folder / _FILLER).open("ab", buffering=0) as file:
        while piece:
            try:
                if file.write(bytes(piece)) < piece:
                    piece //= 2
            except OSError:
                piece //= 2
        if spare:
            file.truncate(max(0, file.tell() - spare))


def _digests(folder: Path) -> dict[str, str]:
    """Of every file but the program's own and ``run.json``, which holds times."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".work" not in path.parts and path.name not in ("run.json", _FILLER)
    }


def _step(name: str, *arguments: Any) -> Any:
    match name:
        case "disk":
            _mount("-t", "tmpfs", "-o", f"size={arguments[1]}", "none", arguments[0])
        case "fill":
            _fill(Path(arguments[0]), arguments[1])
        case "free":
            (Path(arguments[0]) / _FILLER).unlink()
        case "read-only":
            _mount("--bind", arguments[0], arguments[0])
            _mount("-o", "remount,bind,ro", arguments[0])
        case "read-write":
            _mount("-o", "remount,bind,rw", arguments[0])
        case "write":
            Path(arguments[0]).write_text(arguments[1], "utf-8")
        case "files":
            return _digests(Path(arguments[0]))
        case "claims":
            done = claims(*arguments)
            return [done.returncode, done.stderr]
        case "decide":  # on the first flag of these results
            flag = json.loads((Path(arguments[0]) / "flags.jsonl").read_bytes().splitlines()[0])["flag_id"]
            return _step("claims", "decide", flag, *arguments)
        case _:
            raise ValueError(name)
    return None


if __name__ == "__main__":
    json.dump([_step(*step) for step in json.load(sys.stdin)], sys.stdout)
