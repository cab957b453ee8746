"""Items as tensors of one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pipeline.language.encoder import LINKS
from pipeline.train.items import IGNORED, Item, padded


class Batch(NamedTuple):
    """Items padded to one shape; as in :class:`Item` with a first axis of sentences, ``mask`` [B, P] true at pieces."""

    ids: Tensor
    shapes: Tensor
    first: Tensor
    last: Tensor
    mask: Tensor
    tags: Tensor
    heads: Tensor
    relations: Tensor
    starts: Tensor
    entities: Tensor
    measured: Tensor
    roles: Tensor
    links: Tensor
    words: int


def collate(items: Sequence[Item]) -> Batch:
    """Pads ``items`` to the longest, rounded up."""
    pieces = padded(max(len(item.ids) for item in items))
    words = padded(max(len(item.first) for item in items))

    def filled(name: str, shape: tuple[int, ...], fill: int | bool) -> Tensor:
        first = getattr(items[0], name)
        out = np.full((len(items), *shape), fill, first.dtype)
        for row, item in enumerate(items):
            value = getattr(item, name)
            out[row][tuple(slice(0, size) for size in value.shape)] = value
        return torch.from_numpy(out)

    mask = torch.zeros(len(items), pieces, dtype=torch.bool)
    for row, item in enumerate(items):
        mask[row, : len(item.ids)] = True
    ignored = {name: filled(name, (words,), IGNORED) for name in ("tags", "heads", "relations", "starts", "roles")}
    return Batch(
        ids=filled("ids", (pieces,), 0),
        shapes=filled("shapes", (pieces,), 0),
        first=filled("first", (words,), 0),
        last=filled("last", (words,), 0),
        mask=mask,
        entities=filled("entities", (words, items[0].entities.shape[1]), IGNORED),
        measured=filled("measured", (words, items[0].measured.shape[1]), IGNORED),
        links=filled("links", (len(LINKS), words, words + 1), False),
        words=sum(len(item.first) for item in items),
        **ignored,
    )
