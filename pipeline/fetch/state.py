"""What is known of every page from earlier runs: ``pages.json``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from pipeline.errors import RunError
from pipeline.fetch.archive import RecordRef
from pipeline.files import write_atomically
from pipeline.model import Record, SourceKind

STATE_FILE = "pages.json"
_VERSION = 1


class SourceFacts(Record, frozen=True, kw_only=True):
    """What a source says of all its pages."""

    publisher: str | None = None
    kind: SourceKind | None = None
    topic: str | None = None
    language: str | None = None


class PageState(Record, frozen=True, kw_only=True):
    """One page. Times are ISO 8601 in UTC, those of the runs."""

    url: str
    """As listed, normalised: what the page is known by."""
    source_id: str | None
    """``None`` where no source lists it any more."""
    first_seen: str
    checked: str | None = None
    """The last run that got an answer which tells how the page is."""
    published: str | None = None
    """As a feed said when it first listed the page."""
    final_url: str | None = None
    """Where the good answer came from."""
    held: RecordRef | None = None
    """The record with the last good page."""
    sha256: str | None = None
    """Of the last good page, decompressed."""
    wire_sha256: str | None = None
    """Of its bytes as sent."""
    etag: str | None = None
    last_modified: str | None = None
    changed: str | None = None
    """The run that brought the last good page."""
    missing_days: int = 0
    missing_on: str | None = None
    """The last day, ``YYYY-MM-DD``, on which it was missing."""
    gone: str | None = None
    """The run since which it counts as gone."""


class ListState(Record, frozen=True, kw_only=True):
    """A feed or sitemap, for asking only whether it has changed."""

    url: str
    checked: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    held: RecordRef | None = None


class State(Record, frozen=True, kw_only=True):
    """All of it."""

    version: int = _VERSION
    sources: dict[str, SourceFacts] = msgspec.field(default_factory=dict)
    pages: tuple[PageState, ...] = ()
    lists: tuple[ListState, ...] = ()
    waits: dict[str, str] = msgspec.field(default_factory=dict)
    """Host to the time before which it asked not to be visited."""


def read_state(folder: Path) -> State:
    """What is in ``folder``; empty where nothing is. Raises ``RunError`` where it cannot be read or understood."""
    path = folder / STATE_FILE
    try:
        state = msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return State()
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); check that it may be read") from error
    except msgspec.DecodeError as error:
        raise RunError(
            f"{path}: is damaged ({error}); restore it from a backup, or delete it to fetch all again"
        ) from error
    if state.version != _VERSION:
        raise RunError(f"{path}: is of another version of the program; delete it to fetch all again")
    return state


def write_state(folder: Path, state: State) -> None:
    """Replaces the file whole. Raises ``RunError`` where the disk fails."""
    try:
        write_atomically(folder / STATE_FILE, msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")
    except OSError as error:
        raise RunError(f"{folder}: could not be written ({error.strerror}); earlier pages are as they were") from error


def by_url(pages: Iterable[PageState]) -> dict[str, PageState]:
    """The pages by the address that they are known by."""
    return {page.url: page for page in pages}
