"""Jobs for executor tests; in a module of their own, since worker processes import them by name."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import time


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
