"""Topics with their interventions, comparators, outcomes and people; read from ``data/``."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from pipeline.train.grammar.notation import NotationError, parse

_LISTS = ("ones", "tens", "qualifiers", "small_qualifiers", "versus", "doses", "dose_units", "shares", "plural")
_DATA = files("pipeline.train.grammar") / "data"


@dataclass(frozen=True, slots=True)
class Arm:
    """What a group gets: its name in the notation, its kind, and a short name."""

    name: str
    kind: str
    short: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """Something measured: its name, its unit ("" where it has none), least and greatest value, number of decimals."""

    name: str
    unit: str
    least: float
    most: float
    decimals: int


@dataclass(slots=True)
class Topic:
    """A subject of research, each part in the notation."""

    name: str
    held: bool
    conditions: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    interventions: list[Arm] = field(default_factory=list)
    comparators: list[Arm] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    good: list[str] = field(default_factory=list)
    """Those of the events that people wish for."""
    nouns: list[str] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rule:
    """A phrase and the ways to say it: weight, the kinds of arm it fits (empty: all), text."""

    name: str
    parameters: tuple[str, ...]
    options: tuple[tuple[float, frozenset[str], str], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence to fill in. ``held`` ones are kept from training."""

    name: str
    family: str
    flags: frozenset[str]
    texts: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether it is for measuring only."""
        return "held" in self.flags


@dataclass(frozen=True, slots=True)
class Words:
    """Closed-class words, inflections and what hyphenated words are made of."""

    words: dict[str, tuple[str, str]]
    numbers: frozenset[str]
    relations: dict[str, str]
    prefixes: frozenset[str]
    hyphenated: dict[str, tuple[str, str]]
    irregular: dict[str, tuple[str, ...]]
    lists: dict[str, tuple[str, ...]]
    """``ones``, ``tens``, ``qualifiers``, ``small_qualifiers``, ``versus``, ``doses``, ``dose_units``, ``shares``, ``plural``."""


@cache
def load_words() -> Words:
    """The closed classes."""
    data: dict[str, Any] = yaml.safe_load((_DATA / "words.yaml").read_text("utf-8"))
    return Words(
        {form: (tag, relation) for form, (tag, relation) in data["words"].items()},
        frozenset(data["numbers"]),
        data["relations"],
        frozenset(data["prefixes"]),
        {form: (tag, relation) for form, (tag, relation) in data["hyphenated"].items()},
        {form: tuple(forms) for form, forms in data["irregular"].items()},
        {name: tuple(entries) for name, entries in data.items() if name in _LISTS},
    )


@cache
def load_names() -> dict[str, list[str]]:
    """Surnames, places and names of trials, in the notation."""
    data: dict[str, list[str]] = yaml.safe_load((_DATA / "names.yaml").read_text("utf-8"))
    return data


@cache
def load_topics() -> tuple[Topic, ...]:
    """All topics, in the order of the files. Raises NotationError."""
    topics: list[Topic] = []
    for name, text in _read("topics"):
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip() or line.startswith("#"):
                continue
            place = f"{name}:{number}"
            if line.startswith("@"):
                title, *flags = (part.strip() for part in line[1:].split("|"))
                topics.append(Topic(title, "held" in flags))
                continue
            key, _, rest = line.partition(":")
            for entry in rest.split(" ; "):
                _add(place, topics[-1], key.strip(), entry.strip())
    return tuple(topics)


def _add(place: str, topic: Topic, key: str, entry: str) -> None:
    parts = [part.strip() for part in entry.split(" = ")]
    parse(parts[0])
    if key == "d":
        topic.conditions.append(entry)
    elif key == "p":
        topic.people.append(entry)
    elif key in ("i", "c"):
        arm = Arm(parts[0], parts[1], parts[2] if len(parts) > 2 else None)
        (topic.interventions if key == "i" else topic.comparators).append(arm)
    elif key in ("e", "g"):
        topic.events.append(entry)
        if key == "g":
            topic.good.append(entry)
    elif key == "n":
        topic.nouns.append(entry)
    elif key == "m":
        least, most, decimals = parts[2].split()
        topic.measures.append(Measure(parts[0], parts[1].strip("-"), float(least), float(most), int(decimals)))
    else:
        raise NotationError(f"{place}: no key {key!r}; use d, p, i, c, e, g, n or m")


@cache
def load_rules() -> dict[str, Rule]:
    """The phrases of ``data/phrases*.txt``. Raises NotationError."""
    rules: dict[str, Rule] = {}
    for name, text in _read("phrases"):
        head: tuple[str, tuple[str, ...]] | None = None
        options: list[tuple[float, frozenset[str], str]] = []
        for line in [*text.split("\n"), "= "]:
            if line.startswith("#") or not line.strip():
                continue
            if line.startswith("= "):
                if head is not None:
                    rules[head[0]] = Rule(head[0], head[1], tuple(options))
                title, _, rest = line[2:].strip().partition("(")
                head = (title, tuple(part.strip() for part in rest.rstrip(")").split(",") if part.strip()))
                options = []
                continue
            weight = 1.0
            kinds: frozenset[str] = frozenset()
            while line[0] in "^!" and " " in line:
                first, _, line = line.partition(" ")
                if first.startswith("^"):
                    weight = float(first[1:])
                else:
                    kinds = frozenset(first[1:].split(","))
            if head is None:
                raise NotationError(f"{name}: a line before the first rule: {line}")
            options.append((weight, kinds, line.strip()))
    return rules


@cache
def load_templates() -> tuple[Template, ...]:
    """The sentences of ``data/templates*.txt``. Raises NotationError."""
    found: list[Template] = []
    for name, text in _read("templates"):
        head: list[str] = []
        texts: list[str] = []
        for line in [*text.split("\n"), "@ end | end"]:
            if line.startswith("#") or not line.strip():
                continue
            if line.startswith("@"):
                if head:
                    found.append(
                        Template(head[0], head[1], frozenset(head[2].split() if len(head) > 2 else ()), tuple(texts))
                    )
                head = [part.strip() for part in line[1:].split("|")]
                texts = []
            elif not head:
                raise NotationError(f"{name}: a line before the first template: {line}")
            else:
                texts.append(line.strip())
    names = [template.name for template in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise NotationError(f"the template {twice[0]} stands twice")
    return tuple(found)


def _read(prefix: str) -> list[tuple[str, str]]:
    found = [entry for entry in _DATA.iterdir() if entry.name.startswith(prefix) and entry.name.endswith(".txt")]
    return [(entry.name, entry.read_text("utf-8")) for entry in sorted(found, key=lambda entry: entry.name)]
