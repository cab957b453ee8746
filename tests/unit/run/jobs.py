"""Jobs for executor tests; in a module of their own, since worker processes import them by name."""

from __future__ import annotations

import os
import signal
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
        return task.encode()


class PortableJobs(Jobs):
    """The same on a cluster."""

    def packed(self) -> PortableJobs:
        return self

    def parcel(self, task: str) -> str:
        return task
