import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Have torch work in one thread: to share a step of so small a model takes longer than it."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="package")
def libraries() -> Iterator[None]:
    """Spare the collections of garbage that each training begins with the libraries' objects."""
    import transformers.trainer_seq2seq  # noqa: F401
    import trl.trainer.sft_trainer  # noqa: F401

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
