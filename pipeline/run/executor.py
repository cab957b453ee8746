"""Runs one function over many tasks, in this process or in others, with a time limit for each task."""

from __future__ import annotations

import concurrent.futures
import math
import multiprocessing
import resource
import signal
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any, Generic, Protocol, TypeVar

from pipeline.errors import ClaimsError, RunError

T = TypeVar("T")
_WINDOW = 4
"""Tasks under way or waiting per worker: enough to keep all busy, few enough to bound the memory."""
_SECONDS_TO_END = 10.0
_PATIENCE = 10
"""A task may take so many times its limit by the clock: on a busy machine, good articles wait for their turn."""
_TASKS_PER_WORKER = 2000
"""A worker is replaced after this many tasks, so that a library's leaks stay small."""


@dataclass(frozen=True)
class Failure:
    """A task that gave no result, with a reason for ``errors.jsonl``."""

    reason: str


class Job(Protocol):
    """What is run: picklable; ``start`` is called once per process, then ``run`` once per task."""

    def start(self) -> None: ...

    def run(self, task: Any) -> bytes: ...


@dataclass(frozen=True)
class Finished(Generic[T]):
    """A task with its result."""

    task: T
    result: bytes | Failure


class SerialExecutor:
    """Runs every task in this process; without limits, for tests and for callers that have their own."""

    def map(self, job: Job, tasks: Iterable[T]) -> Generator[Finished[T], None, None]:
        """Results in the order of ``tasks``."""
        started = False
        for task in tasks:
            if not started:
                job.start()
                started = True
            try:
                result: bytes | Failure = job.run(task)
            except MemoryError:
                result = Failure("needed more memory than there is; left out")
            yield Finished(task, result)


class ProcessExecutor:
    """Runs tasks in ``workers`` child processes; a task that takes too long or kills its process costs itself alone.

    ``seconds`` are of the processor: a task is judged by its own work, not by what else the machine does. One that waits for ever is
    stopped by the clock.
    """

    def __init__(self, workers: int, seconds: float, memory_bytes: int) -> None:
        self._workers = workers
        self._seconds = seconds
        self._memory = memory_bytes

    def map(self, job: Job, tasks: Iterable[T]) -> Generator[Finished[T], None, None]:
        """Results as they come, in no order. ``tasks`` is read a little ahead of the workers only."""
        import pebble

        # It unblocks the signals of whoever starts it, so it is started before they are blocked.
        resource_tracker.ensure_running()
        # Children inherit blocked signals, so that Ctrl-C and a closed terminal reach this process alone, which then ends them in order.
        previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
        pool: Any = pebble.ProcessPool(
            max_workers=self._workers,
            max_tasks=_TASKS_PER_WORKER,
            initializer=_start,
            initargs=(job, self._memory, self._seconds),
            context=multiprocessing.get_context("spawn"),
        )
        waiting: dict[concurrent.futures.Future[bytes], T] = {}
        remaining = iter(tasks)
        try:
            more = True
            unblocked = False
            while more or waiting:
                while more and len(waiting) < self._workers * _WINDOW:
                    try:
                        task = next(remaining)
                    except StopIteration:
                        more = False
                        break
                    future = pool.schedule(_run, args=(task,), timeout=self._seconds * _PATIENCE)
                    waiting[future] = task
                if not unblocked:
                    signal.pthread_sigmask(signal.SIG_SETMASK, previous)
                    unblocked = True
                if not waiting:
                    continue
                done, _ = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    yield Finished(waiting.pop(future), self._result(future))
            pool.close()
        except BaseException:
            pool.stop()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, previous)
            _join(pool)

    def _result(self, future: concurrent.futures.Future[bytes]) -> bytes | Failure:
        import pebble

        try:
            return future.result()
        except concurrent.futures.TimeoutError:
            return Failure(f"took longer than {self._seconds:g} seconds; left out")
        except MemoryError:
            return Failure(f"needed more than {self._memory // 2**20} MiB of memory; left out")
        except pebble.ProcessExpired as expired:
            if getattr(expired, "exitcode", None) == -signal.SIGXCPU:
                return Failure(f"took longer than {self._seconds:g} seconds; left out")
            return Failure("ended the process that read it, most likely for lack of memory; left out")
        except BrokenProcessPool:
            raise RunError(
                "the worker processes ended before they began, most likely for lack of memory; earlier results are as they were"
            ) from None


def _join(pool: Any) -> None:
    """Waits for the pool's processes to end, and ends those that do not: an interrupt may catch the pool in the middle of a change."""
    try:
        pool.join(timeout=_SECONDS_TO_END)
    except TimeoutError:
        for child in multiprocessing.active_children():
            child.kill()


_job: Job | None = None
"""The job of this child process; set once by the pool, since a pool hands over nothing else between tasks."""
_failure: Exception | None = None
"""Why there is no job."""
_task_seconds = 0.0
"""Of the processor, for each task of this child process."""


def _start(job: Job, memory_bytes: int, seconds: float) -> None:
    global _job, _failure, _task_seconds
    _task_seconds = seconds
    try:
        # A page that crashes a library would leave a file as large as the memory, with the page in it.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        memory_bytes = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, hard))
        job.start()
        _job = job
    except Exception as error:  # told by the first task: a pool whose start fails prints a traceback
        _failure = error


def _run(task: Any) -> bytes:
    if _job is None:
        if isinstance(_failure, ClaimsError):
            raise _failure
        why = f"{type(_failure).__name__}: {_failure}".rstrip(": ")
        raise RunError(f"a worker process could not start ({why}); earlier results are as they were")
    _allow_seconds(_task_seconds)
    return _job.run(task)


def _allow_seconds(seconds: float) -> None:
    """Ends this process, by the signal of the system, once it has worked for so many seconds from now, rounded up."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = math.ceil(time.process_time() + seconds)
    if hard == resource.RLIM_INFINITY or soft < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def executor(
    workers: int, seconds: float, memory_bytes: int
) -> Callable[[Job, Iterable[T]], Generator[Finished[T], None, None]]:
    """The ``map`` of a ProcessExecutor, or of a SerialExecutor where ``workers`` is 0."""
    return SerialExecutor().map if workers == 0 else ProcessExecutor(workers, seconds, memory_bytes).map
