"""Sessions of ONNX Runtime that compute the same on every machine and tell nobody."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_TELLS_NOBODY = {"ORT_DISABLE_TELEMETRY": "1"}
"""The library begins to count who uses it when it is loaded, in a file under the user's cache and at its maker's server, unless its
environment says otherwise; its own switch comes too late."""


def load_runtime() -> Any:
    """The module ``onnxruntime``, which is imported here alone."""
    os.environ.update(_TELLS_NOBODY)
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def open_session(path: Path, threads: int) -> Any:
    """The ``onnxruntime`` session of a network; it computes the same whatever the machine has of cores. Raises what the library does."""
    onnxruntime = load_runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    # Every sentence has its own shape, so a remembered plan of memory would never be used again.
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    # Bytes, not a path: what has no place can name no other files, which no hash covers.
    return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
