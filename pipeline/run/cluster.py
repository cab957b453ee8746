"""Runs jobs on a Dask cluster: ``--cluster ADDRESS``.

Tasks go out in small batches, a bounded number of them at a time; each carries all that it needs, so that the machines share no files.
A batch whose worker is lost is sent again by the scheduler. Where several workers in a row were lost over one batch, its tasks are set
aside and tried one by one when all others are done, so that a task that brings workers down costs itself alone.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import hashlib
import logging
import os
import pickle
import time
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from pipeline.errors import RunError, UsageError
from pipeline.run import cluster_worker
from pipeline.run.cluster_worker import Order
from pipeline.run.engine import Program, difference
from pipeline.run.executor import Failure, Finished, PortableJob

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
_CONNECT_SECONDS = 5.0
_WORKER_SECONDS = 30.0
"""How long to wait for a first worker: one may be on its way."""
_LOST_SECONDS = 120.0
"""How long to go on without any worker: whoever watches over them needs a while to start others."""
_LOOK_SECONDS = 2.0
"""How often to see how many workers there are."""
_BATCH = 8
"""Tasks that are sent together: passing one thing on costs a scheduler about 2 ms, so that one by one it could feed few cores."""
_BATCH_BYTES = 2**20
_WINDOW = 2
"""Batches under way or waiting per thread of the workers: enough to keep all busy."""
_IN_FLIGHT_BYTES = 512 * 2**20
"""Of all batches together, since the scheduler holds them in memory."""
_MAX_FILE_BYTES = 2**20


@contextmanager
def connected(address: str) -> Iterator[DaskCluster]:
    """The cluster whose scheduler is at ``address``, or is described by the file of that name.

    Raises UsageError where Dask is not installed or this is no address, RunError where nobody answers, no worker comes, or another
    program is installed there.
    """
    if find_spec("distributed") is None:
        raise UsageError("--cluster needs Dask, which is not installed: pip install 'claims-pipeline[cluster]'")
    with _quiet(), _client(address) as client:
        cluster = DaskCluster(client, address, cluster_worker.program())
        cluster.check()
        yield cluster


class DaskCluster:
    """A cluster that a run may use. See :func:`connected`."""

    def __init__(self, client: Client, address: str, program: Program) -> None:
        self._client = client
        self._address = address
        self._program = program

    def check(self) -> None:
        """Raises RunError where the cluster has no workers, or runs another program."""
        try:
            self._client.wait_for_workers(1, timeout=_WORKER_SECONDS)
        except TimeoutError:
            raise RunError(f"--cluster {self._address}: it has no workers; start some and run again") from None
        for place, answer in self._programs().items():
            problem = (
                difference(self._program, answer)
                if isinstance(answer, Program)
                else f"cannot run this program ({_line(answer)})"
            )
            if problem is not None:
                raise RunError(
                    f"--cluster {self._address}: the {place} {problem}; install the same release everywhere and run again"
                )

    def _programs(self) -> dict[str, Any]:
        """What the scheduler and each worker run, or the exception in its place."""
        try:
            scheduler = self._client.run_on_scheduler(cluster_worker.program)
        except Exception as error:
            scheduler = error
        workers = self._client.run(cluster_worker.program, on_error="return")
        return {"scheduler": scheduler} | {f"worker at {place}": answer for place, answer in sorted(workers.items())}

    def executor(self, seconds: float, memory_bytes: int) -> ClusterExecutor:
        """Runs tasks here under a limit of time and of memory for each."""
        return ClusterExecutor(self._client, self._address, self._program, seconds, memory_bytes)


class ClusterExecutor:
    """Runs tasks on the workers of a cluster, under the same limits as a ProcessExecutor does on this machine."""

    def __init__(self, client: Client, address: str, program: Program, seconds: float, memory_bytes: int) -> None:
        self._client = client
        self._address = address
        self._program = program
        self._seconds = seconds
        self._memory = memory_bytes

    def map(self, job: PortableJob, tasks: Iterable[T]) -> Generator[Finished[T], None, None]:
        """Results as they come, in no order. ``tasks`` is read a little ahead of the workers only.

        Raises RunError where the cluster is lost, and what the job raises.
        """
        order = pickle.dumps(Order(self._program, pickle.dumps(job.packed()), self._seconds, self._memory))
        run = _Run[T](self._client, self._address, job, order)
        try:
            yield from run.work(iter(tasks))
        finally:
            run.cancel()


class _Batch(NamedTuple, Generic[T]):
    tasks: list[T]
    size: int


class _Run(Generic[T]):
    """One run over a cluster."""

    def __init__(self, client: Client, address: str, job: PortableJob, order: bytes) -> None:
        self._client = client
        self._address = address
        self._job = job
        self._pool: Any = client.get_executor(pure=False)
        # The result of a task, which a worker gets once and which the scheduler has made again where all that held it are lost.
        self._order = client.submit(bytes, order, key=f"claims-order-{hashlib.sha256(order).hexdigest()}")
        self._waiting: dict[concurrent.futures.Future[list[bytes | Failure]], _Batch[T]] = {}
        self._aside: list[T] = []
        self._sent = 0
        self._bytes = 0
        self._threads = 1
        self._looked = float("-inf")
        self._seen = time.monotonic()

    def work(self, tasks: Iterator[T]) -> Iterator[Finished[T]]:
        """Sends all of ``tasks`` and yields what comes of them."""
        more = True
        while more or self._waiting:
            self._look()
            while more and len(self._waiting) < self._threads * _WINDOW and self._bytes < _IN_FLIGHT_BYTES:
                more = self._send(tasks)
            yield from self._done()
        for task in self._aside:
            self._submit([task], [pickle.dumps(self._job.parcel(task))])
            while self._waiting:
                self._look()
                yield from self._done(alone=True)

    def cancel(self) -> None:
        """Takes back what is not done yet."""
        if self._client.status == "running":
            self._pool.shutdown(wait=False)

    def _send(self, tasks: Iterator[T]) -> bool:
        """Sends a batch; returns whether there was one. The first are small, so that a short run is work for all."""
        most = min(_BATCH, 1 + self._sent // (self._threads * _WINDOW))
        batch: list[T] = []
        parcels: list[bytes] = []
        size = 0
        while len(batch) < most and size < _BATCH_BYTES:
            try:
                task = next(tasks)
            except StopIteration:
                break
            batch.append(task)
            parcels.append(pickle.dumps(self._job.parcel(task)))
            size += len(parcels[-1])
        if batch:
            self._submit(batch, parcels)
        return bool(batch)

    def _submit(self, batch: list[T], parcels: list[bytes]) -> None:
        # As one piece of bytes, which Dask passes on as it is.
        data = pickle.dumps(parcels)
        future = self._pool.submit(cluster_worker.run_batch, self._order, data)
        self._waiting[future] = _Batch(batch, len(data))
        self._bytes += len(data)
        self._sent += 1

    def _done(self, *, alone: bool = False) -> Iterator[Finished[T]]:
        """Waits a little and yields what has come."""
        from distributed import KilledWorker

        done, _ = concurrent.futures.wait(
            self._waiting, timeout=_LOOK_SECONDS, return_when=concurrent.futures.FIRST_COMPLETED
        )
        for future in done:
            batch = self._waiting.pop(future)
            self._bytes -= batch.size
            try:
                results = future.result()
            except concurrent.futures.CancelledError:
                raise self._lost("the connection to its scheduler was lost") from None
            except KilledWorker:
                # A worker that goes takes all with it that it was at; which of its tasks is to blame shows when each runs by itself.
                if not alone:
                    self._aside += batch.tasks
                    continue
                results = [Failure("ended every worker that read it, most likely for lack of memory; left out")]
            for task, result in zip(batch.tasks, results, strict=True):
                yield Finished(task, result)

    def _look(self) -> None:
        """Sees now and then how many threads the workers have. Raises RunError where all workers are gone for good."""
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        try:
            threads = sum(self._client.nthreads().values())
        except (OSError, ValueError) as error:
            raise self._lost(f"the connection to its scheduler was lost ({_line(error)})") from None
        if threads:
            self._seen = now
            self._threads = threads
        elif now - self._seen > _LOST_SECONDS:
            raise self._lost(f"it has had no workers for {_LOST_SECONDS:g} seconds")

    def _lost(self, why: str) -> RunError:
        return RunError(f"--cluster {self._address}: {why}; finished articles are kept, run again to go on")


@contextmanager
def _client(given: str) -> Iterator[Client]:
    import dask
    from distributed import Client

    address = _scheduler_address(given)
    # What this warns of is said by check, or is how we use it.
    with warnings.catch_warnings(), dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        warnings.filterwarnings("ignore", module="distributed")
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, name="claims")
        try:
            yield client
        finally:
            client.close(timeout=_CONNECT_SECONDS)


def _scheduler_address(given: str) -> str:
    """The address of the scheduler, which has answered. Raises UsageError and RunError as :func:`connected`.

    Asked apart from the client: that waits for ever on a server of another kind, and is hard to get rid of where it fails.
    """
    try:
        address = _file_address(given) if os.path.isfile(given) else given
        kind = asyncio.run(_kind(address))
    except TimeoutError:
        raise RunError(
            f"--cluster {given}: no scheduler answers within {_CONNECT_SECONDS:g} seconds; see that it runs and can be reached from here"
        ) from None
    except OSError as error:
        raise RunError(f"--cluster {given}: cannot be reached ({_line(error)})") from None
    except Exception as error:  # what Dask says of an address, a file or certificates that it can make nothing of
        raise UsageError(f"--cluster {given}: cannot be used ({_line(error)})") from None
    if kind != "Scheduler":
        raise UsageError(f"--cluster {given}: is a {str(kind).lower()}; give the address of the scheduler")
    return address


def _file_address(path: str) -> str:
    with open(path, "rb") as file:
        return str(msgspec.json.decode(file.read(_MAX_FILE_BYTES))["address"])


async def _kind(address: str) -> object:
    """What answers at ``address``. Raises OSError where nothing does in time, and others."""
    from distributed import rpc
    from distributed.security import Security

    async with (
        asyncio.timeout(_CONNECT_SECONDS),
        rpc(address, connection_args=Security().get_connection_args("client"), timeout=_CONNECT_SECONDS) as server,
    ):
        return (await server.identity())["type"]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Dask from writing to standard error what is said in our words."""
    from distributed.utils import silence_logging_cmgr

    with silence_logging_cmgr(logging.CRITICAL):
        yield


def _line(error: object) -> str:
    """What ``error`` says, in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
