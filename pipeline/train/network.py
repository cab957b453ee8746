"""The encoder with its heads, as torch modules.

One sentence in, everything out: Penn tags, a biaffine parser (Dozat and Manning, ICLR 2017), sentence starts, entities as one O/B/I
sequence per label, so that entities may stand inside each other, the role of each figure, and pointers from a figure to its group,
outcome and time.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from pipeline.train.settings import Labels, Sizes

SHAPES = 6
"""Case classes of a word; see :func:`pipeline.language.pieces.shape_of`."""


class Scores(NamedTuple):
    """What the heads say; B sentences of at most W words. Columns of arcs, relations and links: none (root) first, then the words."""

    tags: Tensor
    """[B, W, tags]"""
    arcs: Tensor
    """[B, W, W + 1]"""
    relations: Tensor
    """[B, W, W + 1, relations]"""
    starts: Tensor
    """[B, W]"""
    entities: Tensor
    """[B, W, labels, 3]"""
    measured: Tensor
    """[B, W, labels, 3]"""
    roles: Tensor
    """[B, W, roles]"""
    links: Tensor
    """[B, 3, W, W + 1]"""


class Encoder(nn.Module):
    """BERT over frozen word embeddings, with a trained embedding of each word's case, since the base model is uncased."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.shapes = nn.Embedding(SHAPES, config.hidden_size)
        nn.init.zeros_(self.shapes.weight)
        self.bert = BertModel(config, add_pooling_layer=False)
        # The words come from a file of their own, which other models share.
        self.bert.embeddings.word_embeddings = None
        self.syntax = nn.Parameter(torch.zeros(config.num_hidden_layers))
        self.meaning = nn.Parameter(torch.zeros(config.num_hidden_layers))

    def forward(self, embedded: Tensor, shapes: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """``embedded`` [B, P, H], ``shapes`` [B, P], ``mask`` [B, P] or None -> two mixes of the layers, each [B, P, H]."""
        layers = self.bert(
            inputs_embeds=embedded + self.shapes(shapes), attention_mask=mask, output_hidden_states=True
        ).hidden_states[1:]
        stacked = torch.stack(layers)
        return (
            torch.einsum("l,lbph->bph", torch.softmax(self.syntax, 0), stacked),
            torch.einsum("l,lbph->bph", torch.softmax(self.meaning, 0), stacked),
        )


class Pairs(nn.Module):
    """Scores of a word against every word and against a learned nothing."""

    def __init__(self, hidden: int, size: int, kinds: int, dropout: float) -> None:
        super().__init__()
        self.kinds = kinds
        self.nothing = nn.Parameter(torch.zeros(hidden))
        self.left = nn.Sequential(nn.Linear(hidden, size), nn.GELU(), nn.Dropout(dropout))
        self.right = nn.Sequential(nn.Linear(hidden, size), nn.GELU(), nn.Dropout(dropout))
        self.weight = nn.Parameter(torch.zeros(kinds, size, size))
        self.bias_left = nn.Linear(size, kinds, bias=False)
        self.bias_right = nn.Linear(size, kinds)
        nn.init.normal_(self.weight, std=0.5 / size)

    def forward(self, words: Tensor) -> Tensor:
        """[B, W, H] -> [B, kinds, W, W + 1]"""
        batch = words.shape[0]
        columns = torch.cat([self.nothing.expand(batch, 1, -1), words], 1)
        left, right = self.left(words), self.right(columns)
        # As one flat product: weights of three axes cannot be kept in 8 bits per channel.
        flat = self.weight.permute(1, 0, 2).flatten(1)
        crossed = torch.matmul(left, flat).unflatten(-1, (self.kinds, -1)).transpose(1, 2)
        scores = torch.matmul(crossed, right.transpose(1, 2).unsqueeze(1))
        scores = scores + self.bias_left(left).transpose(1, 2).unsqueeze(3)
        return scores + self.bias_right(right).transpose(1, 2).unsqueeze(2)


class Heads(nn.Module):
    """All heads over word vectors."""

    def __init__(self, hidden: int, labels: Labels, sizes: Sizes) -> None:
        super().__init__()
        self.entity_count, self.measured_count = len(labels.entities), len(labels.measured)
        drop = sizes.dropout
        self.dropout = nn.Dropout(drop)
        self.tags = nn.Linear(hidden, len(labels.tags))
        self.arcs = Pairs(hidden, sizes.arcs, 1, sizes.pair_dropout)
        self.relations = Pairs(hidden, sizes.relations, len(labels.relations), sizes.pair_dropout)
        self.starts = nn.Linear(hidden, 1)
        self.entities = _mlp(hidden, sizes.hidden, 3 * self.entity_count, drop)
        self.measured = _mlp(hidden, sizes.hidden, 3 * self.measured_count, drop)
        self.roles = _mlp(hidden, sizes.hidden, len(labels.roles), drop)
        self.links = Pairs(hidden, sizes.links, 3, sizes.pair_dropout)

    def forward(self, syntax: Tensor, meaning: Tensor) -> Scores:
        """Two views of the words, each [B, W, H]."""
        syntax, meaning = self.dropout(syntax), self.dropout(meaning)
        batch, words = syntax.shape[:2]
        return Scores(
            tags=self.tags(syntax),
            arcs=self.arcs(syntax).squeeze(1),
            relations=self.relations(syntax).permute(0, 2, 3, 1),
            starts=self.starts(syntax).squeeze(-1),
            entities=self.entities(meaning).view(batch, words, self.entity_count, 3),
            measured=self.measured(meaning).view(batch, words, self.measured_count, 3),
            roles=self.roles(meaning),
            links=self.links(meaning),
        )


def _mlp(hidden: int, size: int, out: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(hidden, size), nn.GELU(), nn.Dropout(dropout), nn.Linear(size, out))


class Network(nn.Module):
    """Encoder and heads."""

    def __init__(self, config: BertConfig, labels: Labels, sizes: Sizes) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.heads = Heads(config.hidden_size, labels, sizes)

    def forward(self, embedded: Tensor, shapes: Tensor, first: Tensor, last: Tensor, mask: Tensor | None) -> Scores:
        """``embedded`` [B, P, H], ``shapes`` [B, P], ``first`` and ``last`` piece of each word [B, W], ``mask`` [B, P] or None."""
        views = [_of_words(view, first, last) for view in self.encoder(embedded, shapes, mask)]
        return self.heads(views[0], views[1])


def _of_words(pieces: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """The vector of a word is the mean of its first and last piece."""
    hidden = pieces.shape[-1]
    begin = torch.gather(pieces, 1, first.unsqueeze(-1).expand(-1, -1, hidden))
    end = torch.gather(pieces, 1, last.unsqueeze(-1).expand(-1, -1, hidden))
    return (begin + end) / 2
