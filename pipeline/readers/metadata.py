"""What JSONL lines, sidecars and front matter say of an article, checked field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, get_args

import msgspec

from pipeline.dates import Dates
from pipeline.model import SourceKind, SourceMeta
from pipeline.readers.encoding import tidy
from pipeline.shapes import YEAR

KINDS: tuple[SourceKind, ...] = get_args(SourceKind)
MAX_ID_CHARS = 300
_MAX_VALUE_CHARS = 2000
_ISO_START = re.compile(r"\d{4}[-/.]\d", re.ASCII)
_NAMED_MONTH = re.compile(rf"(?=.{{0,60}}\b{YEAR}\b).{{0,60}}\b[^\W\d_]{{3}}")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]{1,30})?", re.ASCII)
_URL = re.compile(r"https?://[^\s/?#]{1,300}\S*", re.IGNORECASE)


class Number(str):
    """A number as JSON writes it: ``7.10`` and ``7.1`` are two ids."""

    __slots__ = ()


class BadFieldError(ValueError):
    """A field that cannot be used; the text is a clause that names it."""


class GivenMeta(msgspec.Struct, frozen=True, kw_only=True):
    """The usable part of what was given, and a clause for each field that is not."""

    meta: SourceMeta = SourceMeta()
    input_id: str | None = None
    charset: str | None = None
    """The encoding that a server named for the file; only a sidecar tells it."""
    problems: tuple[str, ...] = ()


def given_meta(fields: Mapping[str, Any]) -> GivenMeta:
    """The metadata in ``fields``; unknown keys are passed over, ``null`` and blank count as absent. Never raises."""
    found: dict[str, Any] = {}
    problems: list[str] = []
    for name, parse in _FIELDS.items():
        try:
            found[name] = parse(name, fields.get(name))
        except BadFieldError as error:
            found[name] = None
            problems.append(str(error))
    input_id = found.pop("id")
    return GivenMeta(meta=SourceMeta(**found), input_id=input_id, problems=tuple(problems))


def parse_id(name: str, value: object) -> str | None:
    """An id as a string, as it stands. Raises ``BadFieldError``."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadFieldError(f'"{name}" is {json_type(value)} instead of a string')
    if len(value) > MAX_ID_CHARS:
        raise BadFieldError(f'"{name}" is longer than {MAX_ID_CHARS} characters')
    return tidy(value) if value.strip() else None


def filled(meta: SourceMeta, defaults: SourceMeta) -> SourceMeta:
    """``meta`` with what it lacks taken from ``defaults``."""
    lacking = {name: getattr(defaults, name) for name in meta.__struct_fields__ if getattr(meta, name) is None}
    return msgspec.structs.replace(meta, **lacking)


def _string(name: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or isinstance(value, Number):
        raise BadFieldError(f'"{name}" is {json_type(value)} instead of a string')
    words = " ".join(tidy(value).split())
    if len(words) > _MAX_VALUE_CHARS:
        raise BadFieldError(f'"{name}" is longer than {_MAX_VALUE_CHARS} characters')
    return words or None


def _author(name: str, value: object) -> str | None:
    if isinstance(value, list):
        names = [_string(name, item) for item in value]
        return _string(name, ", ".join(item for item in names if item is not None))
    return _string(name, value)


def _url(name: str, value: object) -> str | None:
    url = _string(name, value)
    if url is not None and not _URL.fullmatch(url):
        raise BadFieldError(f'"{name}" is no http or https address')
    return url


def _published(name: str, value: object) -> str | None:
    """An ISO date, or a date with the name of a month as it stands. Raises ``BadFieldError``."""
    words = str(value) if isinstance(value, Number) else _string(name, value)
    if words is None:
        return None
    if _ISO_START.match(words) is not None or not _NAMED_MONTH.search(words):
        found = _dates().iso(words)
        if found is None:
            raise BadFieldError(f'"{name}" is no date of the form 2024-05-31')
        return found
    try:
        return parsedate_to_datetime(words).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        # The names of months are among the rules, which cleaning has: it reads the words, or drops them.
        return words


@lru_cache(maxsize=1)
def _dates() -> Dates:
    return Dates()


def _kind(name: str, value: object) -> SourceKind | None:
    words = _string(name, value)
    if words is None:
        return None
    for kind in KINDS:
        if words.lower() == kind:
            return kind
    raise BadFieldError(f'"{name}" is none of {", ".join(KINDS)}')


def _language(name: str, value: object) -> str | None:
    words = _string(name, value)
    if words is None:
        return None
    code = language_code(words)
    if code is None:
        raise BadFieldError(f'"{name}" is no language code such as en')
    return code


def language_code(words: str) -> str | None:
    """``en`` of ``en``, ``en-GB`` or ``EN_us``; ``None`` for what is no language code."""
    match = _LANGUAGE.fullmatch(words)
    return match.group(1).lower() if match is not None else None


def json_type(value: object) -> str:
    """What JSON calls the type of ``value``, with its article."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (Number, int, float)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else "an object"


_FIELDS = {
    "id": parse_id,
    "url": _url,
    "title": _string,
    "author": _author,
    "publisher": _string,
    "published": _published,
    "kind": _kind,
    "language": _language,
}
