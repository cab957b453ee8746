"""How well a network does on held-out examples, measured while it trains. The shipped files are measured by ``make bench-model``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from pipeline.language.decode import heads_of, relations_of, softmax, spans_of
from pipeline.language.encoder import LINKS
from pipeline.train.batches import Batch, collate
from pipeline.train.examples import Example
from pipeline.train.items import IGNORED, Item, batches
from pipeline.train.network import Network, Scores
from pipeline.train.settings import Labels

_PIECES = 4096
Check = Callable[[Network], dict[str, float]]


def checker(
    sets: Mapping[str, Sequence[tuple[Example, Item]]], embeddings: Tensor, labels: Labels, words: int = 100
) -> Check:
    """A function that measures a network on each of ``sets``: LAS (without punctuation and subtypes), tags, entities, roles, links.

    Figures are percentages under ``SET/figure``; a figure that nobody annotated is left out. Sentences of more than ``words`` words
    are passed over.
    """

    def check(network: Network) -> dict[str, float]:
        network.eval()
        found: dict[str, float] = {}
        for name, pairs in sets.items():
            counts: Counter[str] = Counter()
            kept = [pair for pair in pairs if len(pair[0].words) <= words]
            for group in batches([len(item.ids) for _, item in kept], _PIECES, 0):
                batch = collate([kept[index][1] for index in group])
                with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                    scores = network(embeddings[batch.ids], batch.shapes, batch.first, batch.last, batch.mask)
                for row, index in enumerate(group):
                    _count(counts, kept[index][0], batch, scores, row, labels)
            found |= {f"{name}/{figure}": value for figure, value in _figures(counts).items()}
        return found

    return check


def _count(counts: Counter[str], example: Example, batch: Batch, scores: Scores, row: int, labels: Labels) -> None:
    size = len(example.words)
    if example.heads is not None and example.relations is not None:
        heads = heads_of(scores.arcs[row, :size, : size + 1].float().numpy())
        relations = relations_of(
            scores.relations[row, :size, : size + 1].float().numpy(), heads, labels.relations.index("root")
        )
        for at, (head, relation) in enumerate(zip(example.heads, example.relations, strict=True)):
            if relation in ("punct", "_"):
                continue
            right = int(heads[at]) == head
            same = labels.relations[relations[at]].split(":")[0] == relation.split(":")[0]
            counts.update({"words": 1, "uas": right, "las": right and same})
    if example.tags is not None:
        right = (scores.tags[row, :size].argmax(-1) == batch.tags[row, :size])[batch.tags[row, :size] != IGNORED]
        counts.update({"tagged": len(right), "tags": int(right.sum())})
    for layer, known, names in (
        ("entities", example.entities, labels.entities),
        ("measured", example.measured, labels.measured),
    ):
        if known is not None:
            spans = spans_of(getattr(scores, layer)[row, :size].float().numpy())
            wanted = names if example.labelled is None else example.labelled
            found = {(s.start, s.end, names[s.label]) for s in spans if names[s.label] in wanted}
            gold = {(span.start, span.end, span.label) for span in known}
            counts.update({f"{layer}+": len(found & gold), f"{layer}?": len(found), f"{layer}!": len(gold)})
    if example.figures is not None:
        roles = scores.roles[row, :size].float().argmax(-1)
        links = softmax(scores.links[row, :, :size, : size + 1].float().numpy())
        for figure in example.figures:
            counts.update({"figures": 1, "roles": labels.roles[int(roles[figure.start])] == figure.role})
            for kind, name in enumerate(LINKS):
                ranges = getattr(figure, name)
                if ranges:
                    best = int(links[kind, figure.start].argmax()) - 1
                    counts.update({f"{name}s": 1, name: any(start <= best < end for start, end in ranges)})


def _figures(counts: Counter[str]) -> dict[str, float]:
    pairs = [("uas", "words"), ("las", "words"), ("tags", "tagged"), ("roles", "figures")]
    pairs += [(name, f"{name}s") for name in LINKS]
    found = {name: _percent(counts[name], counts[of]) for name, of in pairs if counts[of]}
    for layer in ("entities", "measured"):
        if counts[f"{layer}!"]:
            found[f"{layer}_f"] = _percent(2 * counts[f"{layer}+"], counts[f"{layer}?"] + counts[f"{layer}!"])
    return found


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
