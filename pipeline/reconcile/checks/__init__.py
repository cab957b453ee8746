"""The checks: one function each, see :mod:`pipeline.reconcile.checks.register`."""

from __future__ import annotations

from pipeline.reconcile.checks import (
    arithmetic,
    attributions,
    beside,
    causes,
    comparators,
    conflicts,
    figures,
    hedges,
    omissions,
    origins,
    parts,
    promises,
    references,
    relative,
    scope,
    timepoints,
)
from pipeline.reconcile.checks.register import CHECKS

__all__ = [
    "CHECKS",
    "arithmetic",
    "attributions",
    "beside",
    "causes",
    "comparators",
    "conflicts",
    "figures",
    "hedges",
    "omissions",
    "origins",
    "parts",
    "promises",
    "references",
    "relative",
    "scope",
    "timepoints",
]
