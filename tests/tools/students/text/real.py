"""Bases with random weights that are, but for their size, what the Hub has of five families.

Architecture, special tokens, chat template and files are theirs; vocabularies are made from a few
lines. Templates are those that TRL keeps of the originals.
"""

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

_WIDTH, _LAYERS = 64, 2
_VOCABULARY = 700
_QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_LLAMA = _QWEN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
_DECODER: dict[str, Any] = {
    "hidden_size": _WIDTH, "intermediate_size": 3 * _WIDTH, "num_hidden_layers": _LAYERS,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
    "tie_word_embeddings": True,
}  # fmt: skip


def qwen3(folder: Path, lines: Sequence[str]) -> Path:
    """Save a Qwen3 that chats, and would think aloud if it were asked to."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
    tokenizer = _bytes_tokenizer(lines, _QWEN, marks, eos="<|im_end|>", pad="<|endoftext|>")
    tokenizer.chat_template = _template("qwen3")
    config = Qwen3Config(
        **_DECODER, vocab_size=_room(tokenizer), max_position_embeddings=40_960,
        bos_token_id=tokenizer.convert_tokens_to_ids("<|endoftext|>"),
        eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    return _save(folder, Qwen3ForCausalLM(config), tokenizer, "Qwen2Tokenizer", half=True)


def llama32(folder: Path, lines: Sequence[str]) -> Path:
    """Save a Llama 3.2 that chats: it begins with a token of its own, and has none to fill up."""
    from transformers import LlamaConfig, LlamaForCausalLM

    begin, end = "<|begin_of_text|>", "<|eot_id|>"
    marks = [begin, "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>"]
    tokenizer = _bytes_tokenizer(lines, _LLAMA, [*marks, end], bos=begin, eos=end)
    tokenizer.chat_template = _template("llama3_2")
    ids = tokenizer.convert_tokens_to_ids
    config = LlamaConfig(
        **_DECODER, vocab_size=_room(tokenizer), max_position_embeddings=131_072,
        bos_token_id=ids(begin), eos_token_id=[ids(name) for name in (marks[1], marks[4], end)],
        rope_parameters={
            "rope_type": "llama3", "rope_theta": 500_000.0, "factor": 32.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 8_192,
        },
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    model.generation_config.update(  # type: ignore[no-untyped-call]
        do_sample=True, temperature=0.6, top_p=0.9
    )
    return _save(folder, model, tokenizer, "PreTrainedTokenizerFast", half=True)


def flan_t5(folder: Path, lines: Sequence[str]) -> Path:
    """Save a Flan-T5: pieces of words, no brackets among them, and a head of its own."""
    from transformers import T5ForConditionalGeneration

    tokenizer = _piece_tokenizer(lines, extra=100)
    return _save(folder, T5ForConditionalGeneration(_t5(tokenizer)), tokenizer, "T5Tokenizer")


def mt5(folder: Path, lines: Sequence[str]) -> Path:
    """Save an mT5: no marks for gaps among its tokens."""
    from transformers import MT5Config, MT5ForConditionalGeneration

    tokenizer = _piece_tokenizer(lines, extra=0)
    config = MT5Config(**_t5(tokenizer).to_dict() | {"model_type": "mt5"})
    return _save(folder, MT5ForConditionalGeneration(config), tokenizer, "T5Tokenizer")


def byt5(folder: Path, lines: Sequence[str]) -> Path:
    """Save a ByT5: it reads bytes, and its tokenizer has no file of its own."""
    from transformers import ByT5Tokenizer, T5ForConditionalGeneration

    del lines
    tokenizer = ByT5Tokenizer()
    model = T5ForConditionalGeneration(_t5(tokenizer, layers=3 * _LAYERS))
    return _save(folder, model, tokenizer, "ByT5Tokenizer")


FAMILIES: dict[str, Callable[[Path, Sequence[str]], Path]] = {
    "Qwen3": qwen3,
    "Llama 3.2": llama32,
    "Flan-T5": flan_t5,
    "mT5": mt5,
    "ByT5": byt5,
}
"""Name → what saves such a base into a folder, given lines to make a vocabulary from."""


def _bytes_tokenizer(lines: Sequence[str], pattern: str, marks: Sequence[str], **named: str) -> Any:
    """Return a byte-level BPE whose special tokens come after the others, as added ones."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        processors,
        trainers,
    )
    from tokenizers import pre_tokenizers as cutting
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = cutting.Sequence(
        [cutting.Split(Regex(pattern), "isolated"), cutting.ByteLevel(False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY, show_progress=False,
        initial_alphabet=sorted(cutting.ByteLevel.alphabet()),
    )  # fmt: skip
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.add_special_tokens(
        [AddedToken(mark, special=not mark.endswith("think>")) for mark in marks]
    )
    if begin := named.get("bos"):
        tokenizer.post_processor = processors.TemplateProcessing(
            f"{begin} $A", special_tokens=[(begin, tokenizer.token_to_id(begin))]
        )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=131_072,
        **{f"{name}_token": mark for name, mark in named.items()},
    )


def _piece_tokenizer(lines: Sequence[str], extra: int) -> Any:
    """Return a unigram model as T5 has: what it has no piece for is unknown for good."""
    from tokenizers import SentencePieceUnigramTokenizer
    from transformers import T5Tokenizer

    trained = SentencePieceUnigramTokenizer()
    special = ["<pad>", "</s>", "<unk>"]
    trained.train_from_iterator(
        [line.replace("{", " ").replace("}", " ") for line in lines],
        vocab_size=_VOCABULARY, show_progress=False, special_tokens=special, unk_token="<unk>",
    )  # fmt: skip
    pieces = json.loads(trained.to_str())["model"]["vocab"]
    pieces += [[f"<extra_id_{i}>", 0.0] for i in reversed(range(extra))]
    return T5Tokenizer(vocab=[tuple(piece) for piece in pieces], extra_ids=extra)


def _t5(tokenizer: Any, layers: int = _LAYERS) -> Any:
    from transformers import T5Config

    return T5Config(
        vocab_size=_room(tokenizer), d_model=_WIDTH, d_kv=16, d_ff=2 * _WIDTH, num_layers=layers,
        num_decoder_layers=_LAYERS, num_heads=4, feed_forward_proj="gated-gelu",
        tie_word_embeddings=False, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
    )  # type: ignore[call-arg]  # fmt: skip


def _room(tokenizer: Any) -> int:
    """Return a size of the vocabulary that is larger than the tokenizer's, as theirs are."""
    return -(-len(tokenizer) // 64) * 64


def _template(name: str) -> str:
    return (files("trl") / "chat_templates" / f"{name}.jinja").read_text("utf-8")


def _save(folder: Path, model: Any, tokenizer: Any, kind: str, *, half: bool = False) -> Path:
    import torch

    (model.to(torch.bfloat16) if half else model).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    about = json.loads(path.read_text("utf-8")) | {"tokenizer_class": kind}
    path.write_text(json.dumps(about), encoding="utf-8")
    return folder
