"""From a phrase to an ``Example``: agreement, articles, capitals, spaces, entities and links."""

from __future__ import annotations

import itertools
import re

from pipeline.train.annotations import ROLES
from pipeline.train.examples import Example, Figure, Span
from pipeline.train.grammar.lexicon import load_words
from pipeline.train.grammar.notation import NotationError
from pipeline.train.grammar.tree import Marked, Phrase, Token

LABELS = {
    "i": "INTERVENTION",
    "c": "COMPARATOR",
    "d": "CONDITION",
    "o": "OUTCOME",
    "p": "POPULATION",
    "s": "STUDY",
    "g": "ORGANISATION",
    "t": "TIME",
    "b": "COMPARATOR",
}
"""First letter of a mark's name, and the label. ``b`` is for ``baseline``."""
_LINKABLE = {
    "group": ("INTERVENTION", "COMPARATOR", "POPULATION"),
    "outcome": ("OUTCOME", "CONDITION"),
    "time": ("TIME",),
}
_ROLES = {"i": "arm", "c": "comparator", "p": "total"}
_VOWEL = re.compile(r"(?:[aeio]|u(?!n[io]|s|r[io]|t[ei])|hour|honest|8|11(?!\d)|18(?!\d))", re.IGNORECASE)
_SPELLED = re.compile(r"(?:[AEFHILMNORSX][A-Z]|[AEFHILMNORSX]$)")
_SHORT = 4
"""Prepositions up to this length stay small in a title."""
_AFTER = frozenset(["-LRB-", "``", "$"])
_BEFORE = frozenset([".", ",", ":", "-RRB-", "''", "POS"])
_PLURAL = frozenset(["NNS", "NNPS"])


def finish(phrase: Phrase, ident: str, tight: bool, capital: bool = True) -> Example:
    """The example of a sentence's phrase. Raises NotationError where a mark's name is unknown."""
    tokens = phrase.tokens
    _agree(tokens)
    _articles(tokens)
    if capital:
        first = next((t for t in tokens if t.form[0].isalnum()), tokens[0])
        if first.form.islower() or (first.form[1:] == first.form[1:].lower() and len(first.form) > 1):
            first.form = first.form[0].upper() + first.form[1:]
    relations = tuple("root" if token.head < 0 else token.relation for token in tokens)
    entities, figures = _annotations(phrase.marks)
    return Example(
        id=ident,
        words=tuple(token.form for token in tokens),
        spaces=_spaces(tokens, tight),
        tags=tuple(token.tag for token in tokens),
        heads=tuple(token.head for token in tokens),
        relations=relations,
        entities=entities,
        figures=figures,
    )


def capitalise(tokens: list[Token]) -> None:
    """Prints The Nouns, Verbs And Other Long Words Of A Headline With Capitals."""
    for token in tokens:
        if token.form.islower() and (token.tag[:2] in ("NN", "VB", "JJ", "RB") or len(token.form) > _SHORT):
            token.form = "~".join(form[0].upper() + form[1:] for form in token.form.split("~"))


def _agree(tokens: list[Token]) -> None:
    """Chooses between ``was~were`` by the number of the subject, between ``less~fewer`` by that of the noun."""
    for index, token in enumerate(tokens):
        if "~" not in token.form:
            continue
        verb = token.head if token.relation in ("cop", "aux", "aux:pass") else index
        agrees = token.head if token.relation in ("amod", "det", "advmod") else _subject(tokens, verb)
        plural = _is_plural(tokens, agrees)
        token.form = token.form.split("~")[plural]
        if "~" in token.tag:
            token.tag = token.tag.split("~")[plural]


def _subject(tokens: list[Token], verb: int) -> int | None:
    """The subject of a verb, looked for at the verbs it is joined to where it has none."""
    seen = 0
    while verb >= 0 and seen < 5:
        for relation in ("nsubj", "nsubj:pass", "csubj"):
            for index, token in enumerate(tokens):
                if token.head == verb and token.relation == relation:
                    return tokens[verb].head if token.tag in ("WP", "WDT") else index
        expletive = any(token.head == verb and token.relation == "expl" for token in tokens)
        if expletive:
            return verb
        verb = tokens[verb].head
        seen += 1
    return None


def _is_plural(tokens: list[Token], at: int | None) -> bool:
    if at is None:
        return False
    token = tokens[at]
    below = [index for index, other in enumerate(tokens) if other.head == at]
    if any(tokens[index].relation == "conj" and tokens[index].tag[:1] in "NPCD" for index in below):
        joined = next(index for index in below if tokens[index].relation == "conj")
        linked = [other.form for other in tokens if other.head == joined and other.relation == "cc"]
        if linked != ["or"]:
            return True
    if token.form.lower() in load_words().lists["shares"]:
        parts = [index for index in below if tokens[index].relation == "nmod" and index > at]
        return (
            any(_is_plural(tokens, index) for index in parts)
            if parts
            else token.form.lower() in ("%", "cent", "percent", "half")
        )
    if token.form.lower() in load_words().lists["plural"]:
        return True
    if token.tag == "CD":
        return token.form.lower() not in ("one", "1")
    return token.tag in _PLURAL


def _articles(tokens: list[Token]) -> None:
    for token, after in itertools.pairwise(tokens):
        if token.form.lower() == "a" and token.tag == "DT":
            vowel = (
                _SPELLED.match(after.form) is not None if after.form.isupper() else _VOWEL.match(after.form) is not None
            )
            token.form = token.form + "n" * vowel


def _spaces(tokens: list[Token], tight: bool) -> tuple[bool, ...]:
    spaces = [True] * len(tokens)
    quoted = False
    for index, token in enumerate(tokens):
        last = index + 1 == len(tokens)
        following = None if last else tokens[index + 1]
        if token.tag in _AFTER or token.form == "[" or token.tag == "HYPH":
            spaces[index] = False
        if token.form == '"':
            quoted = not quoted
        if following is None:
            spaces[index] = False
            continue
        before = following.tag in _BEFORE and following.form not in ("–", "—", "-")
        if before or following.form in ("]", "n't") or following.form == "%" or following.tag == "HYPH":
            spaces[index] = False
        elif following.tag == "$" and token.tag == "CD":
            spaces[index] = True
        if following.form == "/" or token.form == "/":
            spaces[index] = False
        for sign in (token, following):
            joins = sign.form in "–-" and sign.relation in ("case", "cc")
            if sign.tag == "SYM" and (joins or (sign.form in "=<>≤±" and tight)):
                spaces[index] = False
        if token.tag == "SYM" and token.form in "−-" and token.relation == "punct":
            spaces[index] = False
        if token.form == "—" or following.form == "—":
            spaces[index] = tight is False
    return tuple(spaces)


def _annotations(marks: list[Marked]) -> tuple[tuple[Span, ...], tuple[Figure, ...]]:
    spans: list[Span] = []
    named: dict[str, list[Marked]] = {}
    figures: list[Marked] = []
    for mark in marks:
        if mark.end <= mark.start:
            continue
        if mark.spec.startswith("#"):
            figures.append(mark)
            continue
        label = LABELS.get(mark.spec[0])
        if label is None:
            raise NotationError(f"a mark {mark.spec}; its first letter must be one of {', '.join(LABELS)}")
        span = Span(start=mark.start, end=mark.end, label=label)
        if span not in spans:
            spans.append(span)
        named.setdefault(mark.spec, []).append(mark)
    spans.sort(key=lambda span: (span.start, -span.end, span.label))
    found = [_figure(mark, named) for mark in sorted(figures, key=lambda mark: mark.start)]
    return tuple(spans), tuple(found)


def _figure(mark: Marked, named: dict[str, list[Marked]]) -> Figure:
    """A figure from its name: ``#group@role.outcome.time``; ``-`` for none, empty for the usual."""
    group, outcome, time, *_ = [*mark.spec[1:].split("."), "", ""]
    group, _, role = group.partition("@")
    groups = [name for name in group.split("+") if name]
    if not role:
        role = _ROLES.get(groups[0][0], "none") if len({name[0] for name in groups}) == 1 else "none"
    if role not in ROLES:
        raise NotationError(f"a figure {mark.spec} with the role {role}")
    if not outcome:
        outcome = "o"
    if not time:
        time = "-" if role == "baseline" else "t"
    return Figure(
        start=mark.start,
        end=mark.end,
        role=role,
        group=_targets(mark, groups, named, "group"),
        outcome=_targets(mark, outcome.split("+"), named, "outcome"),
        time=_targets(mark, time.split("+"), named, "time"),
    )


def _targets(mark: Marked, names: list[str], named: dict[str, list[Marked]], link: str) -> tuple[tuple[int, int], ...]:
    """Of each name the mention nearest to the figure; a name that the sentence lacks is left out."""
    found: list[tuple[int, int]] = []
    for name in names:
        mentions = [m for m in named.get(name, []) if LABELS[name[0]] in _LINKABLE[link]]
        if mentions:
            nearest = min(mentions, key=lambda m: (max(m.start - mark.end, mark.start - m.end), m.start))
            found.append((nearest.start, nearest.end))
    return tuple(sorted(set(found)))
