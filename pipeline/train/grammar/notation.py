"""The notation in which templates, phrases and the lexicon write tree fragments (see the package's docstring)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.errors import ClaimsError


class NotationError(ClaimsError):
    """A fragment that cannot be read; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word (with hyphens: several), ``form/TAG:rel``; ``singular~plural`` agrees with the subject."""

    form: str
    tag: str | None
    relation: str | None
    head: bool


@dataclass(frozen=True, slots=True)
class Bracket:
    """``[...]:rel``: a phrase of its own."""

    items: tuple[Item, ...]
    relation: str | None
    head: bool
    chance: float


@dataclass(frozen=True, slots=True)
class Mark:
    """``<id ...>:rel``: a phrase that is an entity or, where the id begins with ``#``, a figure."""

    spec: str
    items: tuple[Item, ...]
    relation: str | None
    head: bool
    chance: float


@dataclass(frozen=True, slots=True)
class Choice:
    """``{a | b}``: one of several. Its parts belong to the phrase around it, unless it has a star or a relation."""

    options: tuple[tuple[Item, ...], ...]
    relation: str | None
    head: bool
    chance: float


@dataclass(frozen=True, slots=True)
class Call:
    """``$Name(arguments):rel``: the phrase that a rule or the program makes."""

    name: str
    arguments: tuple[str, ...]
    relation: str | None
    head: bool
    chance: float


Item = Word | Bracket | Mark | Choice | Call

_WORD = re.compile(r"(?P<form>(?:\\.|[^\s\\])+?)(?:/(?P<tag>[A-Z$]+(?:~[A-Z]+)?))?(?::(?P<rel>[a-z]+(?::[a-z]+)?))?")
_SUFFIX = re.compile(r"(?::(?P<rel>[a-z]+(?::[a-z]+)?))?(?:\?(?P<chance>\d))?(?P<half>\?)?")
_CALL = re.compile(r"\$(?P<name>[A-Za-z_]\w*)(?:\((?P<arguments>[^)]*)\))?")
_SPEC = re.compile(r"<(?P<spec>[#\w@.+-]+)\s")
_END = re.compile(r"(?:\\.|[^\s\]>}|\\])+")


@cache
def parse(text: str) -> tuple[Item, ...]:
    """The items of a fragment. Raises NotationError."""
    reader = _Reader(text)
    items = reader.sequence("")
    if reader.at < len(text):
        raise NotationError(f"{text!r}: unexpected {text[reader.at]!r} at {reader.at}")
    return items


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def sequence(self, stops: str) -> tuple[Item, ...]:
        items: list[Item] = []
        while True:
            while self.at < len(self.text) and self.text[self.at].isspace():
                self.at += 1
            if self.at >= len(self.text):
                if stops:
                    raise NotationError(f"{self.text!r}: {stops[0]} is missing")
                return tuple(items)
            if self.text[self.at] in "]>}|":
                if self.text[self.at] not in stops:
                    raise NotationError(f"{self.text!r}: unexpected {self.text[self.at]!r} at {self.at}")
                return tuple(items)
            items.append(self.item())

    def item(self) -> Item:
        head = self.text[self.at] == "*"
        self.at += head
        opening = self.text[self.at] if self.at < len(self.text) else ""
        if opening == "[":
            self.at += 1
            items = self.sequence("]")
            self.at += 1
            relation, chance = self.suffix()
            return Bracket(items, relation, head, chance)
        if opening == "<":
            spec = _SPEC.match(self.text, self.at)
            if spec is None:
                raise NotationError(f"{self.text!r}: a mark without a name at {self.at}")
            self.at = spec.end()
            items = self.sequence(">")
            self.at += 1
            relation, chance = self.suffix()
            return Mark(spec["spec"], items, relation, head, chance)
        if opening == "{":
            options = tuple(self.options())
            relation, chance = self.suffix()
            return Choice(options, relation, head, chance)
        if opening == "$" and (call := _CALL.match(self.text, self.at)):
            self.at = call.end()
            relation, chance = self.suffix()
            arguments = tuple(part.strip() for part in call["arguments"].split(",")) if call["arguments"] else ()
            return Call(call["name"], arguments, relation, head, chance)
        return self.word(head)

    def options(self) -> list[tuple[Item, ...]]:
        options: list[tuple[Item, ...]] = []
        while True:
            self.at += 1
            options.append(self.sequence("|}"))
            if self.text[self.at] == "}":
                self.at += 1
                return options

    def suffix(self) -> tuple[str | None, float]:
        found = _SUFFIX.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        chance = 0.5 if found["half"] else int(found["chance"]) / 10 if found["chance"] else 1.0
        return found["rel"], chance

    def word(self, head: bool) -> Word:
        end = _END.match(self.text, self.at)
        found = _WORD.fullmatch(end[0]) if end is not None else None
        if end is None or found is None:
            raise NotationError(f"{self.text!r}: no word at {self.at}")
        self.at = end.end()
        return Word(re.sub(r"\\(.)", r"\1", found["form"]), found["tag"], found["rel"], head)
