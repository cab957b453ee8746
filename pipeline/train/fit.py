"""The training loop: seeded, logged, and resumed where it was stopped."""

from __future__ import annotations

import json
import logging
import math
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor

from pipeline.train.base import MASK
from pipeline.train.batches import Batch, collate
from pipeline.train.items import Item, Round, batches, hash_of
from pipeline.train.losses import losses, total
from pipeline.train.network import Network
from pipeline.train.settings import Schedule

log = logging.getLogger(__name__)


class Stream:
    """Batches of one set without end, round after round."""

    def __init__(self, make_round: Round, schedule: Schedule, name: str) -> None:
        self._make, self._schedule, self._name = make_round, schedule, name
        self._batches = self._endless()

    def _endless(self) -> Iterator[list[Item]]:
        number = 0
        while True:
            items = self._make(number)
            seed = hash_of(self._schedule.seed, self._name, number)
            for group in batches([len(item.ids) for item in items], self._schedule.pieces, seed):
                yield [items[index] for index in group]
            number += 1

    def __next__(self) -> list[Item]:
        return next(self._batches)


def fit(
    network: Network,
    embeddings: Tensor,
    sets: Mapping[str, Round],
    schedule: Schedule,
    folder: Path,
    check: Callable[[Network], dict[str, float]],
    every: int = 200,
) -> None:
    """Trains ``network`` in place by ``schedule``.

    ``embeddings`` [V, H] stay as they are. ``folder`` gets ``log.jsonl`` and a checkpoint every ``every`` steps, from which a second
    run goes on; when the schedule is through, ``check`` is logged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(schedule.seed)
    # Numbers near zero, frequent in the optimizer's averages, are slow on most processors.
    torch.set_flush_denormal(True)
    optimizer = _optimizer(network, schedule)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, schedule))
    kept = folder / f"{schedule.name}.pt"
    step = 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        rates.load_state_dict(state["rates"])
        torch.set_rng_state(state["random"])
        step = state["step"]
        log.info("goes on at step %d of %s", step, schedule.name)
    order = _order(schedule)
    streams = {name: Stream(sets[name], schedule, name) for name, share in schedule.shares if share > 0}
    for name in order[:step]:
        next(streams[name])
    network.train()
    sums: dict[str, list[float]] = {}
    while step < schedule.steps:
        items = next(streams[order[step]])
        parts = _step(network, embeddings, collate(items), optimizer, schedule.masked)
        rates.step()
        step += 1
        for name, value in parts.items():
            sums.setdefault(name, []).append(value)
        if step % every == 0 or step == schedule.steps:
            entry = {"stage": schedule.name, "step": step} | {
                name: round(math.fsum(values) / len(values), 4) for name, values in sorted(sums.items())
            }
            sums = {}
            if step % (5 * every) == 0 or step == schedule.steps:
                entry |= check(network)
                network.train()
            _save(kept, network, optimizer, rates, step)
            with (folder / "log.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(entry) + "\n")
            log.info("%s", entry)


def _step(
    network: Network, embeddings: Tensor, batch: Batch, optimizer: torch.optim.Optimizer, masked: float
) -> dict[str, float]:
    ids = batch.ids
    if masked:
        ids = ids.masked_fill(torch.rand(ids.shape) < masked, MASK)
    with torch.autocast("cpu", torch.bfloat16):
        scores = network(embeddings[ids], batch.shapes, batch.first, batch.last, batch.mask)
    parts = losses(type(scores)(*(score.float() for score in scores)), batch)
    loss = total(parts)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return {name: float(value.detach()) for name, value in parts.items()}


def _optimizer(network: Network, schedule: Schedule) -> torch.optim.Optimizer:
    groups: dict[tuple[float, float], list[torch.nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        rate = schedule.encoder_rate if name.startswith("encoder.bert") else schedule.head_rate
        decay = schedule.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return torch.optim.AdamW(
        [{"params": parameters, "lr": rate, "weight_decay": decay} for (rate, decay), parameters in groups.items()],
        betas=(0.9, 0.98),
        eps=1e-7,
    )


def _rate(step: int, schedule: Schedule) -> float:
    """Linear up, then linear down."""
    warm = max(1, int(schedule.warmup * schedule.steps))
    if step < warm:
        return (step + 1) / warm
    left = (schedule.steps - step) / max(1, schedule.steps - warm)
    return schedule.final + (1 - schedule.final) * left


def _order(schedule: Schedule) -> list[str]:
    """Which set each step draws from, in random order but in exactly the shares asked for."""
    whole = math.fsum(share for _, share in schedule.shares)
    order: list[str] = []
    for name, share in schedule.shares:
        order += [name] * round(schedule.steps * share / whole)
    random.Random(schedule.seed).shuffle(order)
    return (order + [schedule.shares[0][0]] * schedule.steps)[: schedule.steps]


def _save(
    path: Path,
    network: Network,
    optimizer: torch.optim.Optimizer,
    rates: torch.optim.lr_scheduler.LambdaLR,
    step: int,
) -> None:
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "rates": rates.state_dict(),
        "random": torch.get_rng_state(),
        "step": step,
    }
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)
