"""Ctrl-C and a scheduler's signals while an event loop runs: they cancel what goes on, so that all of it is closed in order."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STOPS = tuple(
    number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None
)


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """For as long as it lasts, a signal that would raise in the midst of some task cancels the current task instead.

    Signals that nobody handles, or that are ignored, keep their effect, as they do outside the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def stop(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(task.cancel)

    before = {number: handler for number in _STOPS if callable(handler := signal.getsignal(number))}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
