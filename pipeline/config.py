"""Limits that keep one bad input from costing the run."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes in bytes or characters, times in seconds."""

    file_bytes: int = 64 * 2**20
    """A plain file larger than this is refused (archives such as WARC and JSONL are read as a stream instead)."""
    article_bytes: int = 20 * 2**20
    """An article larger than this, after decompression, is refused."""
    text_chars: int = 2_000_000
    """Cleaned text beyond this is refused: no article is that long, and offsets would be of no use to a reader."""
    html_depth: int = 400
    """Elements nested deeper than this are flattened before parsers that recurse see them."""
    article_seconds: float = 60.0
    """Cleaning and extraction of one article are stopped after this."""
    worker_bytes: int = 6 * 2**30
    """Address space of one worker process; libraries reserve far more than they use."""
