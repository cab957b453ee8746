"""Forms of verbs, which the lexicon gives as base forms."""

from __future__ import annotations

import re

from pipeline.train.grammar import lexicon
from pipeline.train.grammar.notation import NotationError
from pipeline.train.grammar.tree import Phrase

_TAGS = {"past": "VBD", "part": "VBN", "ing": "VBG", "third": "VBZ", "base": "VB", "plain": "VBP"}


def inflect(phrase: Phrase, form: str, words: lexicon.Words) -> None:
    """Puts the head of a verb phrase, which the lexicon gives as base, in a form. Raises NotationError."""
    head = phrase.tokens[phrase.head]
    copula = next((t for t in phrase.tokens if t.relation in ("cop", "aux:pass") and t.form == "be"), None)
    verb = head if copula is None else copula
    if form not in _TAGS:
        raise NotationError(f"no form {form!r} of a verb; use {', '.join(_TAGS)}")
    verb.form = _inflected(verb.form, form, words)
    verb.tag = _TAGS[form]
    if form == "past" and copula is not None:
        verb.form = "was~were"
    elif form == "plain" and copula is not None:
        verb.form = "are"


def _inflected(base: str, form: str, words: lexicon.Words) -> str:
    if form in ("base", "plain"):
        return base
    if form == "third":
        if base == "have":
            return "has"
        if base == "be":
            return "is"
        if re.search(r"(s|x|z|ch|sh|o)$", base):
            return base + "es"
        return base[:-1] + "ies" if re.search(r"[^aeiou]y$", base) else base + "s"
    if form == "ing":
        if len(words.irregular.get(base, ())) > 2:
            return words.irregular[base][2]
        if base.endswith("ie"):
            return base[:-2] + "ying"
        if base.endswith("e") and not base.endswith(("ee", "be")):
            return base[:-1] + "ing"
        return (base + base[-1] if _doubles(base) else base) + "ing"
    if base in words.irregular:
        return words.irregular[base][form == "part"]
    if base.endswith("e"):
        return base + "d"
    if re.search(r"[^aeiou]y$", base):
        return base[:-1] + "ied"
    return (base + base[-1] if _doubles(base) else base) + "ed"


def _doubles(base: str) -> bool:
    return re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]", base) is not None or base in ("admit", "regret", "outrun")
