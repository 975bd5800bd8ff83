"""Models and tokenizers of text students: loaded for training, and written down for good."""

import contextlib
import errno
import logging
import os
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tools.services import ToolError, UnfitBaseError
from tools.students.base import Base
from tools.students.loading import loading
from tools.students.text.form import Kind
from tools.students.text.plan import Plan

_ROLES: dict[Kind, str] = {
    "causal": "a causal language model",
    "seq2seq": "a sequence-to-sequence model",
}
_WORD = "word"
_TOKENS = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")
_PIECES = "sentencepiece"
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
        UnfitBaseError: It cannot be loaded, has no tokens, or none that ends a text.
    """
    from transformers import AutoTokenizer

    pieces = [*Path(source).glob("*.model")]
    if pieces and not (Path(source) / "tokenizer.json").is_file() and not find_spec(_PIECES):
        raise UnfitBaseError(
            f"the tokenizer of {name} is {pieces[0].name} alone, which takes a package more: "
            f"pip install {_PIECES}, or choose another base"
        )
    with loading(name, _ROLES[kind]), quiet():
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    # Where its files are missing, transformers makes one up that knows no word.
    ids = tokenizer(_WORD, add_special_tokens=False)["input_ids"]
    if not str(tokenizer.decode(ids, skip_special_tokens=True)).strip():
        raise UnfitBaseError(
            f"{name} has no tokenizer; get its tokenizer files, too, or choose another base"
        )
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


def trainable(plan: Plan) -> Any:
    """Load the model that a plan trains, with adapters where it says so.

    Raises:
        UnfitBaseError: It cannot be loaded.
    """
    import torch
    from peft import get_peft_model, prepare_model_for_kbit_training

    cuda = torch.cuda.is_available()
    half = _fewest_bits(plan.kind)
    options: dict[str, Any] = {}
    if plan.settings.adapter != "none" and cuda:
        options["dtype"] = half
    if plan.settings.adapter == "qlora":
        options |= {
            "quantization_config": _four_bits(half),
            "device_map": {"": int(os.environ.get("LOCAL_RANK", 0))},
        }
    torch.manual_seed(plan.seed)
    model = load_model(plan.source, plan.name, plan.kind, **options)
    if plan.settings.adapter == "none":
        return model
    if plan.settings.adapter == "qlora":
        model = prepare_model_for_kbit_training(  # type: ignore[no-untyped-call]
            model, use_gradient_checkpointing=plan.checkpointed
        )
    return get_peft_model(model, _adapters(plan))


def _adapters(plan: Plan) -> Any:
    """Return low-rank adapters on all linear layers but the one that chooses the token."""
    from peft import LoraConfig

    return LoraConfig(
        task_type="CAUSAL_LM" if plan.kind == "causal" else "SEQ_2_SEQ_LM",
        r=plan.settings.rank,
        lora_alpha=2 * plan.settings.rank,
        target_modules="all-linear",
    )


def _four_bits(half: Any) -> Any:
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=half,
    )


def merged(plan: Plan, weights: Path, *, half: bool) -> Any:
    """Return the trained model as a whole, on the CPU.

    Adapters are added to the base's own weights, so that a student's folder stands alone, and is
    loaded, exported and measured like any other. A copy of the base is the price.

    Args:
        plan: What was trained and how.
        weights: Folder with what was kept.
        half: Whether to merge in 16 bits a weight, as the base has: a base whose weights the GPU
            held in 4 may not fit the memory of the CPU in 32.
    """
    import torch

    if plan.settings.adapter == "none":
        return load_model(str(weights), plan.name, plan.kind)
    from peft import PeftModel

    dtype = torch.bfloat16 if half else torch.float32
    base = load_model(plan.source, plan.name, plan.kind, dtype=dtype)
    with quiet():
        return PeftModel.from_pretrained(base, weights).merge_and_unload()


def finite(model: Any) -> bool:
    """Say whether all trained weights are numbers."""
    trained = (weights for weights in model.parameters() if weights.requires_grad)
    return all(bool(weights.isfinite().all()) for weights in trained)


def precision(kind: Kind) -> dict[str, bool]:
    """Return the arguments of a trainer for mixed precision: what the device is fast and safe in.

    T5 overflows in half precision.
    """
    import torch

    if not torch.cuda.is_available():
        return {"bf16": False, "fp16": False}
    return {"bf16": _bf16(), "fp16": not _bf16() and kind == "causal"}


def _fewest_bits(kind: Kind) -> Any:
    """Return the smallest type of frozen weights on a GPU; T5 overflows in half precision."""
    import torch

    if _bf16():
        return torch.bfloat16
    return torch.float16 if kind == "causal" else torch.float32


def _bf16() -> bool:
    import torch

    return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' bars and remarks off the terminal for a while."""
    from datasets.utils import logging as bars
    from transformers.utils import logging as remarks

    level, shown = remarks.get_verbosity(), remarks.is_progress_bar_enabled()
    trl = logging.getLogger("trl")
    before = trl.level
    remarks.set_verbosity(logging.ERROR)
    remarks.disable_progress_bar()  # type: ignore[no-untyped-call]
    bars.disable_progress_bar()
    trl.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            # What peft calls a thing that transformers has renamed is none of the user's business.
            warnings.filterwarnings("ignore", ".*gradient_checkpointing.*", FutureWarning)
            yield
    finally:
        trl.setLevel(before)
        bars.enable_progress_bar()
        remarks.set_verbosity(level)
        if shown:
            remarks.enable_progress_bar()  # type: ignore[no-untyped-call]


def write(model: Any, tokenizer: Any, folder: Path, *, half: bool) -> None:
    """Write a student's model and tokenizer into its folder.

    Of how the base is to write, only its tokens stay: penalties and the like would have others
    get other answers than those that were measured.

    Args:
        model: Whole.
        tokenizer: That of the base.
        folder: The student's.
        half: Whether to write 16 bits a weight, as the base has.

    Raises:
        ToolError: The disk is full.
    """
    import torch
    from transformers import GenerationConfig

    kept = {name: getattr(model.generation_config, name) for name in _TOKENS}
    model.generation_config = GenerationConfig(**kept)  # type: ignore[no-untyped-call]
    with quiet(), room(folder):
        (model.to(torch.bfloat16) if half else model).save_pretrained(folder)
        tokenizer.save_pretrained(folder)


@contextlib.contextmanager
def room(folder: Path) -> Iterator[None]:
    """Turn a disk that runs full into one line.

    Raises:
        ToolError: It did.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        full = getattr(error, "errno", None) == errno.ENOSPC
        # Both libraries tell of it in words; torch does not even say what went wrong.
        if full or "os error 28" in str(error) or "PytorchStreamWriter" in str(error):
            raise ToolError(
                f"there is no room left on the disk of {folder}; free some and train again"
            ) from error
        raise
