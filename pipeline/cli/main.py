"""The ``claims`` program: takes care of interrupts from the first moment to the last, and leaves the rest to ``app``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""A person's Ctrl-C, a scheduler's wish, and a terminal that goes away mean the same: stop in order and keep what is finished."""
INTERRUPTED = "interrupted"
"""What is said where the command has nothing of its own to say."""
LogFormat = Literal["text", "json"]
LOG_FORMATS: tuple[LogFormat, ...] = ("text", "json")


def log_format_of(arguments: Sequence[str]) -> LogFormat:
    """What the command line says of --log-format, whatever else is wrong with it."""
    found: LogFormat = "text"
    for number, argument in enumerate(arguments):
        if argument == "--":
            break
        name, given, value = argument.partition("=")
        if name == "--log-format":
            wanted = value if given else next(iter(arguments[number + 1 :]), "")
            found = next((known for known in LOG_FORMATS if known == wanted), found)
    return found


def main(arguments: list[str] | None = None) -> None:
    """Runs the program and exits with its code."""
    _leave_at_once()
    from pipeline.cli.app import run

    code = run(arguments)
    _leave_at_once()
    _settle()
    sys.exit(code)


def _settle() -> None:
    """Lets go of what a full disk or a closed pipe did not take: the interpreter would try again at its end, and change the exit code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _leave_at_once() -> None:
    """Makes an interrupt end the process without a traceback: while modules are imported and while the interpreter shuts down."""
    for number in STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _leave)


def _leave(_signal: int, _frame: object) -> None:
    line = f"claims: {INTERRUPTED}"
    if log_format_of(sys.argv[1:]) == "json":
        line = f'{{"time": null, "level": "error", "event": "interrupted", "message": "{INTERRUPTED}"}}'
    try:
        os.write(2, f"{line}\n".encode())
    except OSError:
        pass
    finally:
        os._exit(130)
