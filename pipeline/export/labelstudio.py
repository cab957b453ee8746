"""Label Studio: a JSON array of tasks, one an article, with the claims as predictions to review.

Label Studio counts code points, as the records do. ``config`` is the labelling interface the tasks are made for. Format: "Import
pre-annotated data into Label Studio" and "Label Studio Task Format" in its guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain
from typing import Any, BinaryIO, get_args

import msgspec

from pipeline.export.marks import CLAIM, LABELS, VALUE, Link, Mark, marked
from pipeline.export.source import Entry
from pipeline.model import Certainty, Direction, Measure, Role, Strength

_CHOICES: dict[str, dict[str, Any]] = {
    CLAIM: {"measure": Measure, "direction": Direction, "strength": Strength, "certainty": Certainty},
    VALUE: {"role": Role},
}
"""Fields of records that a reviewer picks from a list, by the label of their marks."""


def write(entries: Iterator[Entry], out: BinaryIO) -> None:
    """Writes one task a line, one article in memory at a time."""
    model = f"claims-pipeline {version('claims-pipeline')}"
    separator = b"[\n"
    for entry in entries:
        out.write(separator + msgspec.json.encode(_task(entry, model)))
        separator = b",\n"
    out.write(b"[]\n" if separator == b"[\n" else b"\n]\n")


def config() -> str:
    """The labelling interface, for a project's settings."""
    lines = [
        "<View>",
        '  <Text name="text" value="$text"/>',
        '  <Labels name="label" toName="text">',
        *(f'    <Label value="{label}"/>' for label in LABELS),
        "  </Labels>",
        "  <Relations>",
        *(f'    <Relation value="{label.lower()}"/>' for label in LABELS if label != CLAIM),
        "  </Relations>",
    ]
    for label, fields in _CHOICES.items():
        for name, values in fields.items():
            lines += [
                f'  <Choices name="{name}" toName="text" perRegion="true" whenTagName="label" whenLabelValue="{label}">',
                *(f'    <Choice value="{value}"/>' for value in get_args(values)),
                "  </Choices>",
            ]
    return "\n".join([*lines, "</View>"]) + "\n"


def _task(entry: Entry, model: str) -> dict[str, Any]:
    article = entry.article
    found = marked(entry)
    prediction: dict[str, Any] = {
        "model_version": model,
        "result": [*chain.from_iterable(map(_regions, found.marks)), *map(_relation, found.links)],
    }
    if entry.claims:
        # The least sure claim decides, so that tasks sorted by score begin with those worth a look.
        prediction["score"] = min(claim.confidence for claim in entry.claims)
    return {
        "data": {
            "text": article.text,
            "article_id": article.article_id,
            "path": article.path,
            "title": article.title,
            "url": article.url,
        },
        "predictions": [prediction],
    }


def _regions(mark: Mark) -> Iterator[dict[str, Any]]:
    """The marked passage, and what is chosen for it."""
    place = {"start": mark.start, "end": mark.end, "text": mark.text}
    region = {"id": mark.mark_id, "to_name": "text"}
    yield region | {"from_name": "label", "type": "labels", "value": place | {"labels": [mark.label]}}
    for name in _CHOICES.get(mark.label, ()):
        choice = getattr(mark.content, name)
        if choice is not None:
            yield region | {"from_name": name, "type": "choices", "value": place | {"choices": [choice]}}


def _relation(link: Link) -> dict[str, Any]:
    return {
        "type": "relation",
        "from_id": link.source,
        "to_id": link.target,
        "direction": "right",
        "labels": [link.label],
    }
