"""The text of a ``Doc``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Doc

_KEY = "text"


def text_of(doc: Doc) -> str:
    """``doc.text``, which spaCy builds anew from all tokens each time it is asked for; kept in ``doc.user_data``."""
    text: str | None = doc.user_data.get(_KEY)
    if text is None:
        text = doc.user_data[_KEY] = doc.text
    return text
