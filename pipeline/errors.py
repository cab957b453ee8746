"""What can go wrong, each with the exit code the command line gives it (docs/records.md)."""

from __future__ import annotations

from typing import Any


class ClaimsError(Exception):
    """A failure with a message for the user: what, where, and what to do. Never shown with a traceback."""

    exit_code = 5


class UsageError(ClaimsError):
    """Wrong use, or nothing to read."""

    exit_code = 2


class RulesError(ClaimsError):
    """A rule file that cannot be used. ``problems`` are lines of the form ``FILE:LINE: what, and what to do``."""

    exit_code = 4

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type[RulesError], tuple[Any, ...]]:
        return type(self), (self.problems,)  # an exception comes back from a worker process as it was


class RunError(ClaimsError):
    """The run itself failed: disk, lock, model file. Earlier results are untouched."""

    exit_code = 5


class InterruptedRunError(RunError):
    """A person or a scheduler stopped the run."""

    exit_code = 130


class ModelError(RunError):
    """The language model is missing, damaged or of another version."""


class UnusableInputError(ClaimsError):
    """One input that cannot be read or cleaned; it costs a line in ``errors.jsonl``, never the run.

    ``path`` is relative to the raw folder, ``reason`` one plain sentence without a newline.
    """

    exit_code = 3

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type[UnusableInputError], tuple[str, str]]:
        return type(self), (self.path, self.reason)
