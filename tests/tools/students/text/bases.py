"""Bases of a few thousand random weights, of the families that students are built on."""

import random
from pathlib import Path
from typing import Any

WORDS = ["cat", "dog", "bird", "tree", "house", "car", "book", "girl", "boy", "ball", "day", "toy"]
INSTRUCTION = "Write the second word."
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def task(rows: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Return inputs of three words, and the second one of each."""
    rng = random.Random(seed)
    texts = [" ".join(rng.sample(WORDS, 3)) for _ in range(rows)]
    return texts, [text.split()[1] for text in texts]


def word_tokenizer(chat: bool = False) -> Any:
    """Return a tokenizer whose tokens are words; what it does not know is spelt in bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "</s>", "<|im_start|>", "<|im_end|>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    lines = [INSTRUCTION, "Input: Output:", "system user assistant", *task(50)[0]] * 3
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    made = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>"
    )
    made.chat_template = CHAT if chat else None
    return made


def llama(folder: Path) -> Path:
    """Save a Llama without a chat template."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return _save(folder, LlamaForCausalLM, LlamaConfig(**_causal()), word_tokenizer())


def flan(folder: Path) -> Path:
    """Save a T5 as Flan-T5 is: gated activation, a head of its own."""
    return _save(folder, *_t5(), word_tokenizer())


def _causal() -> dict[str, Any]:
    return {
        "vocab_size": 400,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 128,
        "tie_word_embeddings": True,
    }


def _t5() -> tuple[Any, Any]:
    from transformers import T5Config, T5ForConditionalGeneration

    return T5ForConditionalGeneration, T5Config(  # type: ignore[call-arg]
        vocab_size=400, d_model=64, d_kv=16, d_ff=128, num_layers=2, num_heads=4,
        num_decoder_layers=2, feed_forward_proj="gated-gelu", tie_word_embeddings=False,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
    )  # fmt: skip


def _save(folder: Path, kind: Any, config: Any, tokenizer: Any) -> Path:
    import torch

    torch.manual_seed(0)
    kind(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
