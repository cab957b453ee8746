"""What comes of annotation that an example states as if a model had made it."""

from __future__ import annotations

from typing import Any

import numpy as np
import spacy
from spacy.tokens import Doc

from pipeline.language.annotate import Classes
from pipeline.language.entities import Entity, EntityRuler, TokenPlaces, apart
from pipeline.language.labels import LabelMap
from pipeline.language.models import lacks, sentence_starts, window_breaks
from pipeline.language.pieces import windows
from pipeline.rules.examples import Example
from pipeline.rules.ruleset import Ruleset


class ExampleParser:
    """Takes the annotation under ``given`` and returns one record a token, or, for ``assigns``, one for each thing that is lacking.

    ``heads`` count from 0 and name a root itself; ``entities`` are ``[start, end, label]``, ``starts`` are probabilities, ``limit`` is
    how many words a window takes.
    """

    def __init__(self, rules: Ruleset) -> None:
        self._rules = rules
        self._labels = LabelMap(rules)
        self._classes = Classes(rules)
        self._breaks = window_breaks(rules)
        self._least = float(rules.params("model-sentence-starts").get("min_probability", 1.0))
        self._links = {str(entry["link"]): tuple(entry["names"]) for entry in rules.lexicon("link-labels")}
        self._needs = rules.lexicon("model-needs")
        self._vocab = spacy.blank("en").vocab

    def __call__(self, example: Example) -> list[dict[str, Any]]:
        given = example["given"]
        if "assigns" in given:
            missing = lacks(self._rules, given["assigns"])
            return [{"assigns": need["assigns"]} for need in self._needs if need["message"] in missing]
        words = [str(word) for word in given["words"]]
        size = len(words)
        doc = Doc(
            self._vocab,
            words=words,
            tags=given.get("tags"),
            heads=given.get("heads"),
            deps=given.get("relations"),
        )
        view = self._labels.view(doc)
        classes = [self._classes.of(token.tag_, relation) for token, relation in zip(doc, view.relations, strict=True)]
        starts = sentence_starts([np.array(given.get("starts", [0.0] * size))], self._least)
        cut = windows(words, [1] * size, given.get("limit", size), self._breaks)
        labels = self._entity_labels(doc, given)
        return [
            {
                "text": words[index],
                "pos": self._vocab.strings[classes[index]],
                "relation": view.relations[index],
                "head": words[view.heads[index]] if view.heads[index] >= 0 else None,
                "sentence": sum(start <= index for start in starts),
                "window": sum(start <= index for start, _ in cut),
                "label": labels[index],
                "links": sorted(link for link, allowed in self._links.items() if labels[index] in allowed),
            }
            for index in range(size)
        ]

    def _entity_labels(self, doc: Doc, given: dict[str, Any]) -> list[str | None]:
        found = [
            Entity(start, end, label, 1.0)
            for start, end, name in given.get("entities", ())
            if (label := self._labels.entity(name)) is not None
        ]
        topics = ({"topic": "example", "terms": given.get("terms", ())},)
        ruler = EntityRuler(Ruleset(self._rules.rules, topics))
        names = ruler.find(doc.text, TokenPlaces(doc), 0, len(doc.text))
        labels: list[str | None] = [None] * len(doc)
        for entity in apart(ruler.merge(names, found)):
            labels[entity.start : entity.end] = [entity.label] * (entity.end - entity.start)
        return labels
