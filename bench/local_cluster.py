"""A Dask cluster on this machine: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from bench.common import ROOT

_SECONDS = 40.0


class LocalCluster:
    """Give ``nanny`` for workers that are started again when they are lost."""

    def __init__(
        self,
        folder: Path,
        workers: int,
        *,
        nanny: bool = False,
        protocol: str = "tcp",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})}
        self.file = folder / "scheduler.json"
        """Tells where the scheduler is."""
        self.processes: list[subprocess.Popen[bytes]] = []
        self._start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--protocol", protocol, "--idle-timeout", "120"
        )
        until = time.monotonic() + _SECONDS
        while not self.file.is_file() or not self.file.read_bytes().endswith(b"}"):
            assert time.monotonic() < until, "the scheduler does not start"
            time.sleep(0.05)
        self.address: str = msgspec.json.decode(self.file.read_bytes())["address"]
        # So that none of them stays where whoever started them was killed.
        place = (
            "--death-timeout",
            "20",
            "--local-directory",
            str(folder),
            "--nthreads",
            "1",
            "--host",
            "127.0.0.1",
            "--protocol",
            protocol,
        )
        self.workers = [self._start("dask_worker", *place, *(() if nanny else ("--no-nanny",))) for _ in range(workers)]

    def _start(self, command: str, *options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                f"distributed.cli.{command}",
                "--scheduler-file",
                self.file,
                "--no-dashboard",
                *options,
            ],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def wait(self, client: Any) -> None:
        """Waits for all workers."""
        client.wait_for_workers(len(self.workers), timeout=_SECONDS)

    def close(self) -> None:
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Passing:
    """A job that does nothing, so that what passing tasks on costs is not lost in the time that the articles take."""

    def __init__(self, size: int) -> None:
        self._size = size

    def packed(self) -> Passing:
        return self

    def parcel(self, task: int) -> bytes:
        return task.to_bytes(4, "big") * (self._size // 4)

    def start(self) -> None:
        pass

    def run(self, task: bytes) -> bytes:
        return task
