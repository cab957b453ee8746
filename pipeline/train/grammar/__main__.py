"""``python -m pipeline.train.grammar``: generated sentences with their marks, for people to read."""

from __future__ import annotations

import click

from pipeline.train.examples import Example
from pipeline.train.grammar import generate


@click.command()
@click.option("--count", default=20, show_default=True, help="How many sentences.")
@click.option("--seed", default=1, show_default=True)
@click.option("--held-out", is_flag=True, help="From the templates and topics that training never sees.")
@click.option("--trees", is_flag=True, help="Also tag, relation and head of each word.")
def main(count: int, seed: int, held_out: bool, trees: bool) -> None:
    """Print generated sentences with entities and figures marked."""
    for example in generate(count, seed, held_out):
        click.echo(f"{example.id}\n{show(example)}")
        if trees:
            click.echo(show_tree(example))
        click.echo()


def show(example: Example) -> str:
    """The sentence with ``[words](LABEL)``; behind each figure its role and the first words of what it is linked to."""
    opening: dict[int, int] = {}
    closing: dict[int, list[tuple[int, str]]] = {}
    for span in example.entities or ():
        opening[span.start] = opening.get(span.start, 0) + 1
        closing.setdefault(span.end, []).append((-span.start, f"]({span.label})"))
    for figure in example.figures or ():
        opening[figure.start] = opening.get(figure.start, 0) + 1
        links = "; ".join(
            f"{name}={', '.join(' '.join(example.words[start:end][:4]) for start, end in targets)}"
            for name, targets in (("g", figure.group), ("o", figure.outcome), ("t", figure.time))
            if targets
        )
        closing.setdefault(figure.end, []).append((-figure.start, f"]({figure.role}{': ' if links else ''}{links})"))
    parts: list[str] = []
    for index, (text, space) in enumerate(zip(example.words, example.spaces, strict=True)):
        ends = "".join(mark for _, mark in sorted(closing.get(index + 1, [])))
        parts.append("[" * opening.get(index, 0) + text + ends + " " * space)
    return "".join(parts)


def show_tree(example: Example) -> str:
    """One line for each word: tag, relation, head."""
    assert example.tags is not None
    assert example.heads is not None
    assert example.relations is not None
    rows = zip(example.words, example.tags, example.relations, example.heads, strict=True)
    return "\n".join(
        f"  {text:18} {tag:6} {relation:14} {example.words[head] if head >= 0 else '-'}"
        for text, tag, relation, head in rows
    )


if __name__ == "__main__":
    main()
