"""Our annotated sentences, and other texts with marked passages, as examples: passages become words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.train.annotations import Sentence
from pipeline.train.examples import Example, Figure, Span


class Aligner:
    """Makes examples of texts, with the tokenizer that the program itself uses."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp

    def own(self, sentence: Sentence) -> Example:
        """A sentence of our corpus: entities, roles and links."""
        doc = self._nlp.make_doc(sentence.text)
        named = {e.id: words_of(doc, e.start, e.end) for e in sentence.entities if e.id is not None}
        entities: list[Span] = []
        figures: list[Figure] = []
        for entity in sentence.entities:
            start, end = words_of(doc, entity.start, entity.end)
            if entity.role is None:
                entities.append(Span(start=start, end=end, label=entity.label))
                continue
            figures.append(
                Figure(
                    start=start,
                    end=end,
                    role=entity.role,
                    group=tuple(named[key] for key in entity.group),
                    outcome=tuple(named[key] for key in entity.outcome),
                    time=tuple(named[key] for key in entity.time),
                )
            )
        return Example(
            id=sentence.id,
            words=tuple(token.text for token in doc),
            spaces=tuple(bool(token.whitespace_) for token in doc),
            entities=tuple(entities),
            figures=tuple(figures),
        )

    def measured(self, path: Path) -> Iterator[Example]:
        """The sentences of an RCT-ART file (``{"id", "text", "entities": [{"start", "end", "label"}]}``)."""
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            doc = self._nlp.make_doc(record["text"].rstrip())
            spans = []
            for entity in record["entities"]:
                start, end = words_of(doc, entity["start"], entity["end"])
                spans.append(Span(start=start, end=end, label=entity["label"]))
            yield Example(
                id=record["id"],
                words=tuple(token.text for token in doc),
                spaces=tuple(bool(token.whitespace_) for token in doc),
                measured=tuple(spans),
            )


def words_of(doc: Doc, start: int, end: int) -> tuple[int, int]:
    """The words that share a character with ``doc.text[start:end]``, as a range."""
    inside = [token.i for token in doc if token.idx < end and token.idx + len(token) > start and not token.is_space]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def prints_number(words: Sequence[str], nlp: Language) -> list[bool]:
    """Which words are a number or hold a digit: the words whose role is none unless somebody marked them."""
    return [any(character.isdigit() for character in word) or nlp.vocab[word].like_num for word in words]
