"""The registry of report formats.

A format is a module of ``pipeline.report.formats`` with a constant ``FORMAT``; nothing else has to be changed to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from pipeline.report.model import Report


@dataclass(frozen=True)
class Format:
    """A format of reports. ``render`` makes the whole file; the same report gives the same bytes."""

    name: str
    file: str
    """Name of the file in the reports folder."""
    help: str
    """What it is for: a line for help and docs."""
    render: Callable[[Report], bytes]


@cache
def formats() -> dict[str, Format]:
    """All formats there are, by name, sorted."""
    package = importlib.import_module("pipeline.report.formats")
    found = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        entry = getattr(importlib.import_module(f"{package.__name__}.{info.name}"), "FORMAT", None)
        if isinstance(entry, Format):
            found[entry.name] = entry
    return dict(sorted(found.items()))
