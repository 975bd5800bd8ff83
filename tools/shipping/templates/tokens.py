"""Tokens of texts, and texts of tokens, without transformers."""

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer


class Tokens:
    """The tokenizer in a folder; satisfies `text.Tokens`."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def encode(self, text: str, *, plain: bool, special: bool) -> list[int]:
        """Return the tokens of a text."""
        self._tokenizer.encode_special_tokens = plain
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=special).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of tokens, special ones left out."""
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True)
        return text
