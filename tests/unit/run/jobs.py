"""Jobs for executor tests; in a module of their own, since worker processes import them by name."""

import os
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
            case ["fill"]:
                return bytes(2**33)
        return task.encode()
