"""Finds the files to read in the raw folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.model import InputError
from pipeline.readers.base import Source, file_type, formats, known_suffixes, refusal, suffix_of
from pipeline.readers.problem import os_reason, printable_path, problem
from pipeline.readers.sidecar import SIDECAR_SUFFIX, sidecar_names

__all__ = ["Source", "discover"]

SOURCES_FILE = "sources.yaml"
_PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
_COMPANION_FOLDER = "_files"
"""A browser that saves ``page.html`` puts its images and scripts into ``page_files/``."""
# Parts of pages, indexes of archives and litter of operating systems: no one means them to be read as articles.
_PASSED_OVER_SUFFIXES = frozenset(
    {".css", ".js", ".mjs", ".map", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".cdx", ".cdxj", ".bak", ".swp", ".tmp"}
    | {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".bmp", ".mp3", ".mp4", ".webm"}
)
_RESULTS = frozenset({".work", "articles.jsonl", "run.json"})
"""What a folder of results holds: an earlier run's, which must not be read as articles."""
_PASSED_OVER_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx", "__pycache__"})


@dataclass
class _Found:
    """What a walk has come across so far."""

    root: str
    files: dict[str, str] = field(default_factory=dict)
    """Path below the root to absolute path."""
    sidecars: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    errors: list[InputError] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    """Real paths of the folders walked."""


def discover(raw: Path) -> tuple[list[Source], list[InputError]]:
    """The files to read below ``raw``, or ``raw`` itself if it is a file, sorted by path; and what lies there but cannot be read.

    Hidden files, sidecars, ``sources.yaml``, the parts of saved pages and results of this program are passed over. A link is followed
    only to what lies in the folder too and would not be read otherwise. Raises ``UsageError`` if there is no ``raw``, or nothing to
    read in it.
    """
    try:
        root = os.path.abspath(raw)
        kind = file_type(os.stat(root).st_mode)
    except FileNotFoundError:
        raise UsageError(f"{raw} does not exist; name the folder or file that holds the articles") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = os_reason(error) if isinstance(error, OSError) else "is no file name"
        raise UsageError(f"{raw} {reason}") from None
    if kind not in ("file", "folder"):
        raise UsageError(f"{raw} is a {kind}; name the folder or file that holds the articles")
    found = _Found(root=os.path.realpath(root))
    if kind == "file":
        name = os.path.basename(root)
        _add_file(found, name, root)
    else:
        _walk(found, root, "")
        _follow_links(found)
        _report_lone_sidecars(found)
    sources = _sources(found)
    errors = sorted(found.errors, key=lambda error: (error.path, error.reason))
    if not sources:
        first = f" (first of {len(errors)}: {errors[0].path} {errors[0].reason})" if errors else ""
        readable = ", ".join(suffix for entry in formats() for suffix in entry.suffixes)
        raise UsageError(f"nothing to read in {raw}: it holds no {readable}{first}")
    return sources, errors


def _walk(found: _Found, folder: str, path: str) -> None:
    """Add all below ``folder``, whose path below the root is ``path``; links are put aside."""
    waiting = [(folder, path)]
    while waiting:
        folder, path = waiting.pop()
        found.folders.add(os.path.realpath(folder))
        try:
            with os.scandir(folder) as entries:
                names = {entry.name: entry for entry in entries}
            if path and names.keys() >= _RESULTS:
                continue
        except OSError as error:
            found.errors.append(problem(printable_path(path), f"folder {os_reason(error)}"))
            continue
        for name in sorted(names):
            below = f"{path}/{name}" if path else name
            if _passed_over(name, names, at_root=not path):
                continue
            try:
                kind = file_type(names[name].stat(follow_symlinks=False).st_mode)
            except OSError as error:
                found.errors.append(problem(printable_path(below), os_reason(error)))
                continue
            _add(found, kind, below, names[name].path, waiting)


def _add(found: _Found, kind: str, path: str, absolute: str, waiting: list[tuple[str, str]]) -> None:
    if kind == "folder":
        waiting.append((absolute, path))
    elif kind == "link":
        found.links.append((path, absolute))
    elif path.lower().endswith(SIDECAR_SUFFIX):
        found.sidecars.append((path, absolute))
    elif kind == "file":
        _add_file(found, path, absolute)
    else:
        found.errors.append(problem(printable_path(path), f"is a {kind}, not a file with an article"))


def _add_file(found: _Found, path: str, absolute: str) -> None:
    if suffix_of(path) not in known_suffixes():
        reason = refusal(absolute)
        if reason is not None:
            found.errors.append(problem(printable_path(path), reason))
            return
    found.files[path] = absolute


def _passed_over(name: str, siblings: object, *, at_root: bool) -> bool:
    if name.startswith(".") or name.endswith("~") or name.lower() in _PASSED_OVER_NAMES:
        return True
    if at_root and name == SOURCES_FILE:
        return True
    if name.endswith(_COMPANION_FOLDER) and isinstance(siblings, dict):
        page = name.removesuffix(_COMPANION_FOLDER)
        return any(page + suffix in siblings for suffix in _PAGE_SUFFIXES)
    return suffix_of(name) in _PASSED_OVER_SUFFIXES


def _follow_links(found: _Found) -> None:
    """Add what links inside the root lead to, each target once; report links that lead out of it or nowhere."""
    taken = {os.path.realpath(absolute) for absolute in found.files.values()}
    while found.links:
        links, found.links = sorted(found.links), []
        for path, absolute in links:
            try:
                target = os.path.realpath(absolute, strict=True)
                kind = file_type(os.stat(target).st_mode)
            except FileNotFoundError:
                found.errors.append(problem(printable_path(path), "is a link to something that does not exist"))
                continue
            except (OSError, RuntimeError):
                found.errors.append(
                    problem(printable_path(path), "is a link that leads in a circle or cannot be followed")
                )
                continue
            if not _inside(found.root, target):
                reason = "is a link that leads out of the raw folder; put the file itself there"
                found.errors.append(problem(printable_path(path), reason))
            elif kind == "folder":
                if target not in found.folders and not _holds(target, found.folders):
                    _walk(found, absolute, path)
            elif target not in taken and not path.lower().endswith(SIDECAR_SUFFIX):
                taken.add(target)
                _add(found, kind, path, absolute, [])


def _inside(root: str, target: str) -> bool:
    return target == root or target.startswith(root.rstrip(os.sep) + os.sep)


def _holds(target: str, folders: set[str]) -> bool:
    """Whether ``target`` lies above a folder walked already, so that walking it would read that one twice."""
    return any(_inside(target, folder) for folder in folders)


def _report_lone_sidecars(found: _Found) -> None:
    described = {
        os.path.join(os.path.dirname(path), name).replace(os.sep, "/")
        for path in found.files
        for name in sidecar_names(os.path.basename(path))
    }
    refused = {error.path for error in found.errors}
    for path, _ in found.sidecars:
        stem = path[: -len(SIDECAR_SUFFIX)]
        if path not in described and not any(other == stem or other.startswith(stem + ".") for other in refused):
            found.errors.append(problem(printable_path(path), "describes no article: none of that name lies beside it"))


def _sources(found: _Found) -> list[Source]:
    """The files as sources, sorted; two whose printable paths are the same give one source and an error."""
    sources: dict[str, Source] = {}
    for path, absolute in _in_order(found.files):
        shown = printable_path(path)
        if shown in sources:
            found.errors.append(problem(shown, "is the name of two files once odd bytes are spelt out; rename one"))
        else:
            sources[shown] = Source(path=shown, absolute=absolute)
    return [sources[shown] for shown in sorted(sources)]


def _in_order(files: dict[str, str]) -> Iterator[tuple[str, str]]:
    for path in sorted(files):
        yield path, files[path]
