"""The strength add-on as a torch module, its training loop, and its way to the file that ships."""

from __future__ import annotations

import copy
import json
import logging
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from onnx import TensorProto
from onnxruntime import InferenceSession, SessionOptions
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from pipeline.language.decode import softmax
from pipeline.language.meaning import MEANING
from pipeline.language.pieces import Pieces
from pipeline.language.strength import CLASSES, GUIDES, INPUTS, MOST, OUTPUTS, SIGNS, WAYS
from pipeline.model import Record
from pipeline.train.base import Base
from pipeline.train.hashes import name_hashes
from pipeline.train.items import batches, hash_of
from pipeline.train.logistic import fit_logistic
from pipeline.train.network import Encoder
from pipeline.train.strength_data import Graded, Study

log = logging.getLogger(__name__)

_OPSET = 18
_TELLS_STEPS = 100
_EVERY = 100
"""Steps between two checkpoints."""


class Course(Record, frozen=True, kw_only=True):
    """One training run."""

    epochs: int
    pieces: int = 1024
    """Word pieces per batch, padding counted."""
    encoder_rate: float = 1e-4
    head_rate: float = 1e-3
    warmup: float = 0.1
    """Part of the steps."""
    weight_decay: float = 0.01
    signs_share: float = 1.0
    """What the loss of the signs counts against that of the strengths."""
    ways_share: float = 0.5
    """The same of the ways."""
    meaning_share: float = 1.0
    """The same of the meanings."""
    studies: int = 0
    """How often each study is seen in an epoch."""
    sharpness: float = 14.0
    """What a cosine of meanings is worth as log-odds."""
    smoothing: float = 0.05
    """How much of a label's weight the other labels share: some are always wrong."""
    dropout: float = 0.1
    seed: int = 20261122


class StrengthNetwork(nn.Module):
    """An encoder from the base weights; the mean over the pieces gives the scores of strengths, to which each guide adds a bias of its own,
    those of signs and ways, and the meaning."""

    def __init__(self, base: Base, dropout: float) -> None:
        super().__init__()
        self.encoder = Encoder(base.config)
        self.encoder.bert.load_state_dict(base.weights)
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(base.config.hidden_size, CLASSES)
        self.bias = nn.Parameter(torch.zeros(len(GUIDES), CLASSES))
        self.signs = nn.Linear(base.config.hidden_size, len(SIGNS))
        self.ways = nn.Linear(base.config.hidden_size, len(WAYS))
        self.meaning = nn.Linear(base.config.hidden_size, MEANING, bias=False)
        nn.init.orthogonal_(self.meaning.weight)
        # Found last, with all else as it is (fit_tells), and no part of the checkpoints.
        self.register_buffer("tells", torch.zeros(base.config.hidden_size + 1), persistent=False)
        # The add-on reads the last layer alone.
        for unused in (self.encoder.syntax, self.encoder.meaning):
            unused.requires_grad_(False)

    def mean(self, embedded: Tensor, shapes: Tensor, mask: Tensor | None) -> Tensor:
        """``embedded`` [B, P, H], ``shapes`` [B, P], ``mask`` [B, P] true at pieces, or None -> [B, H]"""
        pieces = self.encoder.bert(
            inputs_embeds=embedded + self.encoder.shapes(shapes), attention_mask=mask
        ).last_hidden_state
        if mask is None:
            return pieces.mean(1)
        kept = mask.unsqueeze(-1).to(pieces.dtype)
        return (pieces * kept).sum(1) / kept.sum(1)

    def forward(self, embedded: Tensor, shapes: Tensor, mask: Tensor | None) -> tuple[Tensor, ...]:
        """What :meth:`mean` takes -> [B, guides, classes], [B, signs], [B, ways], [B, meaning] unit vectors, [B, 1]"""
        mean = self.mean(embedded, shapes, mask)
        # As a batch of sequences of one: of a flat batch the exporter writes shapes that the quantizer refuses.
        mean = self.dropout(mean).unsqueeze(1)
        meaning = functional.normalize(self.meaning(mean).squeeze(1), dim=-1)
        tells = (mean @ self.tells[:-1, None] + self.tells[-1]).squeeze(1)
        return self.scores(mean) + self.bias, self.signs(mean).squeeze(1), self.ways(mean).squeeze(1), meaning, tells


class Predicted(NamedTuple):
    """What a network says of sentences."""

    strength: np.ndarray
    """[items, guides, classes] probabilities"""
    signs: np.ndarray
    """[items, signs] probabilities, each by itself"""
    ways: np.ndarray
    """[items, ways] probabilities"""
    meaning: np.ndarray
    """[items, meaning] unit vectors"""
    tells: np.ndarray
    """[items, 1] probability that it tells a result"""


class Coded(NamedTuple):
    """A sentence as pieces."""

    ids: np.ndarray
    """[P]"""
    shapes: np.ndarray
    """[P]"""
    item: Graded


class CodedStudy(NamedTuple):
    """A study as pieces."""

    sentences: list[Coded]
    apart: Tensor
    """[S, S] whether two sentences are in two articles"""
    same: Tensor
    """[S, S] whether two sentences of two articles tell one result"""
    tells: tuple[bool, ...]
    """Of each sentence, whether it tells any."""


def coded_study(study: Study, pieces: Callable[[Sequence[str]], Pieces]) -> CodedStudy:
    """``study`` as pieces."""
    apart = torch.tensor([[a != b for b in study.articles] for a in study.articles])
    same = torch.tensor([[a is not None and a == b for b in study.results] for a in study.results])
    tells = tuple(result is not None for result in study.results)
    return CodedStudy(coded(study.sentences, pieces), apart, same & apart, tells)


def coded(items: Sequence[Graded], pieces: Callable[[Sequence[str]], Pieces]) -> list[Coded]:
    """``items`` as pieces, cut where they are too long."""
    found = []
    for item in items:
        cut = pieces(item.words)
        found.append(Coded(cut.ids[:MOST], cut.shapes[:MOST], item))
    return found


def fit(
    base: Base,
    items: Sequence[Coded],
    course: Course,
    folder: Path,
    start: StrengthNetwork | None = None,
    studies: Sequence[CodedStudy] = (),
) -> StrengthNetwork:
    """Trains on ``items`` from the base weights, or from a copy of ``start``; on ``studies`` for the meanings.

    ``folder`` gets ``log.jsonl`` and, every few steps, ``strength.pt``, from which a run that was stopped goes on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(course.seed)
    # Numbers near zero, frequent in the optimizer's averages, are slow on most processors.
    torch.set_flush_denormal(True)
    network = StrengthNetwork(base, course.dropout)
    if start is not None:
        network.load_state_dict(start.state_dict())
    optimizer = _optimizer(network, course)
    plan = [step for epoch in range(course.epochs) for step in _plan(items, studies, course, epoch)]
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, len(plan), course.warmup))
    kept = folder / "strength.pt"
    parts: dict[str, Any] = {"network": network, "optimizer": optimizer, "rates": rates}
    step = 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        torch.set_rng_state(state["random"])
        step = state["step"]
        log.info("goes on at step %d of %d", step, len(plan))
    network.train()
    losses: list[float] = []
    while step < len(plan):
        group = plan[step]
        if isinstance(group, int):
            loss = _meaning_loss(network, base.embeddings, studies[group], course)
        else:
            loss = _loss(network, base.embeddings, [items[index] for index in group], course)
        losses.append(_step(network, loss, optimizer))
        rates.step()
        step += 1
        if step % _EVERY == 0 or step == len(plan):
            entry = {"step": step, "of": len(plan), "loss": round(math.fsum(losses) / len(losses), 4)}
            losses = []
            state = {name: part.state_dict() for name, part in parts.items()}
            _save(kept, state | {"random": torch.get_rng_state(), "step": step})
            with (folder / "log.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(entry) + "\n")
            log.info("%s %s", folder.name, entry)
    network.eval()
    return network


def fit_tells(
    network: StrengthNetwork, embeddings: Tensor, studies: Sequence[CodedStudy], limit: int = 4096
) -> StrengthNetwork:
    """``network``, which from now on also says whether a sentence tells a result: a logistic regression, ridge, on what it makes of the
    sentences of ``studies``. All else stays as it is."""
    network.eval()
    items = [sentence for study in studies for sentence in study.sentences]
    told = torch.tensor([float(tells) for study in studies for tells in study.tells])
    rows = torch.zeros(len(items), len(network.tells) - 1)
    with torch.inference_mode():
        for group in batches([len(item.ids) for item in items], limit, 0):
            if group:
                ids, shapes, mask = _padded([items[index] for index in group])
                with torch.autocast("cpu", torch.bfloat16):
                    rows[group] = network.mean(embeddings[ids], shapes, mask).float()
    weights = fit_logistic(lambda w: rows @ w, rows.shape[1], told, 1.0, _TELLS_STEPS)
    network.tells.copy_(weights)
    return network


def predict(network: StrengthNetwork, embeddings: Tensor, items: Sequence[Coded], limit: int = 4096) -> Predicted:
    """What ``network`` says of ``items``."""
    network.eval()
    found = _nothing_of(items)
    with torch.inference_mode():
        for group in batches([len(item.ids) for item in items], limit, 0):
            if group:
                ids, shapes, mask = _padded([items[index] for index in group])
                with torch.autocast("cpu", torch.bfloat16):
                    strength, signs, ways, meaning, tells = network(embeddings[ids], shapes, mask)
                found.strength[group] = torch.softmax(strength.float(), -1).numpy()
                found.signs[group] = torch.sigmoid(signs.float()).numpy()
                found.ways[group] = torch.softmax(ways.float(), -1).numpy()
                found.meaning[group] = meaning.float().numpy()
                found.tells[group] = torch.sigmoid(tells.float()).numpy()
    return found


def predict_file(path: Path, base: Base, items: Sequence[Coded]) -> Predicted:
    """What an exported file says of ``items``, one sentence at a time as the program runs it."""
    options = SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    found = _nothing_of(items)
    for row, item in enumerate(items):
        embedded = base.words[item.ids].astype(np.float32) * base.scales[item.ids, None]
        given = dict(zip(INPUTS, (embedded, item.shapes), strict=True))
        logits, signs, ways, found.meaning[row], tells = session.run(OUTPUTS, given)
        found.strength[row] = softmax(logits)
        found.signs[row] = 1 / (1 + np.exp(-signs))
        found.ways[row] = softmax(ways)
        found.tells[row] = 1 / (1 + np.exp(-tells))
    return found


def _nothing_of(items: Sequence[Coded]) -> Predicted:
    shapes = (len(GUIDES), CLASSES), (len(SIGNS),), (len(WAYS),), (MEANING,), (1,)
    return Predicted(*(np.zeros((len(items), *shape), np.float32) for shape in shapes))


def export(network: StrengthNetwork, base: Base, path: Path) -> None:
    """Writes the network with 8-bit weights, as :func:`pipeline.train.export.export` does for the main encoder, and its hash into the
    ``config.json`` beside it, if there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = path.with_suffix(".float.onnx")
    size = 12
    example = (base.embeddings[torch.arange(1000, 1000 + size)], torch.ones(size, dtype=torch.int64))
    pieces = torch.export.Dim("pieces", min=3, max=MOST)
    network = copy.deepcopy(network)
    places = network.encoder.bert.embeddings
    # Places that no sentence reaches would be half a megabyte.
    places.position_embeddings = nn.Embedding.from_pretrained(places.position_embeddings.weight[:MOST])
    places.position_ids, places.token_type_ids = places.position_ids[:, :MOST], places.token_type_ids[:, :MOST]
    with torch.no_grad():
        program = torch.onnx.export(
            _OneSentence(network).eval(),
            example,
            dynamo=True,
            opset_version=_OPSET,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_shapes=({0: pieces}, {0: pieces}),
            external_data=False,
        )
    assert program is not None
    program.save(str(plain), external_data=False)
    quantize_dynamic(
        plain,
        path,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gemm"],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
    plain.unlink()
    name_hashes(path.parent)


class _OneSentence(nn.Module):
    """The network without its batch axis."""

    def __init__(self, network: StrengthNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, embedded: Tensor, shapes: Tensor) -> tuple[Tensor, ...]:
        return tuple(told.squeeze(0) for told in self.network(embedded.unsqueeze(0), shapes.unsqueeze(0), None))


def _plan(items: Sequence[Coded], studies: Sequence[CodedStudy], course: Course, epoch: int) -> list[list[int] | int]:
    """What each step of an epoch learns from: some items, or one study."""
    seed = hash_of(course.seed, epoch)
    plan: list[list[int] | int] = [*batches([len(item.ids) for item in items], course.pieces, seed)]
    plan += [*range(len(studies))] * course.studies
    random.Random(seed).shuffle(plan)
    return plan


def _step(network: StrengthNetwork, loss: Tensor, optimizer: torch.optim.Optimizer) -> float:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _loss(network: StrengthNetwork, embeddings: Tensor, items: Sequence[Coded], course: Course) -> Tensor:
    """Of the strengths, signs and ways that are known."""
    ids, shapes, mask = _padded(items)
    with torch.autocast("cpu", torch.bfloat16):
        scores, signs, ways, *_ = network(embeddings[ids], shapes, mask)
    return (
        _strength_loss(scores.float(), items, course)
        + course.signs_share * _signs_loss(signs.float(), items)
        + course.ways_share * _ways_loss(ways.float(), items, course)
    )


def _meaning_loss(network: StrengthNetwork, embeddings: Tensor, study: CodedStudy, course: Course) -> Tensor:
    """How surprising it is, of each sentence that another article tells too, that it is nearer to these tellings than to all else that
    the other articles say (supervised contrastive learning, https://arxiv.org/abs/2004.11362)."""
    ids, shapes, mask = _padded(study.sentences)
    with torch.autocast("cpu", torch.bfloat16):
        *_, meaning, _ = network(embeddings[ids], shapes, mask)
    told = meaning.float()
    near = (told @ told.T) * course.sharpness
    rows = study.same.any(1)
    all_others = torch.logsumexp(near.masked_fill(~study.apart, -1e4)[rows], 1)
    return course.meaning_share * (all_others - torch.logsumexp(near.masked_fill(~study.same, -1e4)[rows], 1)).mean()


def _strength_loss(scores: Tensor, items: Sequence[Coded], course: Course) -> Tensor:
    """Of the sentences whose strength is known."""
    rows = [row for row, item in enumerate(items) if item.item.strength is not None]
    if not rows:
        return scores.sum() * 0
    own = scores[rows, [items[row].item.guide for row in rows]]
    target = torch.tensor([items[row].item.strength for row in rows])
    each = functional.cross_entropy(own, target, reduction="none", label_smoothing=course.smoothing)
    weights = torch.tensor([items[row].item.weight for row in rows])
    return (each * weights).sum() / weights.sum()


def _signs_loss(scores: Tensor, items: Sequence[Coded]) -> Tensor:
    """Of the sentences whose signs are known: the sum over the signs, the mean over the sentences."""
    rows = [row for row, item in enumerate(items) if item.item.signs is not None]
    if not rows:
        return scores.sum() * 0
    target = torch.zeros(len(rows), len(SIGNS))
    for at, row in enumerate(rows):
        target[at, list(items[row].item.signs or ())] = 1
    return functional.binary_cross_entropy_with_logits(scores[rows], target, reduction="none").sum(1).mean()


def _ways_loss(scores: Tensor, items: Sequence[Coded], course: Course) -> Tensor:
    """Of the sentences whose way is known."""
    rows = [row for row, item in enumerate(items) if item.item.way is not None]
    if not rows:
        return scores.sum() * 0
    target = torch.tensor([items[row].item.way for row in rows])
    return functional.cross_entropy(scores[rows], target, label_smoothing=course.smoothing)


def _padded(items: Sequence[Coded]) -> tuple[Tensor, Tensor, Tensor]:
    length = max(len(item.ids) for item in items)
    ids, shapes = (np.zeros((len(items), length), np.int64) for _ in range(2))
    mask = np.zeros((len(items), length), bool)
    for row, item in enumerate(items):
        ids[row, : len(item.ids)] = item.ids
        shapes[row, : len(item.ids)] = item.shapes
        mask[row, : len(item.ids)] = True
    return torch.from_numpy(ids), torch.from_numpy(shapes), torch.from_numpy(mask)


def _optimizer(network: StrengthNetwork, course: Course) -> torch.optim.Optimizer:
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            rate = course.encoder_rate if name.startswith("encoder.bert") else course.head_rate
            decay = course.weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault((rate, decay), []).append(parameter)
    return torch.optim.AdamW(
        [{"params": parameters, "lr": rate, "weight_decay": decay} for (rate, decay), parameters in groups.items()],
        betas=(0.9, 0.98),
    )


def _rate(step: int, steps: int, warmup: float) -> float:
    """Linear up, then linear down."""
    warm = max(1, int(warmup * steps))
    return (step + 1) / warm if step < warm else (steps - step) / max(1, steps - warm)


def _save(path: Path, state: dict[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)
