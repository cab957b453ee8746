"""Reads our own annotated sentences (docs/annotation.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ClaimsError
from pipeline.model import Record

STYLES = frozenset(
    [
        "abstract",
        "press",
        "newspaper",
        "magazine",
        "clinic",
        "patient",
        "blog",
        "headline",
        "reference",
        "registry",
        "guideline",
        "other",
    ]
)
STRENGTHS = ("none", "correlational", "conditional_causal", "causal")
CERTAINTIES = ("asserted", "hedged", "negated")
LABELS = ("INTERVENTION", "COMPARATOR", "CONDITION", "OUTCOME", "POPULATION", "STUDY", "ORGANISATION", "TIME", "VALUE")
ROLES = ("arm", "comparator", "baseline", "followup", "total", "none")
_LINKED = {
    "group": ("INTERVENTION", "COMPARATOR", "POPULATION"),
    "outcome": ("OUTCOME", "CONDITION"),
    "time": ("TIME",),
}
"""The links of a value, and the labels each may lead to."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TAG = re.compile(r"\((?P<label>[A-Z]+)(?:#(?P<id>[a-z0-9]+))?(?P<attributes>(?: [a-z]+=[a-z0-9,]+)*)\)")


class AnnotationError(ClaimsError):
    """A record that does not follow the guide; the text says file, line and what to do."""


class Entity(Record, frozen=True, kw_only=True):
    """One marked passage: ``text[start:end]`` of its sentence."""

    start: int
    end: int
    label: str
    id: str | None = None
    role: str | None = None
    """Of a value only."""
    group: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    time: tuple[str, ...] = ()


class Sentence(Record, frozen=True, kw_only=True):
    """One annotated sentence; entities by start, the outer before the inner."""

    id: str
    style: str
    topic: str
    strength: str
    certainty: str
    text: str
    entities: tuple[Entity, ...]


class _Open(NamedTuple):
    at: int


def read_corpus(folder: Path) -> list[Sentence]:
    """All sentences of the ``*.txt`` files in ``folder``, by file name and place. Raises AnnotationError."""
    found: dict[str, Sentence] = {}
    for path in sorted(folder.glob("*.txt")):
        for number, sentence in read_sentences(path.name, path.read_text("utf-8")):
            if sentence.id in found:
                raise AnnotationError(f"{path.name}:{number}: the id {sentence.id} is taken; give another")
            found[sentence.id] = sentence
    return list(found.values())


def read_sentences(name: str, text: str) -> Iterator[tuple[int, Sentence]]:
    """The records of one file, each with the number of its head line. Raises AnnotationError."""
    head: tuple[int, list[str]] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("@"):
            if head is not None:
                raise AnnotationError(f"{name}:{head[0]}: a head without a sentence")
            head = number, [part.strip() for part in line[1:].split("|")]
        elif head is None:
            raise AnnotationError(f"{name}:{number}: a sentence without a head line that begins with @")
        else:
            yield head[0], _sentence(f"{name}:{head[0]}", head[1], line.strip())
            head = None
    if head is not None:
        raise AnnotationError(f"{name}:{head[0]}: a head without a sentence")


def _sentence(place: str, head: list[str], line: str) -> Sentence:
    if len(head) != 5:
        raise AnnotationError(f"{place}: a head has id | style | topic | strength | certainty")
    ident, style, topic, strength, certainty = head
    for value, allowed, what in (
        (style, STYLES, "style"),
        (strength, STRENGTHS, "strength"),
        (certainty, CERTAINTIES, "certainty"),
    ):
        if value not in allowed:
            raise AnnotationError(f"{place}: no {what} {value!r}; use one of {', '.join(sorted(allowed))}")
    if _ID.fullmatch(ident) is None or not topic:
        raise AnnotationError(f"{place}: an id is lower-case words joined by hyphens, and the topic is not empty")
    text, entities = parse_line(place, line)
    _check_links(place, entities)
    return Sentence(
        id=ident, style=style, topic=topic, strength=strength, certainty=certainty, text=text, entities=tuple(entities)
    )


def parse_line(place: str, line: str) -> tuple[str, list[Entity]]:
    """The plain text of a marked line, and its entities. Raises AnnotationError."""
    plain: list[str] = []
    length = 0
    opened: list[_Open] = []
    entities: list[Entity] = []
    at = 0
    while at < len(line):
        character = line[at]
        if character == "\\" and line[at + 1 : at + 2] in ("[", "]"):
            plain.append(line[at + 1])
            length += 1
            at += 2
        elif character == "[":
            opened.append(_Open(length))
            at += 1
        elif character == "]":
            tag = _TAG.match(line, at + 1)
            if not opened or tag is None:
                raise AnnotationError(
                    f"{place}: a ] at {at} that closes nothing or has no (LABEL) behind it; write \\] for the sign"
                )
            entities.append(_entity(place, opened.pop().at, length, tag))
            at = tag.end()
        else:
            plain.append(character)
            length += 1
            at += 1
    if opened:
        raise AnnotationError(f"{place}: a [ that is not closed; write \\[ for the sign")
    return "".join(plain), sorted(entities, key=lambda entity: (entity.start, -entity.end))


def _entity(place: str, start: int, end: int, tag: re.Match[str]) -> Entity:
    attributes = dict(part.split("=", 1) for part in tag["attributes"].split())
    label = tag["label"]
    if label not in LABELS:
        raise AnnotationError(f"{place}: no label {label}; use one of {', '.join(LABELS)}")
    if end <= start:
        raise AnnotationError(f"{place}: a {label} without words")
    role = attributes.pop("role", None)
    if (label == "VALUE") != (role is not None) or (label != "VALUE" and attributes):
        raise AnnotationError(f"{place}: a VALUE needs role=, and nothing else has attributes")
    if role is not None and role not in ROLES:
        raise AnnotationError(f"{place}: no role {role}; use one of {', '.join(ROLES)}")
    links = {name: tuple(ids.split(",")) for name, ids in attributes.items()}
    if unknown := links.keys() - _LINKED.keys():
        raise AnnotationError(f"{place}: no link {sorted(unknown)[0]}=; use {', '.join(_LINKED)}")
    return Entity(start=start, end=end, label=label, id=tag["id"], role=role, **links)


def _check_links(place: str, entities: list[Entity]) -> None:
    labels: dict[str, str] = {}
    for entity in entities:
        if entity.id is not None:
            if entity.id in labels:
                raise AnnotationError(f"{place}: the id #{entity.id} stands twice")
            labels[entity.id] = entity.label
    for entity in entities:
        for link, allowed in _LINKED.items():
            for target in getattr(entity, link):
                if labels.get(target) not in allowed:
                    raise AnnotationError(
                        f"{place}: {link}={target} leads to no {' or '.join(allowed)} of the sentence"
                    )
