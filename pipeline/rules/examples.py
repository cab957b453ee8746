"""Runs the examples that rules carry.

What an example asks for (quantities, claims, cleaned text ...) is found by runners, which the caller hands in: the mechanisms live in
layers above this one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.errors import ClaimsError
from pipeline.rules.ruleset import Ruleset

Example = Mapping[str, Any]
Runner = Callable[[Example], Any]
"""Takes an example, returns what the program finds: a list of records as mappings, or text."""


class ExampleResult(NamedTuple):
    """What came of one example. ``problem`` is ``None`` where it holds, else says what was expected and what was found."""

    rule_id: str
    place: int
    """Among the examples of its rule, from 0."""
    problem: str | None

    @property
    def name(self) -> str:
        """``rule-id[n]``."""
        return f"{self.rule_id}[{self.place}]"


def list_examples(rules: Ruleset) -> Iterator[tuple[str, int, Example]]:
    """Every example of every rule, as rule id, place in the rule (from 0) and example, sorted."""
    for rule_id, rule in sorted(rules.rules.items()):
        for index, example in enumerate(rule["examples"]):
            yield rule_id, index, example


def run_examples(rules: Ruleset, runners: Mapping[str, Runner]) -> list[ExampleResult]:
    """Runs every example of which a key is in ``runners`` (``expect``, ``claims``, ``cleaned`` ...)."""
    return [
        ExampleResult(rule_id, index, run_example(example, runners))
        for rule_id, index, example in list_examples(rules)
        if any(key in runners for key in example)
    ]


def run_example(example: Example, runners: Mapping[str, Runner]) -> str | None:
    """What is wrong with one example, or ``None``. A ``known_miss`` is wrong once it holds."""
    problem = None
    for key in sorted(example):
        if problem is None and key in runners:
            try:
                found = runners[key](example)
            except ClaimsError:
                raise
            except Exception as error:  # what an example may give is only checked roughly
                return f"{key}: cannot be run ({type(error).__name__}: {' '.join(str(error).split())[:100]})"
            problem = _compare(key, example[key], found, bool(example.get("exact")))
    if "known_miss" in example:
        return (
            None if problem is not None else f"a known miss ({example['known_miss']}) is found now; remove `known_miss`"
        )
    return problem


def _compare(key: str, wanted: Any, found: Any, exact: bool) -> str | None:
    if isinstance(wanted, list) and all(isinstance(entry, Mapping) for entry in wanted):
        return _compare_records(key, wanted, found, exact)
    if isinstance(wanted, Mapping):
        return None if is_part(wanted, found) else f"{key}: expected {dict(wanted)}, found {found}"
    return None if wanted == found else f"{key}: expected {wanted!r}, found {found!r}"


def _compare_records(key: str, wanted: Sequence[Example], found: Sequence[Example], exact: bool) -> str | None:
    """Each of ``wanted`` must be part of some record of ``found``, in order. None wanted: nothing may be found."""
    if not wanted or exact:
        if len(found) != len(wanted):
            return f"{key}: expected {len(wanted)}, found {_brief(found, wanted)}"
        if not wanted:
            return None
    at = 0
    for record in wanted:
        while at < len(found) and not is_part(record, found[at]):
            at += 1
        if at == len(found):
            return f"{key}: expected {dict(record)}, found {_brief(found, wanted)}"
        at += 1
    return None


def is_part(wanted: Any, found: Any) -> bool:
    """Whether everything that ``wanted`` says holds of ``found``: mappings by key, lists in full, numbers to one in a million."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            key in found and is_part(value, found[key]) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(found, list | tuple) and len(wanted) == len(found) and all(map(is_part, wanted, found))
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return math.isclose(wanted, found, rel_tol=1e-6)
    return bool(wanted == found)


def _brief(found: Sequence[Example], wanted: Sequence[Example]) -> str:
    """``found`` with the keys that matter."""
    keys = {key for record in wanted for key in record} or {"text", "value", "unit", "class", "quote"}
    return repr([{key: record[key] for key in record if key in keys} for record in found])
