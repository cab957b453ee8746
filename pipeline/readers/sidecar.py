"""``NAME.meta.json``: what is known of the article beside it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from typing import Any

import msgspec

from pipeline.model import InputError
from pipeline.readers.encoding import decode
from pipeline.readers.metadata import GivenMeta, Number, given_meta, json_type
from pipeline.readers.problem import os_reason, printable_path, problem

SIDECAR_SUFFIX = ".meta.json"
_MAX_BYTES = 1024 * 1024


def parse_json(text: str) -> Any:
    """The JSON value in ``text``, numbers as ``Number``. Raises ``ValueError`` with a clause that says why it is none."""
    try:
        # Not strict: a raw tab or NUL inside a string is no reason to lose an article.
        return json.loads(text, strict=False, parse_int=Number, parse_float=Number, parse_constant=Number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from None


def sidecar_names(name: str) -> tuple[str, ...]:
    """The names a sidecar of the file ``name`` may have, the first that exists counts."""
    names = [name]
    stem, suffix = os.path.splitext(name)
    if suffix.lower() == ".gz":
        names.append(stem)
        stem = os.path.splitext(stem)[0]
    names.append(stem)
    return tuple(dict.fromkeys(name + SIDECAR_SUFFIX for name in names if name))


def read_sidecar(path: str, absolute: str) -> tuple[GivenMeta, tuple[InputError, ...]]:
    """What the sidecar of the file at ``absolute`` says. A broken one gives errors and whatever of it can be used."""
    found = find_sidecar(absolute)
    if found is None:
        return GivenMeta(), ()
    name, content = found
    folder = path.rpartition("/")[0]
    shown = printable_path(f"{folder}/{name}" if folder else name)
    if isinstance(content, str):
        return GivenMeta(), (problem(shown, content),)
    return _parse(shown, content)


def sidecar_key(absolute: str) -> str:
    """A key for what the sidecar of the file at ``absolute`` says; ``""`` if there is none."""
    found = find_sidecar(absolute)
    if found is None:
        return ""
    name, content = found
    return hashlib.sha256(
        b"\0".join((os.fsencode(name), content if isinstance(content, bytes) else content.encode()))
    ).hexdigest()


def find_sidecar(absolute: str) -> tuple[str, bytes | str] | None:
    """The name of the sidecar of the file at ``absolute``, and its bytes or why there are none; ``None`` if there is no sidecar."""
    folder, name = os.path.split(absolute)
    for candidate in sidecar_names(name):
        where = os.path.join(folder, candidate)
        try:
            if not stat.S_ISREG(os.lstat(where).st_mode):
                return candidate, "is no plain file, so it is not read"
            with open(where, "rb") as file:
                return candidate, file.read(_MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                continue
            return candidate, os_reason(error)
    return None


def _parse(path: str, data: bytes) -> tuple[GivenMeta, tuple[InputError, ...]]:
    if len(data) > _MAX_BYTES:
        return GivenMeta(), (problem(path, f"is larger than {_MAX_BYTES // 2**20} MiB, too much for a sidecar"),)
    try:
        fields = parse_json(decode(data))
    except ValueError as error:
        return GivenMeta(), (problem(path, f"is not valid JSON: {error}"),)
    if not isinstance(fields, dict):
        return GivenMeta(), (
            problem(path, f"holds {json_type(fields)} instead of an object with url, title and the like"),
        )
    charset = fields.get("charset")
    given = msgspec.structs.replace(
        given_meta(fields), charset=charset if isinstance(charset, str) and not isinstance(charset, Number) else None
    )
    return given, tuple(problem(path, f"{clause}; the field is left out") for clause in given.problems)
