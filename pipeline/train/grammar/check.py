"""Checks that a generated example is what an example must be."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.train.annotations import LABELS, ROLES
from pipeline.train.examples import Example

_LINKED = {
    "group": ("INTERVENTION", "COMPARATOR", "POPULATION"),
    "outcome": ("OUTCOME", "CONDITION"),
    "time": ("TIME",),
}


def problems(example: Example) -> Iterator[str]:
    """What is wrong with an example; nothing, if all is well."""
    count = len(example.words)
    layers = (example.spaces, example.tags, example.heads, example.relations)
    if any(layer is None or len(layer) != count for layer in layers):
        yield "a layer is missing or has another length"
        return
    assert example.heads is not None
    assert example.relations is not None
    assert example.tags is not None
    yield from _tree_problems(example.heads, example.relations)
    for word, tag, relation in zip(example.words, example.tags, example.relations, strict=True):
        if not word or not tag or not relation or (any(sign in word for sign in " ~&$") and word not in ("$", "&")):
            yield f"the word {word!r} with the tag {tag!r} and the relation {relation!r}"
    yield from _annotation_problems(example)


def _tree_problems(heads: tuple[int, ...], relations: tuple[str, ...]) -> Iterator[str]:
    roots = [index for index, head in enumerate(heads) if head < 0]
    if len(roots) != 1 or [index for index, name in enumerate(relations) if name == "root"] != roots:
        yield f"roots at {roots}"
        return
    if any(head >= len(heads) or head == index for index, head in enumerate(heads)):
        yield "a head outside the sentence, or a word that is its own head"
        return
    for index in range(len(heads)):
        at, steps = index, 0
        while at >= 0 and steps <= len(heads):
            at, steps = heads[at], steps + 1
        if at >= 0:
            yield f"a cycle at {index}"
            return
    for index, head in enumerate(heads):
        if head >= 0:
            for between in range(min(index, head) + 1, max(index, head)):
                at = between
                while at >= 0 and at != head and at != index:
                    at = heads[at]
                if at < 0:
                    yield f"not projective: {head} to {index} over {between}"


def _annotation_problems(example: Example) -> Iterator[str]:
    count = len(example.words)
    spans = example.entities or ()
    by_range: dict[tuple[int, int], set[str]] = {}
    for span in spans:
        if not 0 <= span.start < span.end <= count or span.label not in LABELS or span.label == "VALUE":
            yield f"the entity {span}"
        by_range.setdefault((span.start, span.end), set()).add(span.label)
        if span.end <= count and example.words[span.start] in (",", "(", ".", ";"):
            yield f"an entity that begins with {example.words[span.start]}"
    taken: set[int] = set()
    for figure in example.figures or ():
        if not 0 <= figure.start < figure.end <= count or figure.role not in ROLES:
            yield f"the figure {figure}"
        if taken & set(range(figure.start, figure.end)):
            yield f"figures that overlap at {figure.start}"
        taken |= set(range(figure.start, figure.end))
        for link, allowed in _LINKED.items():
            for target in getattr(figure, link):
                if not by_range.get(target, set()) & set(allowed):
                    yield f"{link} of the figure at {figure.start} leads to {target}, which is no such entity"
    for first in spans:
        for second in spans:
            if first.start < second.start < first.end < second.end:
                yield f"entities that cross: {first} and {second}"
            if (
                first.label == second.label
                and first != second
                and first.start <= second.start
                and second.end <= first.end
            ):
                yield f"one {first.label} inside another: {first} and {second}"
