"""Reads one YAML file of rules into plain data that remembers its lines.

Plain data only, after the YAML 1.2 core schema: tags, anchors and aliases are refused, so no file can build objects or grow
when it is read, and ``no``, ``on`` or ``1:30`` are the words they look like.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

MAX_BYTES = 4 * 2**20
MAX_DEPTH = 32

Path = tuple[str | int, ...]

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18}|[0-9]{1,18})(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problem(NamedTuple):
    """What is wrong at a line (1-based) of a file, and what to do about it."""

    line: int
    message: str


class Located(NamedTuple):
    """Parsed YAML with the line of every key and list item, by path from the top."""

    data: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of ``path``, or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def part(self, *path: str | int) -> Located:
        """What stands at ``path``, with paths counted from there."""
        data, size = self.data, len(path)
        for step in path:
            data = data[step]
        lines = {key[size:]: line for key, line in self.lines.items() if key[:size] == path}
        return Located(data, lines)


class _BadYamlError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(line, message)


def read_yaml(text: str) -> tuple[list[Located], list[Problem]]:
    """The document in ``text`` as one ``Located``, and what is wrong with it. Never raises on any text.

    Where a list of rules can't be read as a whole, it is read item by item (an item begins with ``- `` at the start of a line),
    so that one broken rule costs no other: then there is one ``Located``, a list of one, for each readable item.
    """
    try:
        return [_parse(text)], []
    except _BadYamlError as error:
        whole = error.problem
    chunks = list(_chunks(text))
    parts: list[Located] = []
    problems: list[Problem] = []
    for first_line, chunk in chunks:
        try:
            located = _parse(chunk)
        except _BadYamlError as error:
            problems.append(Problem(error.problem.line + first_line - 1, error.problem.message))
        else:
            if isinstance(located.data, list):
                shifted = {path: line + first_line - 1 for path, line in located.lines.items()}
                parts.append(Located(located.data, shifted))
    if not problems:
        # The trouble lies outside the items or between them: nothing in the file can be trusted.
        return [], [whole]
    return parts, problems


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """The top-level list items of ``text``, each with its first line."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if line.startswith("- ")]
    for start, end in itertools.pairwise([*starts, len(lines)]):
        yield start + 1, "\n".join(lines[start:end])


def _parse(text: str) -> Located:
    try:
        return _build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        raise _BadYamlError(mark.line + 1 if mark else 1, f"bad YAML ({what}); correct the syntax") from None
    except (yaml.YAMLError, ValueError) as error:
        what = str(error).splitlines()[0] if str(error) else "unreadable"
        raise _BadYamlError(1, f"bad YAML ({what}); correct the syntax") from None


class _Frame:
    """A list or mapping that is being read."""

    def __init__(self, data: list[Any] | dict[str, Any], path: Path) -> None:
        self.data = data
        self.path = path
        self.key: str | None = None


def _build(text: str) -> Located:
    """Composes data from parser events in one pass with a stack of our own, so depth can't exhaust the interpreter's."""
    stack: list[_Frame] = []
    lines: dict[Path, int] = {}
    root: list[Any] = []
    documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _BadYamlError(line, "a second document starts here; put it into a file of its own")
        elif isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
                raise _BadYamlError(line, "anchors and aliases are not read; write the text out")
            tag = getattr(event, "tag", None)
            if tag not in (None, "!"):
                raise _BadYamlError(line, f"the tag {tag} is not read; remove it")
            if len(stack) >= MAX_DEPTH:
                raise _BadYamlError(line, f"nested more than {MAX_DEPTH} deep; flatten it")
            _place(event, line, stack, lines, root)
    return Located(root[0] if root else None, lines)


def _place(event: yaml.NodeEvent, line: int, stack: list[_Frame], lines: dict[Path, int], root: list[Any]) -> None:
    """Puts the node that ``event`` begins where it belongs, and opens it if it is a list or mapping."""
    scalar = isinstance(event, yaml.ScalarEvent)
    frame = stack[-1] if stack else None
    path: Path = ()
    if frame is not None and isinstance(frame.data, dict):
        if frame.key is None:
            if not scalar:
                raise _BadYamlError(line, "a key must be a word; quote it")
            key = str(event.value)  # type: ignore[attr-defined]
            if key in frame.data:
                raise _BadYamlError(line, f"the key {key!r} stands twice; remove one")
            frame.key, frame.data[key] = key, None
            lines[(*frame.path, key)] = line
            return
        path = (*frame.path, frame.key)
    elif frame is not None:
        path = (*frame.path, len(frame.data))
        lines[path] = line
    value: Any
    if isinstance(event, yaml.ScalarEvent):
        value = _scalar(event.value, event.implicit[0])
    elif isinstance(event, yaml.MappingStartEvent):
        value = {}
    else:
        value = []
    if frame is None:
        root.append(value)
        lines[()] = line
    elif isinstance(frame.data, dict):
        assert frame.key is not None
        frame.data[frame.key] = value
        frame.key = None
    else:
        frame.data.append(value)
    if not scalar:
        stack.append(_Frame(value, path))


def _scalar(text: str, plain: bool) -> Any:
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
