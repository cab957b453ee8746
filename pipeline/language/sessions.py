"""Sessions of ONNX Runtime that compute the same on every machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def open_session(path: Path, threads: int) -> Any:
    """The ``onnxruntime`` session of a network; it computes the same whatever the machine has of cores. Raises what the library does."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
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
