"""The current set of pages: the last good answer of each address that is not gone, as files that the readers read."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import filelock
import msgspec

from pipeline.config import Limits
from pipeline.errors import RunError
from pipeline.fetch.addresses import host_of
from pipeline.fetch.archive import read_page, recover
from pipeline.fetch.decoding import BadEncodingError, TooMuchError, decoded
from pipeline.fetch.settings import FetchSource
from pipeline.fetch.state import PageState, SourceFacts, State, read_state
from pipeline.files import write_atomically
from pipeline.model import Record
from pipeline.readers.base import known_suffixes, suffix_of
from pipeline.readers.encoding import charset_of
from pipeline.readers.sidecar import SIDECAR_SUFFIX, sidecar_names
from pipeline.readers.sniff import HEAD_BYTES, sniff

PAGES_FOLDER = "fetched"
"""Below the raw folder."""
_MANIFEST = ".files.json"
"""What the program wrote into its folder: nothing else there is ever removed."""
_MARKDOWN = ("text/markdown", "text/x-markdown")
_SLUG = re.compile(r"[^a-z0-9]+")
_MAX_SLUG = 60
_BODY_LIMIT = 4 * Limits().article_bytes
"""More than any page may have: what stands in the archive was within the limits of its day."""


class _Page(NamedTuple):
    """One page of the current set."""

    path: str
    """Below the folder of pages: ``HOST/WORDS-DIGEST.html``, the same every night."""
    data: bytes
    """As it came, decompressed; never re-encoded."""
    meta: dict[str, str]
    """What stands in its sidecar."""


class WrittenPages(Record, frozen=True, kw_only=True):
    """What :func:`write_pages` did."""

    pages: int
    written: int
    removed: int
    missing: tuple[str, ...]
    """Addresses whose record in the archive is gone or damaged; their files stay as they were."""


def write_pages(state_dir: Path, archive_dir: Path, folder: Path, sources: Sequence[FetchSource] = ()) -> WrittenPages:
    """Brings ``folder`` to the current set: one file a page, its sidecar beside it, and a copy of each local folder among ``sources``.

    Files that are the same stay untouched, those of pages that went are removed, others are none of its business. A local folder that
    lies beside ``folder`` or below is not copied, as it is read where it lies. After a kill the next call brings the folder in order.
    Raises ``RunError`` where the disk fails or another run is fetching.
    """
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(state_dir / "lock").acquire(blocking=False):
            recover(archive_dir)
            return _write(state_dir, archive_dir, folder, sources)
    except filelock.Timeout:
        raise RunError(f"{state_dir}: another run is fetching here; wait for it to end") from None
    except OSError as error:
        raise RunError(
            f"{error.filename or folder}: {error.strerror or error}; run again when that is mended"
        ) from error


def _write(state_dir: Path, archive_dir: Path, folder: Path, sources: Sequence[FetchSource]) -> WrittenPages:
    earlier = _read_manifest(folder)
    wanted: set[str] = set()
    missing: list[str] = []
    pages = written = 0
    # What is written is noted before, so that a kill in between leaves no file that nobody knows of.
    plan = [(page, facts, _path_stem(page.url)) for page, facts in _current(read_state(state_dir))]
    copies = [copy for source in sources for copy in _copies(source, folder)]
    if not earlier and not plan and not copies:
        return WrittenPages(pages=0, written=0, removed=0, missing=())
    names = {f"{stem}{suffix}" for _, _, stem in plan for suffix in _suffixes()} | {name for name, _, _ in copies}
    _write_manifest(folder, earlier | names | {name + SIDECAR_SUFFIX for name in names})
    for page, facts, stem in plan:
        found = _page(page, facts, archive_dir)
        if found is None:
            missing.append(page.url)
            wanted |= {name for name in earlier if name.startswith(f"{stem}.")}
            continue
        pages += 1
        side = found.path + SIDECAR_SUFFIX
        wanted |= {found.path, side}
        written += _put(folder / side, _sidecar(found.meta)) + _put(folder / found.path, found.data) > 0
    for name, source_file, meta in copies:
        pages += 1
        side = name + SIDECAR_SUFFIX
        wanted.add(name)
        changed = _copy(source_file, folder / name)
        if meta:
            wanted.add(side)
            changed = _put(folder / side, _sidecar(meta)) or changed
        written += changed
    resting = tuple(f"{_top(source)}/" for source in sources if source.folder is not None and _rests(source))
    wanted |= {name for name in earlier if name.startswith(resting)}
    removed = _remove(folder, earlier | names, wanted)
    _write_manifest(folder, wanted)
    return WrittenPages(pages=pages, written=written, removed=removed, missing=tuple(missing))


def _current(state: State) -> Iterator[tuple[PageState, SourceFacts]]:
    """The pages that are there now. Of two addresses that lead to one page, the one that was known first counts."""
    seen: set[str] = set()
    for page in sorted(state.pages, key=lambda page: (page.first_seen, page.url)):
        if page.held is None or page.gone is not None or page.source_id is None:
            continue
        names = {_identity(page.url), _identity(page.final_url or page.url)}
        if names & seen:
            continue
        seen |= names
        yield page, state.sources.get(page.source_id, SourceFacts())


def _identity(url: str) -> str:
    """What articles are told apart by; courlan drops parameters that only track."""
    from courlan import clean_url

    return str(clean_url(url) or url)


def _page(page: PageState, facts: SourceFacts, archive_dir: Path) -> _Page | None:
    assert page.held is not None
    stored = read_page(archive_dir, page.held)
    if stored is None:
        return None
    headers = {name.lower(): value for name, value in reversed(stored.headers)}
    try:
        data = decoded(stored.wire, headers.get("content-encoding", ""), _BODY_LIMIT)
    except (BadEncodingError, TooMuchError):
        return None
    if hashlib.sha256(data).hexdigest() != page.sha256:
        return None
    content_type = headers.get("content-type", "")
    meta = {
        "url": page.url,
        "publisher": facts.publisher,
        "kind": facts.kind,
        "published": page.published,
        "language": facts.language,
        "topic": facts.topic,
        "charset": charset_of(content_type),
        "archive": page.held.place,
    }
    return _Page(
        path=_path_stem(page.url) + _suffix(data, content_type),
        data=data,
        meta={name: value for name, value in meta.items() if value is not None},
    )


def _path_stem(url: str) -> str:
    words = _SLUG.sub("-", unquote(urlsplit(url).path).lower()).strip("-")[-_MAX_SLUG:].strip("-") or "page"
    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    return f"{_SLUG.sub('-', host_of(url)).strip('-') or 'host'}/{words}-{digest}"


def _suffixes() -> tuple[str, ...]:
    return (".html", ".pdf", ".md", ".txt")


def _suffix(data: bytes, content_type: str) -> str:
    media = content_type.split(";")[0].strip().lower()
    if data.startswith(b"%PDF-"):
        return ".pdf"
    head = sniff(data[:HEAD_BYTES], "")
    if media in _MARKDOWN:
        return ".md"
    if head.kind == "text" and not head.has_tags and not media.endswith("html"):
        return ".txt"
    return ".html"


def _copies(source: FetchSource, folder: Path) -> Iterator[tuple[str, Path, dict[str, str]]]:
    """The files of a local folder: the name each gets below ``folder``, the file, and what its sidecar must say."""
    if source.folder is None or _rests(source):
        return
    root = Path(source.folder)
    if _lies_in(root, folder.parent):
        return
    facts = {"publisher": source.publisher, "kind": source.kind, "language": source.language, "topic": source.topic}
    given = {name: value for name, value in facts.items() if value is not None}
    for parent, folders, files in os.walk(root):  # links to folders are not followed
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent) / name
            if name.startswith(".") or name.lower().endswith(SIDECAR_SUFFIX) or path.is_symlink():
                continue
            if suffix_of(name) not in known_suffixes() or not path.is_file():
                continue
            yield f"{_top(source)}/{path.relative_to(root).as_posix()}", path, {**given, **_own_sidecar(path)}


def _rests(source: FetchSource) -> bool:
    """Whether the copy of a local folder stays as it is: it is switched off, or not there now (a disk that is not mounted)."""
    return not source.enabled or source.folder is None or not Path(source.folder).is_dir()


def _top(source: FetchSource) -> str:
    """The folder that a local folder is copied into."""
    words = _SLUG.sub("-", source.id.lower()).strip("-")[:_MAX_SLUG]
    return f"local-{words}-{hashlib.sha256(source.id.encode()).hexdigest()[:8]}"


def _own_sidecar(path: Path) -> dict[str, Any]:
    """What the sidecar beside a local file says, as it stands; nothing where it cannot be read."""
    for name in sidecar_names(path.name):
        try:
            found = json.loads((path.parent / name).read_bytes())
        except (OSError, ValueError, RecursionError):
            continue
        return found if isinstance(found, dict) else {}
    return {}


def _lies_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _sidecar(meta: dict[str, Any]) -> bytes:
    return json.dumps(meta, ensure_ascii=False, indent=1, sort_keys=True).encode(errors="replace") + b"\n"


def _put(path: Path, data: bytes) -> bool:
    """Writes ``data`` where the file differs; whether it did."""
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        pass
    write_atomically(path, data)
    return True


def _copy(source: Path, path: Path) -> bool:
    """Copies a file where size or time differ; whether it did."""
    theirs = source.stat()
    try:
        ours = path.stat()
        if (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns):
            return False
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    shutil.copy2(source, draft)
    draft.replace(path)
    return True


def _remove(folder: Path, known: set[str], wanted: set[str]) -> int:
    removed = 0
    for name in sorted(known - wanted):
        path = folder / name
        if not path.is_file():
            continue
        path.unlink()
        removed += not name.endswith(SIDECAR_SUFFIX)
        parent = path.parent
        while parent != folder and not any(parent.iterdir()):
            parent.rmdir()
            parent = parent.parent
    return removed


def _read_manifest(folder: Path) -> set[str]:
    try:
        names = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=list[str])
    except FileNotFoundError:
        return set()
    except msgspec.DecodeError:
        raise RunError(
            f"{folder / _MANIFEST}: is damaged; delete the folder {folder.name}, which is made again from the archive"
        ) from None
    return {name for name in names if ".." not in name.split("/") and not name.startswith("/")}


def _write_manifest(folder: Path, names: set[str]) -> None:
    data = msgspec.json.format(msgspec.json.encode(sorted(names)), indent=1) + b"\n"
    _put(folder / _MANIFEST, data)
