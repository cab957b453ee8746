"""The formats, each a module of this package that is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import BinaryIO

from pipeline.errors import UsageError
from pipeline.export.source import Entry

Write = Callable[[Iterator[Entry], BinaryIO], None]

FORMATS = {
    "csv": "a table with one row a value",
    "parquet": "the same table with types",
    "labelstudio": "tasks for Label Studio",
    "prodigy": "tasks for Prodigy",
    "webannotation": "W3C Web Annotations, JSON-LD",
}
BINARY = frozenset({"parquet"})
"""Formats that a terminal cannot show."""
_NEEDS = {"parquet": ("pyarrow", "parquet")}
"""Library and extra of formats that need one beside the program's own."""


def writer(name: str) -> Write:
    """What writes the format ``name``. Raises UsageError where its library is not installed."""
    library, extra = _NEEDS.get(name, (None, None))
    try:
        if library is not None:
            import_module(library)
    except ImportError:
        raise UsageError(
            f"--format {name} needs {library}, which is not installed: pip install 'claims-pipeline[{extra}]'"
        ) from None
    write: Write = import_module(f"pipeline.export.{name}").write
    return write
