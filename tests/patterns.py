"""Finds the regular expressions of the program, and strings that make slow ones slow."""

from __future__ import annotations

import itertools
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

_parser: Any = getattr(re, "_parser")  # noqa: B009 - private, and the one place where Python tells how it reads a pattern
_constants: Any = getattr(re, "_constants")  # noqa: B009

_LONG = 40
"""A repeat up to this often counts as short."""
_SIZES = (16, 20, 24, 28, 36, 54, 81, 120, 180, 270, 400, 800, 1600, 3200, 6400, 12800)
"""Characters of the strings that a pattern is tried on, each no longer than can be borne if the one before was quick."""
_QUICK_SECONDS = 0.012
"""A string that takes no more is made longer."""
_GROWTH = 9.0
"""Four times the string may take four times as long; quadratic work takes sixteen times."""
_HOPELESS = 300.0
"""More than the fourth power; a longer string may never end."""
_GOING_ON = 1.85
"""The same for half as much again: 1.5 is linear, 2.25 quadratic. Both, since a limit within a pattern may be a step, but no more."""

_MOST_STRINGS = 200
"""For one pattern: some are lists of hundreds of words, which differ in nothing else."""
_SPARE = ("\x00", "!")
"""What hardly any pattern goes on with."""

Compiled = tuple[str, int, str, int]
"""A pattern, its flags, and the file and line where it was compiled."""


class Slow(NamedTuple):
    """A pattern, and a string that it takes more than linear time for."""

    pattern: str
    string: str
    growth: float


def record(target: list[Compiled]) -> None:
    """From now on every pattern that the program compiles is added to ``target``, with its flags and where it was compiled."""
    own = str(Path(__file__).resolve().parent.parent / "pipeline")
    compile_ = re.compile

    def recording(pattern: Any, flags: Any = 0) -> Any:
        frame = sys._getframe(1)
        if isinstance(pattern, str) and frame.f_code.co_filename.startswith(own):
            target.append((pattern, int(flags), frame.f_code.co_filename, frame.f_lineno))
        return compile_(pattern, flags)

    re.compile = recording


def slow(pattern: str, flags: int, anchored: bool = False) -> Slow | None:
    """A string that this pattern takes more than linear time for, if one of those that are tried is such.

    ``anchored`` patterns are only asked for what stands at the beginning.
    """
    compiled = re.compile(pattern, flags)
    for string in itertools.islice(strings(pattern, flags), _MOST_STRINGS):
        for size in _SIZES:
            if _seconds(compiled, string, size, anchored) > _QUICK_SECONDS:
                # Again, since the machine may have been busy.
                growth = min(_growth(compiled, string, size // 4, size, anchored) for _ in range(3))
                if growth > _HOPELESS:
                    return Slow(pattern, "".join(string), growth)
                if (
                    growth > _GROWTH
                    and min(_growth(compiled, string, size, size * 3 // 2, anchored) for _ in range(3)) > _GOING_ON
                ):
                    return Slow(pattern, "".join(string), growth)
                break
    return None


def strings(pattern: str, flags: int) -> Iterator[tuple[str, str, str]]:
    """Beginning, what is repeated, and end."""
    seen = set()
    for prefix, bodies in _repeats(_parser.parse(pattern, flags), ""):
        pumps = [*bodies, *map("".join, itertools.permutations(bodies[:4], 2))]
        for pump in pumps:
            for found in ((prefix, pump), ("", prefix + pump)):
                if found not in seen:
                    seen.add(found)
                    yield (*found, _SPARE[0])
        for end in _SPARE if prefix and ("", prefix) not in seen else ():
            yield "", prefix, end
        seen.add(("", prefix))


def is_anchored(file: Path, line: int) -> bool:
    """Whether the pattern that is compiled in this line has a name of which only what stands at the beginning is asked."""
    source = file.read_text("utf-8")
    named = re.match(r"\s*(?:self\.)?(_?\w+)(?::[^=]+)? = re\.compile\(", source.splitlines()[line - 1])
    if named is None:
        return False
    used = re.findall(rf"\b{named.group(1)}\b(?! = re\.compile)(?:\.(\w+))?", source)
    return bool(used) and set(used) <= {"match", "fullmatch"}


def _growth(compiled: re.Pattern[str], string: tuple[str, str, str], size: int, larger: int, anchored: bool) -> float:
    """How many times longer the work takes for the longer string."""
    small, large = (_seconds(compiled, string, length, anchored) for length in (size, larger))
    return large / max(small, 1e-6)


def _seconds(compiled: re.Pattern[str], string: tuple[str, str, str], size: int, anchored: bool) -> float:
    start, pump, end = string
    text = start + pump * (size // max(1, len(pump))) + end
    began = time.process_time()
    if anchored:
        compiled.match(text)
        compiled.fullmatch(text)
    else:
        for _ in compiled.finditer(text):
            pass
    return time.process_time() - began


def _repeats(tree: Any, before: str) -> Iterator[tuple[str, list[str]]]:
    """For each long repeat: a string that leads to it, and some that its body takes."""
    prefix = before
    for node in tree:
        operation, argument = node
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, most, body = argument
            if most > _LONG:
                yield prefix, _samples(body)
            yield from _repeats(body, prefix)
        elif name == "SUBPATTERN":
            yield from _repeats(argument[3], prefix)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _repeats(branch, prefix)
        elif name in ("ASSERT", "ASSERT_NOT"):
            yield from _repeats(argument[1], prefix)
        elif name == "ATOMIC_GROUP":
            yield from _repeats(argument, prefix)
        prefix += _samples([node])[0]


def _samples(tree: Any) -> list[str]:
    """Strings that ``tree`` may take; not all, the first the plainest."""
    found = [""]
    for operation, argument in tree:
        name = str(operation)
        here: list[str] = [""]
        if name == "LITERAL":
            here = [chr(argument)]
        elif name in ("ANY", "NOT_LITERAL"):
            here = [c for c in "a 1.<" if name == "ANY" or ord(c) != argument]
        elif name == "IN":
            here = _members(argument)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, _, body = argument
            here = [sample * max(1, least) for sample in _samples(body)] if least else [*_samples(body), ""]
        elif name == "SUBPATTERN":
            here = _samples(argument[3])
        elif name == "ATOMIC_GROUP":
            here = _samples(argument)
        elif name == "BRANCH":
            here = [sample for branch in argument[1] for sample in _samples(branch)[:1]][:4]
        elif name == "ASSERT" and argument[0] < 0:
            here = _samples(argument[1])[:1]
        found = [a + b for a, b in itertools.islice(itertools.product(found, here), 8)]
    return [sample for sample in found if sample] or [""]


_PROBES = "a1 .,-A'\n(<=>/é\u2009–|&;:\"[]_)%*#"


def _members(items: Iterable[Any]) -> list[str]:
    """Some of the characters of a set."""
    allowed = re.compile(_set_source(items))
    return [c for c in _PROBES if allowed.match(c)][:5] or [_first(items)]


def _first(items: Iterable[Any]) -> str:
    for operation, argument in items:
        if str(operation) == "LITERAL":
            return chr(argument)
        if str(operation) == "RANGE":
            return chr(argument[0])
    return "a"


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d", "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_SPACE": r"\s", "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w", "CATEGORY_NOT_WORD": r"\W",
}  # fmt: skip


def _set_source(items: Iterable[Any]) -> str:
    source = ""
    for operation, argument in items:
        name = str(operation)
        if name == "NEGATE":
            source = "^" + source
        elif name == "LITERAL":
            source += re.escape(chr(argument))
        elif name == "RANGE":
            source += f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
        elif name == "CATEGORY":
            source += _CATEGORIES[str(argument)]
    return f"[{source}]"


def _collect(out: Path) -> None:
    """Compiles all there is to compile: every module, all rules, and what is only compiled when an article is read."""
    found: list[Compiled] = []
    record(found)
    import importlib
    import pkgutil
    import tempfile

    import pipeline

    root = Path(pipeline.__file__).resolve().parent
    for info in pkgutil.walk_packages([str(root)], "pipeline."):
        if not info.name.startswith(("pipeline.train", "pipeline.cli.__main__")):
            importlib.import_module(info.name)
    from pipeline.cli.app import run

    with tempfile.TemporaryDirectory() as folder:
        run(["extract", str(root.parent / "raw"), "-o", folder, "--workers", "0", "-q"])
        run(["reconcile", folder, "-q"])
        run(["report", folder, "-q"])
    out.write_text(json.dumps(sorted(set(found))), "utf-8")


if __name__ == "__main__":
    _collect(Path(sys.argv[1]))
