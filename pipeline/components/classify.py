"""Says of every quantity what it is: a result, a sample size, a time, a dose ..."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec
from spacy.tokens import Doc

from pipeline.components.quantity_rules import QuantityRules
from pipeline.language.text import text_of
from pipeline.model import Mention, QuantityClass
from pipeline.rules.items import Items, itemise
from pipeline.rules.ruleset import Ruleset
from pipeline.rules.templates import compiler_for

OVERRULING = 900
"""A rule of at least this priority also overrules a class that the number finder saw in the number's own form."""


class Classifier:
    """Gives quantities their class by the rules in ``rules/extract/`` that have a ``class``."""

    def __init__(self, rules: Ruleset) -> None:
        self._rules = QuantityRules(rules, "class", compiler_for(rules))

    def classify(self, text: str, mentions: Sequence[Mention], start: int = 0, end: int | None = None) -> list[Mention]:
        """``mentions`` of the sentence ``text[start:end]`` (sorted, apart; offsets into ``text``), each with its class and rule.

        A class that is set already stays, but for rules that overrule it. A rule may give a unit to a quantity that has none.
        """
        items = itemise(text, start, len(text) if end is None else end, mentions)
        return [self._classified(items, items.index_of(mention), mention) for mention in mentions]

    def _classified(self, items: Items, index: int | None, mention: Mention) -> Mention:
        if index is None:
            return mention
        fired = self._rules.first(items, index)
        if fired is None or (mention.quantity_class != "other" and fired.rule.priority < OVERRULING):
            return mention
        unit = mention.unit if mention.unit is not None else fired.rule.produces.get("unit")
        says = cast(QuantityClass, fired.rule.says)
        return msgspec.structs.replace(mention, quantity_class=says, rule=fired.rule.id, unit=unit)


class ClassComponent:
    """spaCy component: sets the classes of ``Doc._.quantities``; requires it and ``Doc._.sentence_spans``."""

    def __init__(self, rules: Ruleset) -> None:
        self._classifier = Classifier(rules)

    def __call__(self, doc: Doc) -> Doc:
        classified: list[Mention] = []
        text = text_of(doc)
        for start, end, mentions in by_sentence(doc._.sentence_spans, doc._.quantities):
            classified.extend(self._classifier.classify(text, mentions, start, end))
        doc._.quantities = classified
        return doc


def by_sentence(
    sentences: Sequence[tuple[int, int]], mentions: Sequence[Mention]
) -> list[tuple[int, int, list[Mention]]]:
    """``(start, end, mentions)`` of every sentence that has any. Both are sorted; a mention belongs where it starts."""
    found: list[tuple[int, int, list[Mention]]] = []
    at = 0
    for start, end in sentences:
        inside = []
        while at < len(mentions) and mentions[at].start < end:
            if mentions[at].start >= start:
                inside.append(mentions[at])
            at += 1
        if inside:
            found.append((start, end, inside))
    return found
