"""Opening ONNX graphs, by onnxruntime on a CPU."""

import os
from pathlib import Path
from typing import Any


def open_graph(path: Path, threads: int) -> Any:
    """Return a session of onnxruntime.

    Args:
        path: The graph.
        threads: How many to compute with; as many as there are cores where 0.
    """
    import_quietly()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def import_quietly() -> None:
    """Have onnxruntime send nothing to its makers, which is settled when it is imported."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
