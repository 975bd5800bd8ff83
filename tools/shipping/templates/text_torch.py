"""Answer texts with the model in this folder, by torch and transformers.

    python predict.py "some text"
    python predict.py --file texts.jsonl

From Python: `Model(folder).predict(texts)`.
"""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from tools.shipping.templates.command_line import run
from tools.shipping.templates.text import Scores, State, Writer


class Tokens:
    """The tokenizer in a folder, which may be one that only transformers reads."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)

    def encode(self, text: str, *, plain: bool, special: bool) -> list[int]:
        """Return the tokens of a text."""
        encoded = self._tokenizer(text, add_special_tokens=special, split_special_tokens=plain)
        ids: list[int] = encoded["input_ids"]
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of tokens, special ones left out."""
        text: str = self._tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text


class Model(Writer):
    """A model that writes.

    Args:
        folder: Where its files are.
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__(Path(folder), Tokens(Path(folder)))
        start = self.settings["start"]
        self._start = None if start is None else torch.tensor([[start]])
        auto: Any = AutoModelForCausalLM if start is None else AutoModelForSeq2SeqLM
        self._model = auto.from_pretrained(
            folder, use_safetensors=True, trust_remote_code=False, dtype=torch.float32
        ).eval()

    @torch.inference_mode()
    def start(self, ids: list[int]) -> tuple[Scores, State]:
        """Read a prompt."""
        prompt = torch.tensor([ids])
        if self._start is None:
            return self._read({"input_ids": prompt}, {})
        read = (self._model.get_encoder()(prompt)[0],)
        return self._read({"decoder_input_ids": self._start}, {"encoder_outputs": read})

    def go_on(self, state: State, token: int) -> tuple[Scores, State]:
        """Read one more token."""
        name = "input_ids" if self._start is None else "decoder_input_ids"
        # What has been read is remembered in place, and another answer may go on from it, too.
        return self._read({name: torch.tensor([[token]])}, copy.deepcopy(state))

    @torch.inference_mode()
    def _read(self, tokens: dict[str, Any], state: dict[str, Any]) -> tuple[Scores, State]:
        answer = self._model(**tokens, **state, use_cache=True)
        state = state | {"past_key_values": answer.past_key_values}
        return answer.logits[0, -1].float().numpy(), state


if __name__ == "__main__":
    run(Model, Path(__file__).parent)
