from pathlib import Path

import numpy as np
import pytest
import torch
from onnxruntime import InferenceSession

from tools.shipping import graph


class _Linear(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(64, 8)

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.layer(inputs[0])
        return answer


def test_a_quantised_graph_leaves_no_weights_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "_LARGEST", 0)
    torch.manual_seed(0)
    module, x = _Linear(), torch.ones((2, 64))
    path = tmp_path / "model.onnx"
    graph.write_graph(module, {"x": x}, ["y"], {"x": (0,)}, path)
    assert {file.name for file in tmp_path.iterdir()} == {"model.onnx", "model.onnx.data"}
    graph.quantise(path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.onnx"]
    (y,) = InferenceSession(path).run(None, {"x": x.numpy()})
    assert np.abs(y - module(x).detach().numpy()).max() < 0.1
