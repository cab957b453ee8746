"""``claims parse``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.common import epilog, model_option, printable, rules_options, say
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

    from pipeline.language.labels import LabelMap

_LARGEST = 4 * 2**20
_SHOWN = 3
"""Links of a figure that the table shows, the likeliest."""


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
    from pipeline.rules.loader import find_rules_folder, load_rules

    ruleset = load_rules(find_rules_folder(rules), strict=strict)
    for problem in ruleset.problems:
        say(f"rule left out: {problem}")
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
        data = sys.stdin.buffer.read(_LARGEST + 1)
    elif not _is_file(text):
        return text
    else:
        with Path(text).open("rb") as file:
            data = file.read(_LARGEST + 1)
    name = "standard input" if text == "-" else text
    if len(data) > _LARGEST:
        raise UsageError(f"{name}: larger than {_LARGEST} bytes; give a part of it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name}: is no UTF-8 text; for a page, run 'claims extract' first and give its cleaned text"
        ) from error


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def _records(doc: Doc, labels: LabelMap, scheme: str, links: dict[str, tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    text = doc.text
    figures = [
        span
        for mention in doc._.quantities
        if (span := doc.char_span(mention.start, mention.end, alignment_mode="expand")) is not None
    ]
    scores = dict(zip(map(_place, doc.spans["entities"]), doc.spans["entities"].attrs["scores"], strict=True))
    for start, end in doc._.sentence_spans:
        sentence = doc.char_span(start, end, alignment_mode="expand")
        if sentence is None:
            continue
        view = labels.view(sentence, scheme)
        words = [token for token in sentence if not token.is_space]
        numbers = {token.i: number for number, token in enumerate(words, 1)}
        entities = [span for span in doc.spans["entities"] if span.start >= sentence.start and span.end <= sentence.end]
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
                _figure(span, entities, links)
                for span in figures
                if sentence.start <= span.start < sentence.end and span._.role_scores is not None
            ],
        }


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
    widths = [
        max([len(str(token[key])) for token in tokens] or [0]) for key in ("number", "text", "tag", "pos", "relation")
    ]
    for token in tokens:
        number, text, tag, pos, relation = (
            printable(str(token[key])).ljust(width)
            for key, width in zip(("number", "text", "tag", "pos", "relation"), widths, strict=True)
        )
        head = f"{token['head']} {tokens[token['head'] - 1]['text']}" if token["head"] else "-"
        yield f"  {number}  {text}  {tag}  {pos}  {relation}  {printable(head)}"
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
