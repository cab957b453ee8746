"""What is known of the sentences of a text before the language model reads some of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pipeline.claims.cues import Cue
from pipeline.rules.items import Items

Span = tuple[int, int]


class Sifted(NamedTuple):
    """The sentences of a text, and which of them the model reads."""

    known: Mapping[Span, tuple[Items, list[Cue]]]
    """By the place of each sentence what it consists of, and what its words show."""
    read: list[Span]
    """Those that the model reads, in text order."""
    rest: list[Span]
    """Those that it does not read."""
