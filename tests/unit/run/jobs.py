"""Jobs for executor tests; in a module of their own, since worker processes import them by name."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import time
from collections.abc import Iterable

from pipeline.run.executor import Failure, Finished

BAD_AMONG_GOOD = ["a", "work", "b", "die", "c", "fill", "d"]
"""Tasks of which three are too slow, end their process and take too much memory."""


class Jobs:
    """Does what the task says."""

    def start(self) -> None:
        pass

    def run(self, task: str) -> bytes:
        match task.split():
            case ["sleep", seconds]:
                time.sleep(float(seconds))
            case ["die"]:
                os._exit(9)
            case ["kill", "worker"]:
                os.kill(os.getppid(), signal.SIGKILL)
                time.sleep(60)
            case ["fill"]:
                return bytes(2**33)
            case ["fill", "slowly"]:
                kept = []
                while True:
                    kept.append(bytes(2**24))
            case ["work"]:
                while True:
                    pass
            case ["work", "in", "C"]:  # sees no signal that Python handles
                return str(9 ** (9**9)).encode()
            case ["crash"]:
                ctypes.string_at(0)
            case ["abort"]:
                os.abort()
            case ["overflow"]:  # of the stack of compiled code
                sys.setrecursionlimit(10**9)
                nested: list[object] = []
                for _ in range(10**6):
                    nested = [nested]
                pickle.dumps(nested)
        return task.encode()


class PortableJobs(Jobs):
    """The same on a cluster."""

    def packed(self) -> PortableJobs:
        return self

    def parcel(self, task: str) -> str:
        return task


def assert_only_bad_tasks_fail(finished: Iterable[Finished[str]]) -> None:
    """What must come of :data:`BAD_AMONG_GOOD` with 2 seconds and 4 GiB a task."""
    results = {f.task: f.result for f in finished}
    assert [results[name] for name in "abcd"] == [b"a", b"b", b"c", b"d"]
    reasons = [results[name] for name in ("work", "die", "fill")]
    assert all(isinstance(reason, Failure) for reason in reasons)
    assert "longer than 2 seconds" in str(reasons[0])
    assert "memory" in str(reasons[1])
    assert "4096 MiB" in str(reasons[2])
