"""The register of checks.

A check is one function, registered under the name that a rule of stage ``check`` has in its key ``check``. It sees the whole corpus, as a
:class:`~pipeline.reconcile.checks.case.Case`, and yields a :class:`~pipeline.reconcile.checks.drafts.Draft` for every problem; ids, order,
wording and severity come afterwards, from the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipeline.reconcile.checks.case import Case
from pipeline.reconcile.checks.drafts import Draft

Params = Mapping[str, Any]
"""What the rule of a check sets."""
Check = Callable[[Case, Params], Iterator[Draft]]
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Registers a check under the name that rules call it by."""

    def register(function: Check) -> Check:
        if name in CHECKS:
            raise ValueError(f"two checks are called {name}")
        CHECKS[name] = function
        return function

    return register
