"""Input errors in one form: one plain sentence, no newline, no absolute path."""

from __future__ import annotations

import re

from pipeline.model import InputError

_MAX_REASON = 400
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def problem(path: str, reason: str) -> InputError:
    """An error for the input at ``path``, with ``reason`` made fit for one line of UTF-8."""
    line = " ".join(_UNPRINTABLE.sub(" ", reason).split())
    if len(line) > _MAX_REASON:
        line = line[: _MAX_REASON - 1] + "…"
    return InputError(path=path, reason=line)


def os_reason(error: OSError) -> str:
    """What the system says of a file, without its absolute path."""
    return f"cannot be read: {(error.strerror or type(error).__name__).lower()}"


def megabytes(size: int) -> str:
    """A number of bytes for people: in MiB, or in bytes where that would be nearly nothing."""
    if size < 2**20 // 10:
        return f"{size:,} bytes"
    return f"{size / 2**20:.1f} MiB".replace(".0 ", " ")


def too_large(limit: int) -> str:
    return f"is larger than the {megabytes(limit)} an article may have; shorten it or split it"


def printable_path(path: str) -> str:
    """``path`` without lone surrogates: bytes of a file name that are not UTF-8 are shown as ``%E9``."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return (
            "".join(f"%{ord(char) - 0xDC00:02X}" if "\udc80" <= char <= "\udcff" else char for char in path)
            .encode("utf-8", errors="replace")
            .decode("utf-8")
        )
    return path
