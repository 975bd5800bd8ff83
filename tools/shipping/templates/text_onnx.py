"""Answer texts with the model in this folder, by onnxruntime on a CPU.

    python predict.py "some text"
    python predict.py --file texts.jsonl

From Python: `Model(folder).predict(texts)`.
"""

from pathlib import Path
from typing import Any

import numpy as np

from tools.shipping.templates.command_line import run
from tools.shipping.templates.onnx_session import open_graph
from tools.shipping.templates.text import Scores, State, Writer
from tools.shipping.templates.tokens import Tokens


class Model(Writer):
    """A model that writes.

    A decoder remembers keys and values of what it has read; one with an encoder reads its answer
    again at each token.

    Args:
        folder: Where its files are.
        threads: How many to compute with; as many as there are cores where 0.
    """

    def __init__(self, folder: str | Path, threads: int = 0) -> None:
        folder = Path(folder)
        super().__init__(folder, Tokens(folder))
        self._decoder = open_graph(folder / "model.onnx", threads)
        encoder = folder / "encoder.onnx"
        self._encoder = open_graph(encoder, threads) if encoder.is_file() else None

    def start(self, ids: list[int]) -> tuple[Scores, State]:
        """Read a prompt."""
        prompt = np.array([ids], np.int64)
        if self._encoder:
            (read,) = self._encoder.run(None, {"input_ids": prompt})
            return self._again({"read": read, "input_ids": np.empty((1, 0), np.int64)},
                               self.settings["start"])  # fmt: skip
        shape = self.settings["memory"]
        nothing = np.empty((1, shape["heads"], 0, shape["width"]), np.float32)
        return self._read(prompt, [nothing] * (2 * shape["layers"]))

    def go_on(self, state: State, token: int) -> tuple[Scores, State]:
        """Read one more token."""
        if self._encoder:
            return self._again(state, token)
        return self._read(np.array([[token]], np.int64), state)

    def _read(self, ids: Any, memory: list[Any]) -> tuple[Scores, State]:
        inputs = {"input_ids": ids} | {f"past_{i}": past for i, past in enumerate(memory)}
        scores, *memory = self._decoder.run(None, inputs)
        return scores[0], memory

    def _again(self, state: dict[str, Any], token: int) -> tuple[Scores, State]:
        ids = np.concatenate([state["input_ids"], np.array([[token]], np.int64)], axis=1)
        state = state | {"input_ids": ids}
        (scores,) = self._decoder.run(None, state)
        return scores[0], state


if __name__ == "__main__":
    run(Model, Path(__file__).parent)
