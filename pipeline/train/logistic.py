"""Logistic regressions beside the networks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def fit_logistic(product: Callable[[Tensor], Tensor], size: int, wanted: Tensor, spread: float, steps: int) -> Tensor:
    """[size + 1] the weights, and last the constant, of a ridge regression on ``wanted`` [N], zeros and ones.

    ``product`` gives of weights [size] the scores [N] of all rows; ``spread`` is the variance that a weight is taken to have before
    anything is seen.
    """
    weights = torch.zeros(size + 1, requires_grad=True)
    search = torch.optim.LBFGS([weights], max_iter=steps, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        scores = product(weights[:-1]) + weights[-1]
        value = functional.binary_cross_entropy_with_logits(scores, wanted, reduction="sum")
        value = value + weights[:-1].square().sum() / (2 * spread)
        value.backward()
        return value

    search.step(loss)
    return weights.detach()
