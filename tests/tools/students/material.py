"""Short texts in three labels, and an encoder small enough to train in a test."""

import random
from pathlib import Path

WORDS = {
    "card": ["card", "pin", "chip", "plastic", "contactless"],
    "rate": ["rate", "euro", "dollar", "currency", "exchange"],
    "transfer": ["transfer", "iban", "recipient", "send", "standing"],
}
FILLER = ["please", "help", "my", "the", "with", "is", "today", "why"]


def material(rows: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Return texts and labels; two words of every text give its label away."""
    rng = random.Random(seed)
    labels = [sorted(WORDS)[i % 3] for i in range(rows)]
    return [
        " ".join(rng.sample(FILLER, 3) + rng.sample(WORDS[label], 2)) for label in labels
    ], labels


def tiny_bert(folder: Path) -> Path:
    """Save a BERT with random weights, 2 layers of width 32, that knows the words above."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", *FILLER, *(word for label in WORDS for word in WORDS[label])]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]"
    ).save_pretrained(folder)
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=64, max_position_embeddings=32,
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder
