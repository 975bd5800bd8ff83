"""Language models of a few thousand weights, and tokenizers made from a few lines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.students.text.form import Form

LINES = ['{"name": "Ann", "age": 3}', "a card was lost", "wo ist die Karte", "hello world"] * 5
SPECIAL = ["<pad>", "</s>", "<unk>", "<sep>"]


def byte_tokenizer() -> Any:
    """A byte-level BPE."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(LINES, trainer)
    return _fast(tokenizer)


def piece_tokenizer() -> Any:
    """A unigram model with `▁` for spaces, as T5 has."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    pieces = [*SPECIAL, *map(chr, range(33, 127)), "▁", "▁card", "lo", "st", "ie", "▁h"]
    tokenizer = Tokenizer(models.Unigram([(piece, -float(len(SPECIAL))) for piece in pieces], 2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return _fast(tokenizer)


def _fast(tokenizer: Any) -> Any:
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
        sep_token="<sep>",
    )  # fmt: skip


def llama(tokenizer: Any) -> Any:
    """A decoder with random weights: 2 layers of width 32."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
        bos_token_id=None, eos_token_id=tokenizer.eos_token_id, initializer_range=0.2,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def t5(tokenizer: Any) -> Any:
    """An encoder-decoder with random weights: 2 layers of width 32 each."""
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    torch.manual_seed(0)
    config = T5Config(
        vocab_size=len(tokenizer), d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, dropout_rate=0.0,
    )  # fmt: skip
    config.decoder_start_token_id = tokenizer.pad_token_id
    return T5ForConditionalGeneration(config)


def teach(
    model: Any, tokenizer: Any, form: Form, pairs: Mapping[str, str], steps: int = 80
) -> None:
    """Have a model learn a few answers by heart, all of them at each step."""
    import torch

    prompts = [form.prompt_ids(tokenizer, text) for text in pairs]
    completions = [form.completion_ids(tokenizer, output) for output in pairs.values()]
    if form.kind == "causal":
        read = [prompt + rest for prompt, rest in zip(prompts, completions, strict=True)]
        labels = [
            [-100] * len(prompt) + rest for prompt, rest in zip(prompts, completions, strict=True)
        ]
    else:
        read, labels = prompts, completions
    ids, targets, mask = _padded(read, 0), _padded(labels, -100), _padded(read, -1) >= 0
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(steps):
        model(input_ids=ids, attention_mask=mask.long(), labels=targets).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()


def _padded(rows: list[list[int]], filler: int) -> Any:
    import torch

    longest = max(map(len, rows))
    return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])


def save(model: Any, tokenizer: Any, form: Form, folder: Path) -> Path:
    """Write a student's folder, as training does."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    form.save(folder)
    return folder
