"""Reads ``sources.yaml``: either a list of sources, or ``settings`` and ``sources``."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from pipeline.errors import UsageError
from pipeline.fetch.addresses import RefusedAddressError, normalise
from pipeline.fetch.settings import FetchSettings, FetchSource, FetchSources, period
from pipeline.rules.schema import check_part
from pipeline.rules.yamlfile import MAX_BYTES, Located, Problem, read_yaml

SOURCES_FILE = "sources.yaml"
_WAYS = ("url", "feed", "sitemap", "folder")
_KEYS = ("settings", "sources")


def read_sources(path: Path) -> FetchSources:
    """The sources and settings in the file at ``path``. An entry that cannot be used is left out and told in ``problems``.

    Raises ``UsageError`` where the file cannot be read, holds no such thing, or a setting is wrong: to fetch with other limits than
    those asked for would be no mistake to go on after.
    """
    parts, found = read_yaml(_text(path))
    reading = _Reading(path)
    reading.report(found)
    settings = FetchSettings()
    if not parts and found:
        raise UsageError("\n".join(reading.problems))
    for part in parts:
        if isinstance(part.data, Mapping):
            settings = _settings(path.name, part)
            if isinstance(part.data.get("sources"), list):
                reading.add_all(part.part("sources"))
            elif part.data.get("sources") is not None:
                raise UsageError(
                    f"{path.name}:{part.line(('sources',))}: `sources` must be a list; see docs/fetching.md"
                )
        elif isinstance(part.data, list):
            reading.add_all(part)
        elif part.data is not None:
            raise UsageError(f"{path.name}:1: neither a list of sources nor a mapping; see docs/fetching.md")
    return FetchSources(path=path, settings=settings, sources=tuple(reading.sources), problems=tuple(reading.problems))


class _Reading:
    """What has been read so far."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._base = path.parent
        self.sources: list[FetchSource] = []
        self.problems: list[str] = []
        self._lines: dict[str, int] = {}

    def report(self, problems: list[Problem]) -> None:
        self.problems.extend(f"{self._name}:{problem.line}: {problem.message}" for problem in problems)

    def add_all(self, entries: Located) -> None:
        for index in range(len(entries.data)):
            self._add(entries.part(index))

    def _add(self, entry: Located) -> None:
        problems = check_part("fetch-source", entry) or _own_problems(entry)
        if problems:
            self.report(problems)
            return
        data = dict(entry.data)
        for key in ("url", "feed", "sitemap"):
            if key in data:
                data[key] = normalise(data[key])
        data.setdefault("id", next(data[key] for key in _WAYS if key in data))
        if "folder" in data:
            data["folder"] = str((self._base / data["folder"]).absolute())
        line = entry.line(())
        if data["id"] in self._lines:
            other = self._lines[data["id"]]
            self.report([Problem(line, f"the same source as in line {other}; remove one, or give it an `id`")])
            return
        self._lines[data["id"]] = line
        self.sources.append(msgspec.convert(data, FetchSource))


def _own_problems(entry: Located) -> list[Problem]:
    """What a schema cannot tell: which keys go together, and whether an address can be fetched."""
    given = [key for key in _WAYS if key in entry.data]
    if len(given) != 1:
        said = "none" if not given else ", ".join(given)
        return [Problem(entry.line(()), f"needs one of {', '.join(_WAYS)}, and has {said}")]
    way = given[0]
    if way == "folder":
        return []
    try:
        normalise(entry.data[way])
    except RefusedAddressError as refused:
        return [Problem(entry.line((way,)), f"`{way}` {refused}; give the address of a public page")]
    period(entry.data.get("every", "daily"))
    return []


def _settings(name: str, part: Located) -> FetchSettings:
    unknown = sorted(set(part.data) - set(_KEYS))
    if unknown:
        raise UsageError(f"{name}:{part.line((unknown[0],))}: unknown key {unknown[0]!r}; use {' and '.join(_KEYS)}")
    data: Any = part.data.get("settings")
    if data is None:
        return FetchSettings()
    located = part.part("settings")
    problems = check_part("fetch-settings", located)
    if not problems and isinstance(data.get("allow_private"), list):
        problems = [problem for index in range(len(data["allow_private"])) for problem in _network(located, index)]
    if problems:
        raise UsageError("\n".join(f"{name}:{problem.line}: settings: {problem.message}" for problem in problems))
    return msgspec.convert(data, FetchSettings, strict=False)


def _network(settings: Located, index: int) -> list[Problem]:
    network = settings.data["allow_private"][index]
    try:
        ipaddress.ip_network(network, strict=False)
    except ValueError:
        line = settings.line(("allow_private", index))
        return [Problem(line, f"`allow_private` holds {network!r}; write networks such as 10.0.0.0/8")]
    return []


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise UsageError(f"{path}: no such file; list there what is to be fetched (docs/fetching.md)")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check that it may be read") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES} bytes; list fewer sources, or a feed or sitemap")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path.name}:{line}: not UTF-8; save the file as UTF-8") from None
