"""Phrases with heads, and how they are put together. A tree is right because of how it was made; nothing is parsed."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.train.grammar.notation import NotationError


@dataclass(slots=True)
class Token:
    """One word; ``head`` counts within its phrase, -1 at the phrase's head."""

    form: str
    tag: str
    relation: str
    head: int


@dataclass(frozen=True, slots=True)
class Marked:
    """Words ``start`` to ``end`` (exclusive) of a phrase, and what the notation says they are."""

    start: int
    end: int
    spec: str


@dataclass(slots=True)
class Phrase:
    """Words, of which ``head`` is the head."""

    tokens: list[Token]
    head: int
    marks: list[Marked] = field(default_factory=list)
    relation: str | None = None
    """What it is to the phrase around it, unless that says otherwise."""


@dataclass(slots=True)
class Part:
    """A phrase within a larger one; ``relation`` None means that its shape decides. ``given``: the notation says so."""

    phrase: Phrase
    relation: str | None
    head: bool
    given: bool = False


_CLAUSAL = frozenset(["nsubj", "nsubj:pass", "cop", "expl", "aux", "aux:pass", "csubj"])
_HEADS = (None, "compound", "nummod", "flat", "nsubj", "obj")
"""Relations that a fragment's words have by default and that its head may bear (they are dropped there)."""


def join(parts: list[Part]) -> Phrase:
    """One phrase of ``parts``; its head is the part so marked, else the last that does not look like a modifier."""
    if not parts:
        return Phrase([], -1)
    top = _top(parts)
    offsets = [0]
    for part in parts:
        offsets.append(offsets[-1] + len(part.phrase.tokens))
    head = offsets[top] + parts[top].phrase.head
    governor = parts[top].phrase
    clause = any(part.relation in _CLAUSAL for part in parts) or any(
        token.head == governor.head and token.relation in _CLAUSAL for token in governor.tokens
    )
    tokens: list[Token] = []
    found: list[Marked] = []
    for index, part in enumerate(parts):
        start = offsets[index]
        for at, token in enumerate(part.phrase.tokens):
            if at == part.phrase.head and index != top:
                relation = part.relation or guess(part.phrase, governor, clause)
                tokens.append(Token(token.form, token.tag, relation, head))
            elif at == part.phrase.head:
                tokens.append(Token(token.form, token.tag, "", -1))
            else:
                tokens.append(Token(token.form, token.tag, token.relation, start + token.head))
        found.extend(Marked(start + mark.start, start + mark.end, mark.spec) for mark in part.phrase.marks)
    return Phrase(tokens, head, found, parts[0].relation if len(parts) == 1 and parts[0].given else None)


def _top(parts: list[Part]) -> int:
    """Which part is the head. Raises NotationError where the notation leaves it open."""
    stars = [index for index, part in enumerate(parts) if part.head]
    plain = [
        index
        for index, part in enumerate(parts)
        if part.relation in _HEADS and not part.given and not _modifies(part.phrase)
    ]
    others = [
        i
        for i, p in enumerate(parts)
        if p.relation in ("amod", "advmod", "det") and not p.given and not _modifies(p.phrase)
    ]
    rest = [
        i
        for i, p in enumerate(parts)
        if p.relation is None and p.phrase.tokens[0].tag not in ("-LRB-", ",", ":", "CC", "WP")
    ]
    if len(stars) == 1 or len(parts) == 1:
        return stars[0] if stars else 0
    if not stars and plain:
        return plain[-1]
    for found in (others, rest):
        if not stars and len(found) == 1:
            return found[0]
    words = " ".join(token.form for part in parts for token in part.phrase.tokens)
    raise NotationError(f"{len(stars)} heads in: {words}")


def _modifies(phrase: Phrase) -> bool:
    first = phrase.tokens[0]
    return first.head == phrase.head and (
        first.relation in ("case", "cc", "mark", "punct") or first.tag in ("WP", "WDT")
    )


def guess(phrase: Phrase, governor: Phrase, clause: bool) -> str:
    """The relation of a phrase whose notation gives none: by its first words and the kind of its governor."""
    own = {token.relation for token in phrase.tokens if token.head == phrase.head}
    first = phrase.tokens[0]
    nominal = not clause and governor.tokens[governor.head].tag[:2] in ("NN", "CD", "DT", "PR", "PD")
    head = phrase.tokens[phrase.head].tag
    if "cc" in own:
        return "conj"
    if first.tag in ("-LRB-", ",", ":"):
        return "parataxis"
    if first.tag in ("WP", "WDT"):
        return "acl:relcl"
    if "mark" in own:
        return "acl" if nominal else "advcl"
    if "case" in own:
        return "nmod" if nominal else "obl"
    if head in ("VBN", "VBG") and len(phrase.tokens) == 1 and nominal:
        return "amod"
    if head in ("VBN", "VBG"):
        return "acl" if nominal else "advcl"
    return {"JJ": "amod", "RB": "advmod", "CD": "nummod"}.get(head[:2], "compound")
