"""Models and tokenizers of text students: loaded for training, and written down for good."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.services import UnfitBaseError
from tools.students.base import Base
from tools.students.loading import loading
from tools.students.text.form import Kind

_ROLES: dict[Kind, str] = {
    "causal": "a causal language model",
    "seq2seq": "a sequence-to-sequence model",
}
_METHODS: dict[Kind, str] = {"causal": "sft", "seq2seq": "seq2seq"}
_ADVICE = {
    "encoder": "it is an encoder, for the methods probe and classifier",
    "causal": "it is a causal language model, for the method sft",
    "seq2seq": "it is a sequence-to-sequence model, for the method seq2seq",
}


def check_kind(base: Base, kind: Kind) -> None:
    """Refuse a base of another kind.

    Raises:
        UnfitBaseError: The method cannot train it.
    """
    if base.kind != kind:
        raise UnfitBaseError(
            f"{_METHODS[kind]} needs {_ROLES[kind]}, and {base.name} is none: {_ADVICE[base.kind]}"
        )


def load_tokenizer(source: str, name: str, kind: Kind) -> Any:
    """Load the tokenizer of a base; where it has nothing to fill batches up with, its end does.

    Raises:
        UnfitBaseError: It cannot be loaded, or has no token that ends a text.
    """
    from transformers import AutoTokenizer

    with loading(name, _ROLES[kind]), quiet():
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    if tokenizer.eos_token_id is None:
        raise UnfitBaseError(f"{name} has no token that ends a text; choose another base")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(source: str, name: str, kind: Kind, **options: Any) -> Any:
    """Load the model of a base on the CPU, in 32 bits unless `options` say otherwise.

    Raises:
        UnfitBaseError: It cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    auto = AutoModelForCausalLM if kind == "causal" else AutoModelForSeq2SeqLM
    options = {"dtype": torch.float32} | options
    with loading(name, _ROLES[kind]), quiet():
        return auto.from_pretrained(
            source, use_safetensors=True, trust_remote_code=False, **options
        )


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' bars and remarks off the terminal for a while."""
    from datasets.utils import logging as bars
    from transformers.utils import logging as remarks

    level, shown = remarks.get_verbosity(), remarks.is_progress_bar_enabled()
    trl = logging.getLogger("trl")
    before = trl.level
    remarks.set_verbosity_error()
    remarks.disable_progress_bar()
    bars.disable_progress_bar()
    trl.setLevel(logging.ERROR)
    try:
        yield
    finally:
        trl.setLevel(before)
        bars.enable_progress_bar()
        remarks.set_verbosity(level)
        if shown:
            remarks.enable_progress_bar()


def write(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write a student's model and tokenizer into its folder."""
    with quiet():
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
