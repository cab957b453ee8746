"""Nothing in a rule file makes the loader raise; templates do bounded work."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import RulesError
from pipeline.model import Mention
from pipeline.rules import template_run
from pipeline.rules.items import Items, itemise
from pipeline.rules.loader import load_rules
from pipeline.rules.templates import TemplateCompiler, TemplateError

PIECES = [
    *(
        "- ",
        "id: ",
        "x",
        "stage: extract",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!!str ",
        "'",
        '"',
        "\\ud800",
        "|",
        ">",
    ),
    *(
        "---",
        "topic: ",
        "terms: ",
        "names: ",
        "examples: ",
        "text: ",
        "expect: ",
        "match: ",
        "{q}",
        "...3 ",
        "(",
        ")",
        "?",
        "é",
    ),
    *("\x00", "#", ":", "1e999", "9" * 30, "\ufeff", "\t"),
]
PARTS = [
    "{q}",
    "a",
    "b",
    "(",
    ")",
    "|",
    "?",
    "...5",
    "..,9",
    "{list}",
    "{number}",
    "{word}",
    "^",
    "$",
    "[x:",
    "]",
    "{brackets}",
]
YAMLISH = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
TEMPLATES = st.lists(st.sampled_from(PARTS), max_size=30).map(" ".join)
WORDS = st.lists(st.sampled_from(["a", "b", "c", ",", "(", ")", "7", ".", "a-b", "’"]), max_size=60).map(" ".join)
LISTS: dict[str, dict[str, Any]] = {"list": {"id": "list", "stage": "lexicon", "entries": ["a", "a b", "b a b"]}}


def items_of(text: str) -> Items:
    mentions = [Mention(start=i, end=i + 1, text="7", value=7.0) for i, char in enumerate(text) if char == "7"]
    return itemise(text, 0, len(text), mentions)


@given(YAMLISH, YAMLISH)
@example("[" * 5000, "")
@example("- {a: *b}", "? [a]\n: b")
@settings(max_examples=200, deadline=None)
def test_the_loader_only_raises_rules_error(text: str, other: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.yaml").write_bytes(text.encode("utf-8", "replace"))
        (folder / "b.yaml").write_bytes(other.encode("utf-16"))
        rules = load_rules(folder)
        assert len(rules.digest) == 64
        if rules.problems:
            with pytest.raises(RulesError):
                load_rules(folder, strict=True)


@given(TEMPLATES, WORDS)
@settings(max_examples=300, deadline=None)
def test_a_template_is_refused_or_matches_without_error(template: str, text: str) -> None:
    try:
        compiled = TemplateCompiler(LISTS).compile(template)
    except TemplateError:
        return
    items = items_of(text)
    for index, item in enumerate(items.items):
        found = compiled.match_at(items, index)
        if found is not None:
            assert item.mention is not None
            assert found.first <= index <= found.last
            for start, end in found.captures.values():
                assert text[start:end].strip() == text[start:end] != ""
    for match in compiled.find(items):
        assert 0 <= match.first <= match.last < len(items)


def test_work_for_one_target_does_not_grow_with_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    original = template_run._ends

    def counted(*args: object) -> list[int]:
        nonlocal steps
        steps += 1
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(template_run, "_ends", counted)
    template = TemplateCompiler(LISTS).compile("{q} ...20 a? ...20 (a|b|c)? ...20 {list} zzz")
    counts = []
    for size in (200, 2000):
        steps = 0
        items = items_of("7 " + "a b " * size)
        assert template.match_at(items, 0) is None
        counts.append(steps)
    assert counts[0] == counts[1] < 5000
