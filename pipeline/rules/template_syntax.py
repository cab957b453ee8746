"""Reads a surface template into a tree. The language is described in docs/rules.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pipeline.errors import RulesError

MAX_GAP = 20
MAX_NODES = 2000
_KNOWN = 10_000
"""Trees that are kept: the checks of the rules and the components read the same templates."""

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<gap>\.\.\.|\.\.,)(?P<size>\d{1,2})?"
    r"|\{(?P<slot>[^{}\s]{1,200})\}"
    r"|\[(?P<name>[a-z_]{1,30}):"
    r"|\\(?P<escaped>\S)"
    r"|(?P<word>\w+(?:['’]\w+)*(?:-\w+(?:['’]\w+)*)*)"
    r"|(?P<mark>\S)"
    r")"
)
_MARKS = frozenset("()|?^$[]{}")
NOT = "n't"
NOT_LENGTH = len(NOT)
"""Characters of the negation that ends a contraction."""
NEGATION = "not"
_VERBS_CUT = {"ca": "can", "wo": "will", "sha": "shall"}
"""Verbs that a contraction cuts short."""


class TemplateError(RulesError):
    """A template that can't be used: what is wrong with it; what to do."""

    def __init__(self, problem: str) -> None:
        super().__init__([problem])

    def __reduce__(self) -> tuple[type[TemplateError], tuple[Any, ...]]:
        return type(self), (self.problems[0],)


@dataclass(frozen=True)
class Word:
    """One word or punctuation mark, folded, but for a word in capitals."""

    text: str


@dataclass(frozen=True)
class Slot:
    """``{name:spec|spec}``."""

    name: str
    specs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """Up to ``size`` items that are no quantity and no punctuation; commas and brackets are let through if ``wide``."""

    size: int
    wide: bool


@dataclass(frozen=True)
class Edge:
    """``^`` or ``$``: the start or end of the sentence."""

    end: bool


@dataclass(frozen=True)
class Seq:
    """One after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """One of several."""

    options: tuple[Node, ...]


@dataclass(frozen=True)
class Optional:
    """``x?``."""

    part: Node


@dataclass(frozen=True)
class Capture:
    """``[name: ...]``: remembers what matched."""

    name: str
    part: Node


@dataclass(frozen=True)
class Mark:
    """Where a capture that holds the target opens or closes."""

    name: str
    end: bool


Node = Word | Slot | Gap | Edge | Seq | Choice | Optional | Capture | Mark


def fold(word: str) -> str:
    """How words are compared: without case, and with one kind of apostrophe."""
    return word.casefold().replace("’", "'")


def contraction(word: str) -> tuple[str, ...] | None:
    """The words that a contraction with a negation stands for: "hasn't" is "has not", "can't" is "can not", "n't" is "not". None where
    ``word`` is none. So one pattern finds what is written in either way."""
    folded = fold(word)
    if folded == NOT:
        return (NEGATION,)
    if not folded.endswith(NOT):
        return None
    verb = folded[:-NOT_LENGTH]
    return _VERBS_CUT.get(verb, verb), NEGATION


def is_shouted(word: str) -> bool:
    """Whether a word is written in capitals, so that it means nothing else: OR is a ratio, "or" is none."""
    return len(word) > 1 and word.isupper() and word.isalnum()


@lru_cache(maxsize=_KNOWN)
def parse_template(text: str) -> Seq:
    """The tree of a template. Raises ``TemplateError``."""
    tokens = [match for match in _TOKEN.finditer(text) if match.group().strip()]
    if len(tokens) > MAX_NODES:
        raise TemplateError(f"the template is longer than {MAX_NODES} items; split it")
    parser = _Parser(text, tokens)
    tree = parser.choice(depth=0)
    if parser.peek() is not None:
        raise TemplateError(f"stray {parser.peek()!r} in the template {text!r}; balance or escape it")
    return tree if isinstance(tree, Seq) else Seq((tree,))


class _Parser:
    def __init__(self, text: str, tokens: list[re.Match[str]]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0

    def peek(self) -> str | None:
        """The mark or other token that comes next, as text."""
        if self._at >= len(self._tokens):
            return None
        token = self._tokens[self._at]
        return token["mark"] if token["mark"] is not None else token.group().strip()

    def _is_mark(self, mark: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at]["mark"] == mark

    def choice(self, depth: int) -> Node:
        if depth > 20:
            raise TemplateError(f"brackets nested too deep in the template {self._text!r}; flatten it")
        options = [self._sequence(depth)]
        while self._is_mark("|"):
            self._at += 1
            options.append(self._sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self._at < len(self._tokens) and not any(self._is_mark(mark) for mark in "|)]"):
            part = self._atom(depth)
            while self._is_mark("?"):
                self._at += 1
                part = Optional(part)
            parts.append(part)
        if not parts:
            raise TemplateError(
                f"an empty alternative in the template {self._text!r}; write `(a|b)?` for one that may be left out"
            )
        return Seq(tuple(parts))

    def _atom(self, depth: int) -> Node:
        token = self._tokens[self._at]
        self._at += 1
        if token["gap"] is not None:
            if token["size"] is None or not 1 <= int(token["size"]) <= MAX_GAP:
                raise TemplateError(
                    f"a gap in {self._text!r} needs a size from 1 to {MAX_GAP}; write for example `...3`"
                )
            return Gap(int(token["size"]), token["gap"] == "..,")
        if token["slot"] is not None:
            name, _, specs = token["slot"].partition(":")
            return Slot(name, tuple(specs.split("|")) if specs else ())
        if token["name"] is not None:
            part = self.choice(depth + 1)
            self._close("]")
            return Capture(token["name"], part)
        if token["escaped"] is not None:
            return Word(fold(token["escaped"]))
        if token["word"] is not None:
            # Sentences are read without the hyphens inside words.
            words = tuple(
                Word(part)
                for word in token["word"].split("-")
                for part in contraction(word) or (word if is_shouted(word) else fold(word),)
            )
            return words[0] if len(words) == 1 else Seq(words)
        mark = token["mark"]
        if mark == "(":
            part = self.choice(depth + 1)
            self._close(")")
            return part
        if mark in "^$":
            return Edge(end=mark == "$")
        if mark in _MARKS:
            raise TemplateError(
                f"stray {mark!r} in the template {self._text!r}; escape it as \\{mark} if it is meant as text"
            )
        return Word(mark)

    def _close(self, mark: str) -> None:
        if not self._is_mark(mark):
            raise TemplateError(f"{mark!r} is missing in the template {self._text!r}; balance the brackets")
        self._at += 1
