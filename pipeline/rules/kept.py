"""Loaded rules, kept from one start of the program to the next: reading and checking them all takes longer than many a run.

They lie as JSON in the user's own cache folder (``$XDG_CACHE_HOME/claims``, by default ``~/.cache/claims``), one file for each folder of
rules, which may be deleted at any time. A file is believed only where it is this user's alone, whole, and made by this program of rule
files with these very bytes; whatever is wrong with it, the rules are read anew.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipeline.errors import RulesError
from pipeline.files import write_atomically
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.schema import shipped_rules_folder
from pipeline.rules.yamlfile import MAX_BYTES

_LIBRARIES = ("jsonschema", "PyYAML")
"""What decides, beside the program itself, what a file of rules means."""
_LARGEST = 64 * 2**20
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def load_kept_rules(folder: Path, *, strict: bool = False) -> Ruleset:
    """What :func:`load_rules` gives for ``folder``, without reading it where that was done before. Raises ``RulesError`` as that does."""
    key = _key(folder)
    place = _place(folder) if key is not None else None
    if key is None or place is None:
        return load_rules(folder, strict=strict)
    ruleset = _read(place, key)
    if ruleset is None:
        ruleset = load_rules(folder)
        if _key(folder) == key:  # else a file was changed meanwhile
            _write(place, key, ruleset)
    if strict and ruleset.problems:
        raise RulesError(list(ruleset.problems))
    return ruleset


def _key(folder: Path) -> str | None:
    """A SHA-256 over all that loading depends on; None where a file is none that loading would read."""
    sha = hashlib.sha256(f"{sys.version}\0{_versions()}".encode())
    own = Path(__file__).parent
    try:
        files = [
            *((path.name, path) for path in sorted(own.glob("*.py"))),
            ("schema.json", shipped_rules_folder() / "schema.json"),
            *sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*.yaml")),
        ]
        for name, path in files:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                return None
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            sha.update(f"\0{name}\0{content}".encode("utf-8", "surrogateescape"))
    except OSError:
        return None
    return sha.hexdigest()


def _versions() -> str:
    try:
        return " ".join(version(name) for name in _LIBRARIES)
    except PackageNotFoundError:
        return ""


def _place(folder: Path) -> Path | None:
    """Where the rules of ``folder`` are kept; None where the user has no folder for such things."""
    try:
        named = os.environ.get("XDG_CACHE_HOME", "")
        base = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
        whose = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()
    except (OSError, RuntimeError, ValueError):
        return None
    return base / "claims" / f"rules-{whose[:16]}.json"


def _read(place: Path, key: str) -> Ruleset | None:
    try:
        if not _is_ours(os.stat(place.parent)):
            return None
        with place.open("rb") as file:
            status = os.fstat(file.fileno())
            if not _is_ours(status) or not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                return None
            head, _, data = file.read().partition(b"\n")
        if head != _head(key, data):
            return None
        return Ruleset.restore(data)
    except (OSError, ValueError, TypeError):
        return None


def _write(place: Path, key: str, ruleset: Ruleset) -> None:
    """Keeps ``ruleset``; where that cannot be done, nothing is lost but time. Two who write at once may spoil the draft, which shows when
    it is read."""
    data = ruleset.dump()
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(place, _head(key, data) + b"\n" + data, mode=0o600)
    except OSError:
        return


def _head(key: str, data: bytes) -> bytes:
    return f"{key} {hashlib.sha256(data).hexdigest()}".encode()


def _is_ours(status: os.stat_result) -> bool:
    """Whether no other user can have written there."""
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & _OTHERS
