"""ONNX graphs: written from torch modules, freed of what tells of this machine, quantised."""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.services import ToolError
from tools.shipping.templates.onnx_session import import_quietly

if TYPE_CHECKING:
    from torch import Tensor, nn

_PACKAGES = ("onnx", "onnxscript", "onnxruntime")
_LONGEST = 200
_LARGEST = 1_800_000_000
"""Bytes of weights that go into one file: a protocol buffer holds two gigabytes at most."""
PLAIN = {"attn_implementation": "eager"}
"""How to load a model for a graph: attention in one piece is taken apart in ways that may fail."""
EXACT = "table"
"""Name of weights that are looked up and left exact, since most of them are hardly ever used."""


def check_packages() -> None:
    """Make sure that graphs can be written.

    Raises:
        ToolError: A package of the extra `export` is missing.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ToolError(
            f"writing ONNX needs {' and '.join(missing)}: pip install 'tasksmith[export]'"
        )


def write_graph(
    module: "nn.Module",
    inputs: Mapping[str, "Tensor"],
    outputs: Sequence[str],
    dynamic: Mapping[str, Sequence[int]],
    path: Path,
) -> None:
    """Write what `module.forward` computes as an ONNX graph.

    Args:
        module: Takes its inputs in this order, as `forward(*inputs)`.
        inputs: Name → an example; no dimension that varies may be 1 here.
        outputs: Names for what it returns, in order.
        dynamic: Input → which of its dimensions vary.
        path: The file; weights beyond what one can hold go into another one beside it.

    Raises:
        ToolError: The module does something that ONNX has no form for.
    """
    import torch

    shapes = tuple(
        {number: torch.export.Dim.DYNAMIC for number in dynamic.get(name, ())} for name in inputs
    )
    with _quiet():
        try:
            program = torch.onnx.export(
                module.eval(), tuple(inputs.values()), dynamo=True, dynamic_shapes=(shapes,),
                input_names=list(inputs), output_names=list(outputs), verbose=False,
            )  # fmt: skip
        except torch.onnx.errors.OnnxExporterError as error:
            first = str(error.__cause__ or error).strip().splitlines()[0][:_LONGEST]
            raise ToolError(f"the model cannot be written as ONNX ({first})") from error
        assert program
        _strip(program.model)
        size = sum(weights.nbytes for weights in module.state_dict().values())
        program.save(path, external_data=size > _LARGEST)


def _strip(model: Any) -> None:
    """Remove notes on where each node comes from: they hold paths of this machine."""
    for node in model.graph.all_nodes():
        node.metadata_props.clear()
        node.doc_string = None
    model.metadata_props.clear()
    model.graph.metadata_props.clear()


def quantise(path: Path) -> None:
    """Replace the weights of matrix products and embeddings in a graph by 8-bit integers.

    Weights have a scale a channel. They are kept to 7 bits, since CPUs without VNNI add pairs of
    products in 16 bits, which 8-bit ones can overflow. Activations are rounded as they come.
    """
    from onnx import load

    import_quietly()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = load(path, load_external_data=False).graph
    exact = [node.name for node in graph.node if any(EXACT in name for name in node.input)]
    part = path.with_name(f".{path.name}.part")
    with _quiet():
        quantize_dynamic(
            path, part, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8,
            nodes_to_exclude=exact, extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
    part.replace(path)
    # The weights of a large graph lie beside it; those of the new one are within it.
    path.with_name(f"{path.name}.data").unlink(missing_ok=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries from telling about their inner affairs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)
