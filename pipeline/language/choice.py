"""The user's choice of a language model; apart from the models, so that a run that needs none does not load their libraries."""

from __future__ import annotations

from pipeline.model import Record


class ModelChoice(Record, frozen=True, kw_only=True):
    """The spaCy pipeline that a user named, once it has been found to load."""

    name: str
    identity: str
    """See :class:`pipeline.language.annotate.LanguageModel`."""
    lacks: tuple[str, ...]
