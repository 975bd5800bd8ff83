"""Students that write: their form in what a small program needs, and their ONNX graphs."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.services import Json, ToolError
from tools.shipping.graph import PLAIN, write_graph
from tools.shipping.shipped import OF_THE_RUN, Shipped, copy_files, write_settings, write_tokenizer
from tools.shipping.templates.text import Prompts, Tokens
from tools.students.text import models
from tools.students.text.form import FORM, Form, ends

if TYPE_CHECKING:
    from torch import Tensor

_MARK = "\ue000"
_INSTEAD = "export it with --format safetensors"
_TRIED = ("", "one", "  Two words, <b>3</b> and </s> \n", "größer 東京 😀 " * 400)
_ONNX = Shipped(
    "text_onnx",
    ("command_line", "onnx_session", "text", "tokens"),
    ("numpy", "onnxruntime", "tokenizers"),
)
_TORCH = Shipped(
    "text_torch", ("command_line", "text"),
    ("numpy", "safetensors", "torch", "transformers"),
)  # fmt: skip
_SCHEMA = (
    "The student was held to a JSON Schema while it wrote; the program here is not, so check what"
    " it writes."
)
_MEMORY = "Keys and values of what has been read are kept from token to token (`past_…`)."
_NO_MEMORY = "The decoder keeps nothing from token to token, so long answers take their time."


def ship_weights(student: Path, target: Path) -> Shipped:
    """Copy a student that writes, for torch and transformers."""
    from tools.shipping.templates import text_torch

    form, tokenizer = _opened(student)
    copy_files(student, target, leave=(*OF_THE_RUN, FORM))
    start = None
    if form.kind == "seq2seq":
        model = models.load_model(str(student), str(student), form.kind)
        start = model.config.decoder_start_token_id
    _write_form(form, tokenizer, text_torch.Tokens(target), target, {"start": start})
    return replace(_TORCH, notes=_notes(form))


def ship_causal(student: Path, target: Path) -> Shipped:
    """Write a decoder as a graph from tokens, and memory of those before, to scores and memory."""
    import torch
    from transformers import DynamicCache

    form, tokenizer = _opened(student)
    tokens = _light(tokenizer, target)
    model = models.load_model(str(student), str(student), form.kind, **PLAIN)

    class Decoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: "Tensor") -> "tuple[Tensor, ...]":
            ids, *past = inputs
            cache = DynamicCache(zip(past[::2], past[1::2], strict=True))
            answer = self.model(input_ids=ids, past_key_values=cache, use_cache=True)
            layers = answer.past_key_values.layers
            return (
                answer.logits[:, -1],
                *(t for layer in layers for t in (layer.keys, layer.values)),
            )

    memory = _memory(model)
    shape = (1, memory["heads"], 5, memory["width"])
    past = {f"past_{i}": torch.zeros(shape) for i in range(2 * memory["layers"])}
    write_graph(
        Decoder(),
        {"input_ids": torch.ones((1, 3), dtype=torch.int64), **past},
        ["logits", *(f"now_{i}" for i in range(len(past)))],
        {"input_ids": (1,), **dict.fromkeys(past, (2,))},
        target / "model.onnx",
    )
    _write_form(form, tokenizer, tokens, target, {"start": None, "memory": memory})
    return replace(_ONNX, notes=(_MEMORY, *_notes(form)))


def ship_seq2seq(student: Path, target: Path) -> Shipped:
    """Write an encoder, and a decoder that reads its answer from the beginning at each token."""
    import torch

    form, tokenizer = _opened(student)
    tokens = _light(tokenizer, target)
    model = models.load_model(str(student), str(student), form.kind, **PLAIN)

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = model.get_encoder()

        def forward(self, *inputs: "Tensor") -> "Tensor":
            read: Tensor = self.encoder(input_ids=inputs[0])[0]
            return read

    class Decoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: "Tensor") -> "Tensor":
            answer = self.model(
                encoder_outputs=(inputs[0],), decoder_input_ids=inputs[1], use_cache=False
            )
            scores: Tensor = answer.logits[:, -1]
            return scores

    ids = torch.ones((1, 3), dtype=torch.int64)
    write_graph(
        Encoder(), {"input_ids": ids}, ["read"], {"input_ids": (1,)}, target / "encoder.onnx"
    )
    read = torch.zeros((1, 5, model.get_encoder().config.hidden_size))
    write_graph(
        Decoder(), {"read": read, "input_ids": ids}, ["logits"], {"read": (1,), "input_ids": (1,)},
        target / "model.onnx",
    )  # fmt: skip
    start = model.config.decoder_start_token_id
    _write_form(form, tokenizer, tokens, target, {"start": start})
    return replace(_ONNX, notes=(_NO_MEMORY, *_notes(form)))


def form_of(student: Path) -> Json:
    """Return how the model in a student's folder is asked, for those who ask it in other ways.

    Raises:
        ToolError: The student is damaged.
    """
    form, tokenizer = _opened(student)
    return _form(form, tokenizer) | {"kind": form.kind}


def _opened(student: Path) -> tuple[Form, Any]:
    form = Form.load(student)
    return form, models.load_tokenizer(str(student), str(student), form.kind)


def _memory(model: Any) -> Json:
    """Return the shape of what a decoder keeps: layers, heads, width of a head."""
    config = model.config.get_text_config(decoder=True)
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    kept = getattr(config, "num_key_value_heads", None) or heads
    return {"layers": config.num_hidden_layers, "heads": kept, "width": width}


def _light(tokenizer: Any, target: Path) -> Tokens:
    """Write a tokenizer for a program without transformers; return what that reads.

    Raises:
        ToolError: It takes transformers.
    """
    from tools.shipping.templates import tokens

    write_tokenizer(tokenizer, target, _INSTEAD)
    return tokens.Tokens(target)


def _write_form(form: Form, tokenizer: Any, tokens: Tokens, target: Path, network: Json) -> None:
    """Write a form so that a program which reads `tokens` asks as training did.

    Raises:
        ToolError: It would ask otherwise; the message says what to do instead.
    """
    settings = _form(form, tokenizer)
    prompts = Prompts(tokens, settings)
    for text in _TRIED:
        if prompts.ids(text) != form.prompt_ids(tokenizer, text):
            raise ToolError(
                "the prompts of this model are made by transformers alone; publish it with"
                " --to hub, or use it with `tasksmith predict`"
            )
    write_settings(target, settings | network)


def _form(form: Form, tokenizer: Any) -> Json:
    """Return what `tools.shipping.templates.text` has to know of a form."""
    before, _, after = form.prompt(tokenizer, _MARK).partition(_MARK)
    plain = form.style == "plain"
    first, last = ends(tokenizer) if plain else ([], [])
    answered = plain and form.kind == "causal"
    return {
        "before": before,
        "after": after,
        "strip": f" {_MARK}" not in form.prompt(tokenizer, f" {_MARK} ").removeprefix(before),
        "special": plain,
        "first": first,
        "last": last,
        "marks": [str(token) for token in tokenizer.added_tokens_decoder.values()],
        "split_special": form.style == "bare",
        "cut": [tokenizer.eos_token_id] if answered else [],
        "end": [tokenizer.sep_token_id] if form.style == "bare" else [],
        "longest_prompt": form.longest_prompt,
        "longest_completion": form.longest_completion,
        "labels": {label: form.completion_ids(tokenizer, label) for label in form.labels},
        "stops": sorted({form.completion_ids(tokenizer, "")[-1], tokenizer.eos_token_id}),
    }


def _notes(form: Form) -> tuple[str, ...]:
    return (_SCHEMA,) if form.schema else ()
