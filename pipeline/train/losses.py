"""What the heads are trained towards."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.train.batches import Batch
from pipeline.train.items import IGNORED
from pipeline.train.network import Scores

WEIGHTS = {
    "tags": 0.5,
    "arcs": 1.0,
    "relations": 0.5,
    "starts": 0.2,
    "entities": 1.0,
    "measured": 2.0,
    "roles": 1.0,
    "links": 1.0,
}
"""How much each head counts."""


def losses(scores: Scores, batch: Batch) -> dict[str, Tensor]:
    """The loss of each head that ``batch`` teaches, averaged over what is annotated."""
    found: dict[str, Tensor] = {}

    def entropy(name: str, logits: Tensor, targets: Tensor) -> None:
        if bool((targets != IGNORED).any()):
            found[name] = functional.cross_entropy(
                logits.reshape(-1, logits.shape[-1]), targets.reshape(-1), ignore_index=IGNORED
            )

    words = _word_mask(batch)
    blocked = ~torch.cat([torch.ones_like(words[:, :1]), words], 1)
    arcs = scores.arcs.masked_fill(blocked.unsqueeze(1), -1e4)
    entropy("tags", scores.tags, batch.tags)
    entropy("arcs", arcs, batch.heads)
    chosen = batch.heads.clamp(min=0)
    relations = torch.gather(
        scores.relations, 2, chosen[:, :, None, None].expand(-1, -1, 1, scores.relations.shape[-1])
    ).squeeze(2)
    entropy("relations", relations, torch.where(batch.heads == IGNORED, IGNORED, batch.relations))
    known = batch.starts != IGNORED
    found["starts"] = functional.binary_cross_entropy_with_logits(scores.starts[known], batch.starts[known].float())
    # Per word, summed over the labels: averaged over them, too, entities would hardly move what the treebanks have made.
    for name, logits, targets in (
        ("entities", scores.entities, batch.entities),
        ("measured", scores.measured, batch.measured),
    ):
        entropy(name, logits, targets)
        if name in found:
            found[name] = found[name] * targets.shape[-1]
    entropy("roles", scores.roles, batch.roles)
    taught = batch.links.any(-1)
    if bool(taught.any()):
        masked = scores.links.masked_fill(blocked[:, None, None, :], -1e4)
        # Any word of the right mention will do: the sum of their probabilities counts.
        right = torch.logsumexp(masked.masked_fill(~batch.links, -1e4), -1) - torch.logsumexp(masked, -1)
        found["links"] = -right[taught].mean()
    return found


def _word_mask(batch: Batch) -> Tensor:
    return batch.starts != IGNORED


def total(parts: dict[str, Tensor]) -> Tensor:
    """The weighted sum."""
    return torch.stack([WEIGHTS[name] * value for name, value in parts.items()]).sum()
