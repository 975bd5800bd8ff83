"""How much memory training a language model takes, and how to train one in the memory there is.

Weights, gradients and the two moments of AdamW are counted as in ZeRO (Rajbhandari et al. 2020),
activations as in Korthikanti et al. (2022): 34 bytes a token, layer and unit of width in 16 bits,
without the attention scores, which are never kept; 2 where they are computed twice. Width and depth
are guessed from the number of weights: 12 times width squared in a layer, 80 units of width to one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from tools.students.base import Base
from tools.students.text.settings import Adapter

LIBRARIES_GB = 1.0
USABLE = 0.9
_LENGTH = 256
_KEPT = 34
_KEPT_TWICE = 2
_WIDTHS_A_LAYER = 12
_WIDTH_TO_DEPTH = 80
# Bytes a weight: 4 for itself, 4 for its gradient, 8 for moments; on a GPU 2 for a copy in 16 bits.
_FULL = {False: 16.0, True: 18.0}
_FROZEN = {False: 4.0, True: 2.0}
# Adapters of rank 16 have about a fiftieth of the weights of the layers beside them.
_ADAPTERS = 16.0 / 50
_FOUR_BITS = 0.6
_LOGITS = 12
_RAN_OUT = ("not enough memory", "can't allocate memory", "out of memory")


@dataclass(frozen=True)
class Way:
    """A way to train.

    Attributes:
        passes: Passes that a step is divided into.
        checkpointed: Whether activations are computed twice instead of kept.
    """

    adapter: Adapter
    passes: int
    checkpointed: bool


def adapters(*, cuda: bool) -> tuple[Adapter, ...]:
    """Return what can be trained on a device, the largest first; 4 bits take a GPU."""
    quantised = cuda and find_spec("bitsandbytes") is not None
    return ("none", "lora", "qlora") if quantised else ("none", "lora")


def ways(allowed: tuple[Adapter, ...], batch: int) -> Iterator[Way]:
    """Yield ways to train with batches of a size, from the fastest to the smallest."""
    for adapter in allowed:
        passes = 1
        while passes < batch:
            yield Way(adapter, passes, checkpointed=False)
            passes *= 2
        yield Way(adapter, batch, checkpointed=False)
        yield Way(adapter, batch, checkpointed=True)


def training_gb(base: Base, way: Way, *, cuda: bool, batch: int, length: int) -> float:
    """Estimate the memory that a training takes, in gigabytes; 0 for a base of unknown size.

    Args:
        base: What is trained.
        way: How.
        cuda: Whether it is on a GPU, in 16 bits.
        batch: Rows in a step.
        length: Tokens of the longest row.
    """
    if not base.parameters:
        return 0.0
    body = base.body or base.parameters
    if way.adapter == "none":
        weights = base.parameters * _FULL[cuda]
    elif way.adapter == "lora":
        weights = base.parameters * _FROZEN[cuda] + body * _ADAPTERS
    else:
        weights = (base.parameters - body) * _FROZEN[cuda] + body * (_FOUR_BITS + _ADAPTERS)
    width: float = (body * _WIDTH_TO_DEPTH / _WIDTHS_A_LAYER) ** (1 / 3)
    layers = width / _WIDTH_TO_DEPTH
    kept = _KEPT_TWICE * layers + _KEPT if way.checkpointed else _KEPT * layers
    vocabulary = (base.parameters - body) / width
    token = kept * width * (1 if cuda else 2) + vocabulary * _LOGITS
    rows = -(-batch // way.passes)
    return LIBRARIES_GB + (weights + rows * length * token) / 1e9


def least_gb(base: Base, *, cuda: bool) -> float:
    """Estimate the memory that the smallest way to train on a base takes, in gigabytes."""
    smallest = Way(adapters(cuda=cuda)[-1], 1, checkpointed=True)
    return training_gb(base, smallest, cuda=cuda, batch=1, length=_LENGTH)


def way_that_fits(
    base: Base,
    allowed: tuple[Adapter, ...],
    *,
    memory_gb: float,
    cuda: bool,
    batch: int,
    length: int,
) -> Way | None:
    """Return the fastest way to train that fits a memory; None where none does."""
    for way in ways(allowed, batch):
        needed = training_gb(base, way, cuda=cuda, batch=batch, length=length)
        if needed <= USABLE * memory_gb:
            return way
    return None


def ran_out(error: Exception) -> bool:
    """Say whether an error means that memory ran out; on a CPU only its words tell."""
    import torch

    known = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    return known or any(words in str(error) for words in _RAN_OUT)
