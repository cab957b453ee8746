"""Universal Dependencies treebanks as training examples."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import conllu
from conllu.models import Token, TokenList

from pipeline.train.examples import Example, Span

KEPT_SUBTYPES = frozenset(
    [
        "acl:relcl",
        "aux:pass",
        "cc:preconj",
        "compound:prt",
        "csubj:pass",
        "det:predet",
        "nmod:poss",
        "nmod:unmarked",
        "nsubj:pass",
        "obl:agent",
        "obl:unmarked",
    ]
)
"""The subtypes that all three treebanks share; others are cut, since a label that one treebank never uses teaches where a text is from."""


_ORGANISATION = "ORGANISATION"
_OPENING = re.compile(r"\((?P<id>\d+)-(?P<type>[a-z]+)-(?P<rest>[^()]*)(?P<closed>\))?|(?P<closing>\d+)\)")
_NAMED = 5
"""Hyphens behind an entity's type in GUM where it has an identity, which only names have."""


def read_treebank(path: Path) -> list[list[Example]]:
    """The sentences of a ``.conllu`` or ``.conllu.gz`` file, by paragraph (a document where none are marked)."""
    paragraphs: list[list[Example]] = []
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
        for sentence in conllu.parse_incr(stream):
            begins = any(key in sentence.metadata for key in ("newdoc", "newdoc id", "newpar", "newpar id"))
            if begins or not paragraphs:
                paragraphs.append([])
            paragraphs[-1].append(_example(sentence))
    return paragraphs


def sentences(paragraphs: list[list[Example]]) -> Iterator[Example]:
    """All sentences in order."""
    for paragraph in paragraphs:
        yield from paragraph


def _example(sentence: TokenList) -> Example:
    words = [token for token in sentence if isinstance(token["id"], int)]
    place = {token["id"]: index for index, token in enumerate(words)}
    spaces = [_space(token) for token in words]
    for token in sentence:
        # A multiword token is printed without spaces inside; its own line says what follows it.
        if isinstance(token["id"], tuple) and token["id"][1] == "-":
            first, _, last = token["id"]
            for inner in range(first, last):
                spaces[place[inner]] = False
            spaces[place[last]] = _space(token)
    return Example(
        id=sentence.metadata.get("sent_id", ""),
        words=tuple(token["form"] for token in words),
        spaces=tuple(spaces),
        tags=tuple(token["xpos"] or "" for token in words),
        heads=tuple(-1 if token["head"] == 0 else place[token["head"]] for token in words),
        relations=tuple(_relation(token["deprel"]) for token in words),
        entities=_organisations(words),
        labelled=(_ORGANISATION,),
    )


def _organisations(words: list[Token]) -> tuple[Span, ...] | None:
    """The organisations that GUM marks and names; None where nothing is marked, as in other treebanks."""
    marks = [(token["misc"] or {}).get("Entity") for token in words]
    if not any(marks):
        return None
    opened: dict[str, list[int]] = {}
    found = []
    for place, mark in enumerate(marks):
        for part in _OPENING.finditer(mark or ""):
            if part["id"] and part["type"] == "organization" and part["rest"].count("-") >= _NAMED:
                if part["closed"]:
                    found.append(Span(start=place, end=place + 1, label=_ORGANISATION))
                else:
                    opened.setdefault(part["id"], []).append(place)
            elif part["closing"] and opened.get(part["closing"]):
                found.append(Span(start=opened[part["closing"]].pop(), end=place + 1, label=_ORGANISATION))
    return tuple(_without_article(span, words) for span in found if _is_name(words[span.start : span.end]))


def _is_name(words: list[Token]) -> bool:
    """GUM gives "the school" the identity of the school that it means."""
    return any((word["xpos"] or "").startswith("NNP") for word in words)


def _without_article(span: Span, words: list[Token]) -> Span:
    """The guide begins names behind their article."""
    article = words[span.start]["xpos"] == "DT" and span.end - span.start > 1
    return Span(start=span.start + article, end=span.end, label=span.label)


def _space(token: Token) -> bool:
    return (token["misc"] or {}).get("SpaceAfter") != "No"


def _relation(label: str) -> str:
    return label if label in KEPT_SUBTYPES else label.split(":", 1)[0]
