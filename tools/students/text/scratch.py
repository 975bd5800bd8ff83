"""A small Llama of its own for a narrow task: model and tokenizer are made from its rows.

Where inputs and outputs are made of a few words (commands, numbers in words), tokens are words, and
rows are short. Where half of the rows hold words that the other half lacks (names, inflections),
what must be learned is what to do with characters, and tokens are characters. Rows too long for
that have words and parts of words.
"""

import random
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from tools.services import Json

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

PAD, START, END, SEPARATOR = "<|pad|>", "<|start|>", "<|end|>", "<|answer|>"
COPYING = "\x1a"
"""Begins the input of an auxiliary row; no person types it, so that no other input begins so."""

_WORDS = r"\d|\s?[^\W\d]+|\s?[^\w\s]|\s"
_CHARACTERS = r"[\s\S]"
_LARGEST_VOCABULARY = 4_096
_LEAST_OFTEN = 3
_NEW_WORDS = 0.05
"""Share of words that are new in the other half of the rows, from which on characters are read."""
_LONG = 400
"""Characters of a mean row from which on tokens are parts of words: attention is slow on a CPU."""

_WIDTH, _LAYERS, _HEADS = 160, 4, 5
_CONTEXT = 4_096

_RATE = 2e-3
_BATCH = (8, 64)
_BATCH_TOKENS = 1_600
_MOST_STEPS = 2_000
_MOST_EPOCHS = 60
# Two cores do about 1e11 operations a second on such a model; half of it is counted on. A token
# takes six operations a weight, forwards and backwards (Kaplan et al. 2020).
_OPERATIONS = 420 * 5e10
_EACH_WEIGHT = 6

_COPIED = 0.3
_SHORTEST_COPY = 3
_MOST_COPIES = 4_000
_LOOKED_AT = 500


def build(
    texts: Sequence[str], outputs: Sequence[str], seed: int
) -> "tuple[LlamaForCausalLM, PreTrainedTokenizerFast]":
    """Return an untrained model and its tokenizer.

    Any text comes back from its tokens as it was: what the rows do not hold is spelt in bytes.

    Args:
        texts: Inputs of the training rows; others must not be shown.
        outputs: Their outputs.
        seed: Decides the first weights.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer(texts, outputs)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=_WIDTH,
        intermediate_size=3 * _WIDTH,
        num_hidden_layers=_LAYERS,
        num_attention_heads=_HEADS,
        num_key_value_heads=_HEADS,
        max_position_embeddings=_CONTEXT,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlamaForCausalLM(config), tokenizer


def prompt(text: str) -> str:
    """Return what stands before a completion: no instruction, since one model does one task."""
    return text + SEPARATOR


def defaults(rows: int, tokens: int, parameters: int) -> Json:
    """Return good hyperparameters, by the names of `TrainingArguments`.

    Args:
        rows: Number of training rows, auxiliary ones included.
        tokens: Their tokens, prompts and completions together.
        parameters: Weights of the model.
    """
    least, most = _BATCH
    batch = max(least, min(most, _BATCH_TOKENS * rows // tokens, rows // 20))
    step = _EACH_WEIGHT * parameters * batch * tokens / rows
    steps = min(_MOST_STEPS, _OPERATIONS / step)
    return {
        "num_train_epochs": max(1, min(_MOST_EPOCHS, round(steps * batch / rows))),
        "learning_rate": _RATE,
        "per_device_train_batch_size": batch,
        "warmup_steps": 0.05,
        "lr_scheduler_type": "cosine",
        "weight_decay": 0.1,
        "adam_beta2": 0.98,
    }


def auxiliary(texts: Sequence[str], outputs: Sequence[str], seed: int) -> list[tuple[str, str]]:
    """Return rows that teach copying, as inputs and outputs: made-up text, to be repeated.

    Few rows teach an untrained model which words to repeat, not how to repeat any. Their inputs
    begin with `COPYING`, which tells them from the task's own. There are none where outputs take
    little from their inputs, or where words are known as a whole.
    """
    if not _reads_characters(texts, outputs) or _copied(texts, outputs) < _COPIED:
        return []
    drawn = random.Random(seed)
    letters = sorted(set("".join(texts)))
    made = []
    for _ in range(min(len(texts), _MOST_COPIES)):
        length, parts = len(drawn.choice(texts)), ""
        while len(parts) < length:
            parts += _part(texts, letters, drawn)
        made.append((COPYING + parts[:length], parts[:length]))
    return made


def _part(texts: Sequence[str], letters: Sequence[str], drawn: random.Random) -> str:
    """Return a few characters: drawn one by one, or cut out of an input."""
    length = drawn.randint(1, 8)
    if drawn.random() < 0.5:
        return "".join(drawn.choices(letters, k=length))
    text = drawn.choice(texts)
    begin = drawn.randrange(max(1, len(text) - length + 1))
    return text[begin : begin + length]


def _copied(texts: Sequence[str], outputs: Sequence[str]) -> float:
    """Return the share of the outputs' characters that stand in a row in their inputs, too."""
    pairs = list(zip(texts, outputs, strict=True))
    random.Random(0).shuffle(pairs)
    pairs = pairs[:_LOOKED_AT]
    shared = sum(
        block.size
        for text, output in pairs
        for block in SequenceMatcher(None, text, output, autojunk=False).get_matching_blocks()
        if block.size >= _SHORTEST_COPY
    )
    return shared / max(1, sum(len(output) for _, output in pairs))


def _tokenizer(texts: Sequence[str], outputs: Sequence[str]) -> "PreTrainedTokenizerFast":
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    pattern = _CHARACTERS if _reads_characters(texts, outputs) else _WORDS
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [_split(pattern), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_LARGEST_VOCABULARY,
        min_frequency=_LEAST_OFTEN,
        show_progress=False,
        # In order, since a set has another one in every process.
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=[PAD, START, END, SEPARATOR],
    )
    tokenizer.train_from_iterator([*texts, *outputs], trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=START,
        eos_token=END,
        sep_token=SEPARATOR,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def _split(pattern: str) -> Any:
    from tokenizers import Regex, pre_tokenizers

    return pre_tokenizers.Split(Regex(pattern), "isolated")


def _reads_characters(texts: Sequence[str], outputs: Sequence[str]) -> bool:
    """Tell whether inputs or outputs to come will hold many words that these do not hold."""
    characters = sum(map(len, texts)) + sum(map(len, outputs))
    if characters > _LONG * len(texts):
        return False
    order = list(range(len(texts)))
    random.Random(0).shuffle(order)
    half = len(order) // 2
    return any(
        _new([side[i] for i in order[:half]], [side[i] for i in order[half:]]) > _NEW_WORDS
        for side in (texts, outputs)
    )


def _new(known: Sequence[str], others: Sequence[str]) -> float:
    """Return the share of words in `others` that `known` lacks."""
    split = _split(_WORDS)

    def words(some: Sequence[str]) -> list[str]:
        return [word.strip() for text in some for word, _ in split.pre_tokenize_str(text)]

    seen = set(words(known))
    found = words(others)
    return sum(word not in seen for word in found) / max(1, len(found))
