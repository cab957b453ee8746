"""``python -m tests.fuzz TARGET``: atheris changes bytes until new code is reached, or something is raised."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from tests.fuzz.targets import TARGETS


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        raise SystemExit(f"name one of {', '.join(TARGETS)}")
    target = TARGETS[sys.argv[1]]
    try:
        atheris: Any = importlib.import_module("atheris")
    except ImportError:
        raise SystemExit("atheris is not installed: pip install atheris") from None
    atheris.instrument_all()  # slow to begin with, but the libraries and all of ours are told apart
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
