"""Language models read and write in batches whose rows may be dropped and doubled on the way."""

import inspect
from collections.abc import Sequence
from typing import Any, Protocol

_BATCH_BYTES = {"cpu": 400_000_000, "cuda": 4_000_000_000}
_MOST_ROWS = 256
_WORTH_SHARING = 8


class Decoding(Protocol):
    """Rows that a model is writing, and what it expects next in each.

    Attributes:
        logits: float32 of shape (rows, vocabulary); the caller may change them.
    """

    logits: Any

    def go_on(self, rows: Sequence[int], tokens: Sequence[int]) -> None:
        """Have the rows with these numbers, in this order, go on with one token each.

        Rows that are not named are dropped; one that is named twice goes on in two ways.
        """
        ...


def begin(model: Any, prompts: Sequence[Sequence[int]]) -> Decoding:
    """Read prompts, none of them empty."""
    if model.config.is_encoder_decoder:
        return _EncoderDecoder(model, prompts)
    return _Causal(model, prompts)


def rows_that_fit(model: Any, tokens: int) -> int:
    """Return how many rows of prompt and answer, `tokens` together, a batch may have.

    What a row takes is estimated from above: keys and values of all layers, the hidden states of
    one layer, the attention of one layer, and the scores of the vocabulary.
    """
    config = model.config.get_text_config(decoder=True)
    hidden, layers = config.hidden_size, config.num_hidden_layers
    number = model.dtype.itemsize
    # An encoder-decoder keeps the keys and values of the encoder for each layer of the decoder.
    kept = (4 if model.config.is_encoder_decoder else 2) * layers * hidden
    row = number * tokens * (kept + 12 * hidden + config.num_attention_heads * tokens)
    row += 3 * 4 * config.vocab_size
    return max(1, min(_MOST_ROWS, int(_BATCH_BYTES[model.device.type] // row)))


class _Causal:
    """Padded on the left, so that every row goes on at the same place."""

    def __init__(self, model: Any, prompts: Sequence[Sequence[int]]) -> None:
        import torch
        from transformers import DynamicCache

        self._model = model
        self._cache = DynamicCache(config=model.config)
        accepted = inspect.signature(model.forward).parameters
        self._positioned = "position_ids" in accepted
        # The scores of a whole prompt can take gigabytes, and only the last ones are wanted.
        self._more = {"logits_to_keep": 1} if "logits_to_keep" in accepted else {}
        shared = self._read_once(prompts)
        rest = [ids[shared:] for ids in prompts]
        longest = max(map(len, rest))
        ids = torch.tensor([[0] * (longest - len(ids)) + [*ids] for ids in rest])
        lengths = torch.tensor([len(ids) for ids in rest], device=model.device)
        columns = torch.arange(longest, device=model.device)
        own = (columns >= longest - lengths[:, None]).long()
        self._lengths = lengths + shared
        self._mask = torch.nn.functional.pad(own, (shared, 0), value=1)
        self._run(ids.to(model.device), shared + (own.cumsum(-1) - 1).clamp(min=0))

    def _read_once(self, prompts: Sequence[Sequence[int]]) -> int:
        """Read what all prompts begin with, such as the instruction; return how long it is.

        Only keys and values can be gone on with by several tokens at once: what some models keep
        besides is for one at a time.
        """
        import torch
        from transformers.cache_utils import DynamicLayer

        first, last = min(prompts, key=list), max(prompts, key=list)
        differing = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
        # Of each prompt a token is left, whose scores are those of the answer.
        shared = min(next(differing, len(first)), min(map(len, prompts)) - 1)
        plain = all(type(layer) is DynamicLayer for layer in self._cache.layers)
        if len(prompts) == 1 or shared < _WORTH_SHARING or not plain:
            return 0
        ids = torch.tensor([[*prompts[0][:shared]]], device=self._model.device)
        self._mask = torch.ones_like(ids)
        self._run(ids, torch.arange(shared, device=self._model.device)[None])
        self._cache.batch_repeat_interleave(len(prompts))
        return shared

    def go_on(self, rows: Sequence[int], tokens: Sequence[int]) -> None:
        import torch

        if [*rows] != [*range(len(self._mask))]:
            chosen: Any = torch.tensor(rows, device=self._model.device)
            self._cache.reorder_cache(chosen)
            self._mask, self._lengths = self._mask[chosen], self._lengths[chosen]
        self._mask = torch.nn.functional.pad(self._mask, (0, 1), value=1)
        ids = torch.tensor(tokens, device=self._model.device)[:, None]
        self._run(ids, self._lengths[:, None])
        self._lengths = self._lengths + 1

    def _run(self, ids: Any, positions: Any) -> None:
        more = self._more | ({"position_ids": positions} if self._positioned else {})
        answer = self._model(
            input_ids=ids,
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
            **more,
        )
        self.logits = answer.logits[:, -1].float()


class _EncoderDecoder:
    def __init__(self, model: Any, prompts: Sequence[Sequence[int]]) -> None:
        import torch
        from transformers import DynamicCache, EncoderDecoderCache

        self._model = model
        self._cache = EncoderDecoderCache(
            DynamicCache(config=model.config), DynamicCache(config=model.config)
        )
        longest = max(map(len, prompts))
        ids = torch.tensor([[*ids] + [0] * (longest - len(ids)) for ids in prompts])
        lengths = torch.tensor([len(ids) for ids in prompts])
        self._mask = (torch.arange(longest) < lengths[:, None]).long().to(model.device)
        encoder = model.get_encoder()
        self._read = encoder(input_ids=ids.to(model.device), attention_mask=self._mask)[0]
        self._run([model.config.decoder_start_token_id] * len(prompts))

    def go_on(self, rows: Sequence[int], tokens: Sequence[int]) -> None:
        import torch

        if [*rows] != [*range(len(self._mask))]:
            chosen: Any = torch.tensor(rows, device=self._model.device)
            self._cache.reorder_cache(chosen)
            self._mask, self._read = self._mask[chosen], self._read[chosen]
        self._run(tokens)

    def _run(self, tokens: Sequence[int]) -> None:
        import torch

        answer = self._model(
            encoder_outputs=(self._read,),
            attention_mask=self._mask,
            decoder_input_ids=torch.tensor(tokens, device=self._model.device)[:, None],
            past_key_values=self._cache,
            use_cache=True,
        )
        self.logits = answer.logits[:, -1].float()
