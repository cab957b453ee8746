"""Runs one function over many tasks, in this process or in others, with a time limit for each task."""

from __future__ import annotations

import concurrent.futures
import math
import multiprocessing
import os
import resource
import signal
import threading
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
_SECONDS_TO_FOLLOW = 2.0
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGSYS)
"""What a fault in compiled code ends with."""
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


class PortableJob(Job, Protocol):
    """A job that can be done on another machine, which sees none of this one's files."""

    def packed(self) -> Job:
        """The same job with all in it that it needs."""

    def parcel(self, task: Any) -> Any:
        """``task`` with all in it that ``run`` of the packed job needs."""


@dataclass(frozen=True)
class Finished(Generic[T]):
    """A task with its result."""

    task: T
    result: bytes | Failure


class Executor(Protocol):
    """Runs jobs on other machines."""

    def map(self, job: PortableJob, tasks: Iterable[T]) -> Generator[Finished[T], None, None]:
        """Results as they come, in no order. ``tasks`` is read a little ahead only."""


class Cluster(Protocol):
    """Other machines that a run may use."""

    def executor(self, seconds: float, memory_bytes: int) -> Executor:
        """Runs tasks there under a limit of time and of memory for each."""


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
    """Runs tasks in ``workers`` child processes; a task that takes too long or kills its process costs itself alone."""

    def __init__(self, workers: int, seconds: float, memory_bytes: int) -> None:
        self._workers = workers
        self._seconds = seconds
        self._memory = memory_bytes

    def map(self, job: Job, tasks: Iterable[T]) -> Generator[Finished[T], None, None]:
        """Results as they come, in no order. ``tasks`` is read a little ahead of the workers only."""
        # It unblocks the signals of whoever starts it, so it is started before they are blocked.
        resource_tracker.ensure_running()
        # Children inherit blocked signals, so that Ctrl-C and a closed terminal reach this process alone, which then ends them in order.
        previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
        sandbox = Sandbox(job, self._workers, self._seconds, self._memory)
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
                    waiting[sandbox.schedule(task)] = task
                if not unblocked:
                    signal.pthread_sigmask(signal.SIG_SETMASK, previous)
                    unblocked = True
                if not waiting:
                    continue
                done, _ = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    yield Finished(waiting.pop(future), sandbox.result(future))
            sandbox.close()
        except BaseException:
            sandbox.stop()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, previous)
            sandbox.join()


class Sandbox:
    """Up to ``workers`` child processes that run one job, each task under a limit of time and of memory.

    ``seconds`` are of the processor: a task is judged by its own work, not by what else the machine does. One that waits for ever is
    stopped by the clock.
    """

    def __init__(self, job: Job, workers: int, seconds: float, memory_bytes: int) -> None:
        import pebble

        self._seconds = seconds
        self._memory = memory_bytes
        self._pool: Any = pebble.ProcessPool(
            max_workers=workers,
            max_tasks=_TASKS_PER_WORKER,
            initializer=_start,
            initargs=(job, memory_bytes, seconds, os.getpid()),
            context=multiprocessing.get_context("spawn"),
        )

    def schedule(self, task: Any) -> concurrent.futures.Future[bytes]:
        """A future for :meth:`result`."""
        patience = self._seconds * _PATIENCE
        future: concurrent.futures.Future[bytes] = self._pool.schedule(_run, args=(task,), timeout=patience)
        return future

    def result(self, future: concurrent.futures.Future[bytes]) -> bytes | Failure:
        """What came of a task, waited for. Raises what the job raised, and RunError where no process could be started."""
        import pebble

        try:
            return future.result()
        except concurrent.futures.TimeoutError:
            return Failure(f"took longer than {self._seconds:g} seconds; left out")
        except MemoryError:
            return Failure(f"needed more than {self._memory // 2**20} MiB of memory; left out")
        except pebble.ProcessExpired as expired:
            return self._ended(expired.exitcode)
        except BrokenProcessPool:
            raise RunError(
                "the worker processes ended before they began, most likely for lack of memory; earlier results are as they were"
            ) from None

    def _ended(self, code: int) -> Failure:
        """Why a process ended, by its exit code: below zero it is that of a signal."""
        if code == -signal.SIGXCPU:
            return Failure(f"took longer than {self._seconds:g} seconds; left out")
        if -code in _CRASHES:
            return Failure(f"crashed the process that read it ({signal.Signals(-code).name}); left out")
        return Failure("ended the process that read it, most likely for lack of memory; left out")

    def close(self) -> None:
        """Lets the processes end when all tasks are done."""
        self._pool.close()

    def stop(self) -> None:
        """Ends the processes at once."""
        self._pool.stop()

    def join(self) -> None:
        """Waits for the processes to end, after one of the two."""
        _join(self._pool)


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


def _start(job: Job, memory_bytes: int, seconds: float, parent: int) -> None:
    global _job, _failure, _task_seconds
    _task_seconds = seconds
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()
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


def _follow(parent: int) -> None:
    """Ends this process when its parent was killed, which could not do so: nobody would stop the task that it is at."""
    while os.getppid() == parent:
        time.sleep(_SECONDS_TO_FOLLOW)
    os._exit(1)


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
