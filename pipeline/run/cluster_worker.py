"""What runs inside the workers of a cluster: the same child processes under the same limits as on one machine.

A worker never runs a task itself. It hands each to a :class:`pipeline.run.executor.Sandbox` of its own, so that an article that hangs,
swells or crashes costs a child process and not the worker.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import pickle
import shutil
import signal
import tempfile
import threading
import time
from functools import cache
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import RunError
from pipeline.run.engine import Program, difference, this_program
from pipeline.run.executor import Failure, Job, Sandbox

if TYPE_CHECKING:
    from distributed import Worker, WorkerPlugin

_IDLE_SECONDS = 60.0
"""Child processes end when there was nothing to do for so long: who sent them work may be gone for good."""
_SECONDS_TO_END = 0.5
"""So long after its child processes a worker knows that it is to end."""


class Order(NamedTuple):
    """What a worker has to know of a run; it gets this once, however many tasks follow."""

    program: Program
    """Of whoever asks."""
    job: bytes
    """Pickled, and unpickled in the child processes alone."""
    seconds: float
    memory_bytes: int


def run_batch(order: bytes, tasks: bytes) -> list[bytes | Failure]:
    """What came of each task, in their order.

    ``order`` and ``tasks``, a list, are pickled, so that a scheduler passes them on unread; so is each task, which a child process alone
    unpickles.

    Raises RunError where this worker runs another program than the one that asks, and what the job raises.
    """
    host = _host_of(order)
    return [host.run(task) for task in pickle.loads(tasks)]


@cache
def program() -> Program:
    """The program that this process runs, looked up once. Dask's own parts understand each other for sure in the same version alone."""
    return this_program("dask", "distributed")


_hosts: dict[str, _Host] = {}
_lock = threading.Lock()


def _host_of(order: bytes) -> _Host:
    name = hashlib.sha256(order).hexdigest()
    with _lock:
        if name not in _hosts:
            from distributed import get_worker

            worker = get_worker()
            wanted: Order = pickle.loads(order)
            other = difference(wanted.program, program())
            if other is not None:
                raise RunError(
                    f"the worker at {worker.address} {other}; install the same release everywhere and run again"
                )
            _take_leave_with(worker)
            for old in [old for old, host in _hosts.items() if host.is_idle]:
                del _hosts[old]
            _hosts[name] = _Host(wanted, worker)
        return _hosts[name]


@cache
def _take_leave_with(worker: Worker) -> None:
    """Makes the child processes end with the worker; once for each."""
    worker.loop.add_callback(worker.plugin_add, _closing(), name="claims")


def _closing() -> WorkerPlugin:
    """A plugin by which a worker that ends takes its child processes with it; the end of the process would be too late for that."""
    from distributed import WorkerPlugin

    class Closing(WorkerPlugin):
        def teardown(self, worker: Worker) -> None:
            for host in _hosts.values():
                host.close()

    return Closing()


class _StoredJob:
    """A job in a file: child processes get its name, since one that is stopped while it receives a large job complains."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def start(self) -> None:
        tempfile.tempdir = str(self._path.parent)  # what a process that is stopped leaves behind goes with it
        self._job: Job = pickle.loads(self._path.read_bytes())
        self._job.start()

    def run(self, task: bytes) -> bytes:
        return self._job.run(pickle.loads(task))


class _Host:
    """The child processes of one run in one worker; they end when they have been idle, and start again when they are wanted."""

    def __init__(self, order: Order, worker: Worker) -> None:
        self._order = order
        self._worker = worker
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None
        self._place: Path | None = None
        self._busy = 0
        self._timer: threading.Timer | None = None

    @property
    def is_idle(self) -> bool:
        """Whether it has neither work nor child processes."""
        return self._busy == 0 and self._sandbox is None

    def run(self, task: bytes) -> bytes | Failure:
        """What came of ``task``, waited for; called by as many threads as the worker has."""
        with self._lock:
            self._busy += 1
            if self._timer is not None:
                self._timer.cancel()
            # Inherited by the children that start now: Ctrl-C in a worker's terminal is for the worker, which then ends them.
            previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
            try:
                sandbox = self._sandbox = self._sandbox or self._open()
                future = sandbox.schedule(task)
            except BaseException:
                self._done()
                raise
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, previous)
        try:
            result = sandbox.result(future)
            if isinstance(result, Failure):
                self._require_staying()
            return result
        except BaseException:
            with self._lock:
                self._end(sandbox)  # it may be beyond use
            self._require_staying()
            raise
        finally:
            with self._lock:
                self._done()

    def _require_staying(self) -> None:
        """Gives a task that failed to another worker where this one is about to end: its child processes may have been told so first."""
        from distributed import Reschedule, Status

        time.sleep(_SECONDS_TO_END)
        if self._worker.status is not Status.running:
            raise Reschedule

    def _open(self) -> Sandbox:
        # A nanny starts its worker as a process that may have no children. That it has some does no harm: they end when their pipe does.
        multiprocessing.current_process().daemon = False
        resource_tracker.ensure_running()
        self._place = Path(tempfile.mkdtemp(prefix="claims-", dir=self._worker.local_directory))
        path = self._place / "job"
        path.write_bytes(self._order.job)
        return Sandbox(_StoredJob(path), self._worker.state.nthreads, self._order.seconds, self._order.memory_bytes)

    def _done(self) -> None:
        self._busy -= 1
        if self._busy == 0:
            self._timer = threading.Timer(_IDLE_SECONDS, self._rest)
            self._timer.daemon = True
            self._timer.start()

    def _rest(self) -> None:
        with self._lock:
            if self._busy == 0:
                self._end(self._sandbox)

    def close(self) -> None:
        """Ends the child processes."""
        with self._lock:
            self._end(self._sandbox)

    def _end(self, sandbox: Sandbox | None) -> None:
        if sandbox is None or sandbox is not self._sandbox:
            return
        self._sandbox = None
        sandbox.stop()
        sandbox.join()
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)
