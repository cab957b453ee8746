"""The language of a text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_MIN_LETTERS = 120
"""Fewer letters than this are too few to tell."""
_SAMPLE = 4000
_MIN_PROBABILITY = 0.9
_LETTERS = re.compile(r"[^\W\d_]")


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the language of ``text``, by py3langid; ``None`` where it is too short or the model is in doubt."""
    sample = text[:_SAMPLE]
    if len(_LETTERS.findall(sample)) < _MIN_LETTERS:
        return None
    code, probability = _identifier().classify(sample)
    return str(code) if float(probability) >= _MIN_PROBABILITY else None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    # The model takes a while to unpack and is of no use to a caller that never asks.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
