"""``claims parse``."""

from __future__ import annotations

import os
import re
import sys
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.common import epilog, given_text, model_option, printable, read_text, rules_of, rules_options, say
from pipeline.cli.tables import aligned, short
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

    from pipeline.language.labels import LabelMap

_SHOWN = 3
"""Links of a figure that the table shows, the likeliest."""
_FILE_NAME = re.compile(r"\S*\.(?:txt|md|html?|json|jsonl|csv|pdf|xml)", re.IGNORECASE)
"""What is meant as the name of a file, whether there is such a file or not."""


@click.command(
    name="parse",
    epilog=epilog('claims parse "After six weeks, 48% of the walkers slept well."', 130, 5, 2, 4, 0),
)
@click.argument("text", metavar="TEXT_OR_FILE")
@model_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON record a sentence.")
@rules_options
def command(text: str, model: str | None, as_json: bool, rules: Path | None, strict: bool) -> int:
    """Prints what the language model says of a text: sentences, tokens, tags, trees, entities, and whose each figure is.

    TEXT_OR_FILE is the text itself, or a file with plain text, or - for standard input.
    """
    import msgspec

    from pipeline.claims.analyze import Analyzer
    from pipeline.language.labels import LabelMap

    ruleset = rules_of(rules, strict)
    content = _read(text)
    analyzer = Analyzer(ruleset, model)
    for lack in analyzer.language.lacks:
        say(f"--model {model}: {lack}")
    links = {str(entry["link"]): tuple(entry["names"]) for entry in ruleset.lexicon("link-labels")}
    doc = analyzer.parse(content)
    for record in _records(doc, LabelMap(ruleset), analyzer.language.scheme, links):
        if as_json:
            click.echo(msgspec.json.encode(record).decode())
        else:
            click.echo("\n".join(_table(record)) + "\n")
    return 0


def _read(text: str) -> str:
    """The text itself, or that of the file it names."""
    if text == "-":
        return read_text(sys.stdin.buffer, "standard input")
    if not _is_file(text):
        return _checked(text)
    with Path(text).open("rb") as file:
        return read_text(file, text)


def _checked(text: str) -> str:
    """The text itself. Raises UsageError where it was meant as the name of a file, or is no text."""
    if os.path.isdir(text):
        raise UsageError(f"{text}: is a folder; give one file with plain text")
    if _FILE_NAME.fullmatch(text):
        raise UsageError(f"{text}: no such file; to parse these words themselves, give them through -")
    return given_text(text)


def _is_file(text: str) -> bool:
    return os.path.exists(text) and not os.path.isdir(text)  # False where it is too long for a name or has a NUL


def _records(doc: Doc, labels: LabelMap, scheme: str, links: dict[str, tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    text = doc.text
    figures = [
        span
        for mention in doc._.quantities
        if (span := doc.char_span(mention.start, mention.end, alignment_mode="expand")) is not None
    ]
    figure_starts = [span.start for span in figures]
    found = list(doc.spans["entities"])
    entity_starts = [span.start for span in found]
    scores = dict(zip(map(_place, found), doc.spans["entities"].attrs["scores"], strict=True))
    for start, end in doc._.sentence_spans:
        sentence = doc.char_span(start, end, alignment_mode="expand")
        if sentence is None:
            continue
        view = labels.view(sentence, scheme)
        words = [token for token in sentence if not token.is_space]
        numbers = {token.i: number for number, token in enumerate(words, 1)}
        entities = [span for span in _within(found, entity_starts, sentence) if span.end <= sentence.end]
        yield {
            "start": start,
            "end": end,
            "text": text[start:end],
            "tokens": [
                {
                    "number": numbers[token.i],
                    "text": token.text,
                    "tag": token.tag_,
                    "pos": token.pos_,
                    "head": numbers.get(int(view.heads[token.i - sentence.start]) + sentence.start, 0)
                    if view.heads[token.i - sentence.start] >= 0
                    else 0,
                    "relation": view.relations[token.i - sentence.start],
                }
                for token in words
            ],
            "entities": [
                {
                    "start": span.start_char,
                    "end": span.end_char,
                    "text": span.text,
                    "label": span.label_,
                    "id": span.id_ or None,
                    "score": round(scores[_place(span)], 4),
                }
                for span in entities
            ],
            "figures": [
                _figure(span, mentions, links)
                for window, mentions in _windows(doc, sentence, entities)
                for span in _within(figures, figure_starts, window)
                if span._.role_scores is not None
            ],
        }


def _windows(doc: Doc, sentence: Span, entities: list[Span]) -> Iterator[tuple[Span, list[Span]]]:
    """The parts of a sentence that the model saw at once, each with the entities in it: no figure is linked beyond its own."""
    scores = doc._.figure_scores or ()
    for entry in scores[
        bisect_left(scores, sentence.start, key=_first) : bisect_left(scores, sentence.end, key=_first)
    ]:
        window = doc[_first(entry) : int(entry["tokens"][-1]) + 1]
        yield window, [span for span in entities if span.start < window.end and span.end > window.start]


def _first(entry: dict[str, Any]) -> int:
    return int(entry["tokens"][0])


def _within(spans: list[Span], starts: list[int], part: Span) -> list[Span]:
    """Those of ``spans``, which begin at ``starts``, that begin in ``part``."""
    return spans[bisect_left(starts, part.start) : bisect_left(starts, part.end)]


def _place(span: Span) -> tuple[int, int, str, str]:
    return span.start, span.end, span.label_, span.id_


def _figure(figure: Span, entities: list[Span], links: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "start": figure.start_char,
        "end": figure.end_char,
        "text": figure.text,
        "roles": {name: round(score, 4) for name, score in figure._.role_scores.items()},
        "links": {},
    }
    for kind, labels in links.items():
        mentions = [
            {"text": span.text, "start": span.start_char, "score": round(figure._.link_score(kind, span), 4)}
            for span in entities
            if span.label_ in labels
        ]
        none = {"text": None, "start": None, "score": round(figure._.link_score(kind, None), 4)}
        found["links"][kind] = sorted([*mentions, none], key=lambda link: -link["score"])
    return found


def _table(record: dict[str, Any]) -> Iterator[str]:
    yield click.style(printable(record["text"]), bold=True)
    tokens = record["tokens"]
    rows = [
        (
            *(short(token[key]) for key in ("number", "text", "tag", "pos", "relation")),
            f"{token['head']} {short(tokens[token['head'] - 1]['text'])}" if token["head"] else "-",
        )
        for token in tokens
    ]
    yield from ("  " + line for line in aligned(rows))
    for entity in record["entities"]:
        name = f" = {entity['id']}" if entity["id"] else ""
        yield f"  {entity['label']:12}  {entity['score']:4.2f}  {printable(entity['text'])}{name}"
    for figure in record["figures"]:
        role, score = max(figure["roles"].items(), key=lambda item: item[1])
        parts = [f"{role} {score:.2f}"]
        for kind, mentions in figure["links"].items():
            best = ", ".join(f"{link['text'] or 'none'} {link['score']:.2f}" for link in mentions[:_SHOWN])
            parts.append(f"{kind}: {best}")
        yield f"  figure {printable(figure['text'])}: {printable(' | '.join(parts))}"
