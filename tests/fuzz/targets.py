"""Functions that take any bytes, and raise only where the program is at fault."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from pipeline.clean.clean import clean
from pipeline.config import Limits
from pipeline.decisions.log import read_decisions
from pipeline.errors import UnusableInputError, UsageError
from pipeline.history.compare import compare
from pipeline.history.diff import diff_runs
from pipeline.model import InputError, RawDocument, encode
from pipeline.readers.base import Source, formats, read_source
from pipeline.rules.loader import load_rules
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.yamlfile import read_yaml
from pipeline.run.reconcile import read_records
from pipeline.run.results import read_whole
from tests.support import ROOT
from tests.unit.components.quantity_support import finder
from tests.unit.history.runs import claim, finding, flag, run, write

_MEDIA: tuple[Literal["html", "text", "markdown"], ...] = ("html", "text", "markdown")


@cache
def _rules() -> Ruleset:
    return load_rules(ROOT / "rules")


@cache
def _suffixes() -> tuple[str, ...]:
    return tuple(suffix + packed for entry in formats() for suffix in entry.suffixes for packed in ("", ".gz"))


def _split(data: bytes, count: int) -> tuple[int, bytes]:
    """The first byte as a choice among ``count``, and the rest."""
    return (data[0] % count if data else 0), data[1:]


def readers(data: bytes) -> None:
    """A file of each format."""
    choice, data = _split(data, len(_suffixes()))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"a{_suffixes()[choice]}"
        file.write_bytes(data)
        for item in read_source(Source(path=file.name, absolute=str(file)), Limits()):
            encode(item)
            assert not isinstance(item, InputError) or "please report" not in item.reason, item.reason


def cleaner(data: bytes) -> None:
    """A page, plain text or Markdown."""
    choice, data = _split(data, len(_MEDIA))
    content = data.decode("utf-8", "replace").replace("\0", "\ufffd").replace("\r", "\n")
    document = RawDocument(path="a", media=_MEDIA[choice], content=content, sha256="0" * 64)
    with contextlib.suppress(UnusableInputError):
        encode(clean(document, _rules(), Limits()).meta)


def quantities(data: bytes) -> None:
    """Text with figures."""
    text = data.decode("utf-8", "replace")
    end = 0
    for mention in finder().find(text):
        assert text[mention.start : mention.end] == mention.text
        assert mention.start >= end
        end = mention.end


def rules(data: bytes) -> None:
    """A file of rules."""
    parts, problems = read_yaml(data.decode("utf-8", "replace"))
    assert parts or problems or not data.strip()


def decisions(data: bytes) -> None:
    """The file of decisions."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "decisions.jsonl"
        file.write_bytes(data)
        found = read_decisions(file)
        assert all("\n" not in problem for problem in found.problems)


def records(data: bytes) -> None:
    """Results that somebody edited; the parts of ``data`` between NUL bytes are the files."""
    parts = [*data.split(b"\0", 2), b"", b""]
    with tempfile.TemporaryDirectory() as folder:
        for name, part in zip(("articles.jsonl", "claims.jsonl", "statements.jsonl"), parts, strict=False):
            (Path(folder) / name).write_bytes(part)
        with contextlib.suppress(UsageError):
            read_records(Path(folder))


_RUN = ("articles.jsonl", "claims.jsonl", "findings.jsonl", "flags.jsonl", "errors.jsonl")


@cache
def _run() -> dict[str, list[bytes]]:
    """The lines of a small run."""
    told = ["Some 48 percent of 40 walkers slept.", "No harm was seen.", "They lost 3 mg."]
    plain = run({"a": told, "b": told[:2], "c": told[1:]}, errors={"d.html": "is no page"})
    one, other = claim(plain, "a"), claim(plain, "b")
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), replace(plain, findings=(finding("f", one, other),), flags=(flag("rounded", one, other),)))
        return {name: (Path(folder) / name).read_bytes().splitlines(keepends=True) for name in _RUN}


def _edited(lines: dict[str, list[bytes]], data: bytes) -> dict[str, list[bytes]]:
    """The lines of a run with some dropped, told twice, in another order or overwritten, as each four bytes of ``data`` say."""
    files = {name: list(found) for name, found in lines.items()}
    for what, which, at, byte in zip(*[iter(data)] * 4, strict=False):
        found = files[_RUN[what % len(_RUN)]]
        if not found:
            continue
        place = which % len(found)
        line = found.pop(place)
        start = at * len(line) // 256
        overwritten = line[:start] + bytes([byte]) + line[start + 1 :]
        found[place:place] = ([], [line, line], [], [overwritten])[what // len(_RUN) % 4]
        if what // len(_RUN) % 4 == 2:
            found.append(line)
    return files


def diff(data: bytes) -> None:
    """A run against one that somebody edited, both ways."""
    with tempfile.TemporaryDirectory() as folder:
        for name, edits in (("old", b""), ("new", data)):
            (Path(folder) / name).mkdir()
            for file, lines in _edited(_run(), edits).items():
                (Path(folder) / name / file).write_bytes(b"".join(lines))
        with contextlib.suppress(UsageError):
            runs = [(Path(folder) / name, read_whole(Path(folder) / name)) for name in ("old", "new")]
            for (old, before), (new, after) in itertools.permutations(runs):
                told = compare(old, new).diff
                assert encode(told) == encode(diff_runs(before, after))
                assert {change.flag_id for change in told.flags if change.status != "resolved"} == {
                    flag.flag_id for flag in after.flags
                }


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (readers, cleaner, quantities, rules, decisions, records, diff)
}
