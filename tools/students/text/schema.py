"""Answers that can only be JSON of a schema, by what llguidance allows at each token."""

import json
import re
from collections.abc import Collection, Sequence
from typing import Any, Self

from tools.services import Json

_SPACE = r"( |\n[ \t]{0,16})?"
"""Between the parts of an answer: a space, or a line's end and what the next one is set in by.
Without a bound, a model that is at a loss writes spaces for ever."""
_UNUSED = "\ue000"
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


class JsonGuide:
    """Satisfies `tools.students.text.writing.Guide` for the rows of one batch after another.

    What llguidance does not know of JSON Schema is not enforced.

    Args:
        grammar: A matcher that has read nothing yet.
        vocabulary: Number of tokens of its tokenizer.
    """

    def __init__(self, grammar: Any, vocabulary: int) -> None:
        self._grammar = grammar
        self._vocabulary = vocabulary
        self._matchers: list[Any] = []

    @classmethod
    def make(cls, tokenizer: Any, schema: Json, stops: Collection[int], scores: int) -> Self | None:
        """Return a guide, or None where the tokenizer or the schema does not allow for one.

        Args:
            tokenizer: That of the model.
            schema: JSON Schema of the answers.
            stops: Tokens that end an answer.
            scores: For how many tokens the model has scores.
        """
        from llguidance import LLMatcher

        vocabulary = max(scores, len(tokenizer))
        try:
            words = _words(tokenizer, [*stops], vocabulary)
        except ValueError:
            return None
        # What the grammar cannot say is left out of it; a space at the beginning is what many
        # tokenizers put before a first word.
        options = {"lenient": True, "whitespace_pattern": _SPACE}
        loose = json.dumps(schema | {"x-guidance": options})
        grammar = LLMatcher(
            words, f"%llguidance {{}}\nstart: / ?/ value\nvalue: %json {loose}", log_level=0
        )
        grammar.compute_bitmask()
        return None if grammar.is_error() else cls(grammar, vocabulary)

    def start(self, rows: int) -> None:
        """Begin with this many rows."""
        self._matchers = [self._grammar.deep_copy() for _ in range(rows)]

    def restrict(self, logits: Any, rows: Sequence[int]) -> None:
        """Set the scores of what cannot come next to minus infinity.

        In a row that cannot go on, since the tokenizer lacks what has to come, only the end is
        left.
        """
        import numpy as np
        import torch
        from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

        bits = allocate_token_bitmask(len(rows), self._vocabulary)
        for place, row in enumerate(rows):
            fill_next_token_bitmask(self._matchers[row], bits, place)
        allowed = np.unpackbits(bits.view(np.uint8), axis=1, bitorder="little")
        forbidden = torch.from_numpy(allowed[:, : logits.shape[1]] == 0)
        logits.masked_fill_(forbidden.to(logits.device), float("-inf"))

    def take(self, row: int, token: int) -> None:
        """Hear what a row went on with."""
        self._matchers[row].consume_token(token)


def mended(text: str) -> str:
    """Return an answer as JSON where it was cut off, or written without a guide.

    A text that holds nothing of JSON stays as it is.
    """
    import json_repair

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        try:
            return json_repair.repair_json(text, ensure_ascii=False) or text
        except (ValueError, RecursionError):
            return text
    return text


def _words(tokenizer: Any, stops: list[int], vocabulary: int) -> Any:
    """Return the tokenizer as llguidance knows it.

    Raises:
        ValueError: It is not known which bytes its tokens stand for.
    """
    from llguidance import LLTokenizer, TokenizerWrapper
    from llguidance.hf import from_tokenizer

    try:
        return from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=stops)
    except ValueError:
        wrapped = TokenizerWrapper(_Pieces(tokenizer, vocabulary))
        return LLTokenizer(wrapped, eos_token=stops)


class _Pieces:
    """The bytes of each token of a tokenizer that llguidance cannot read by itself, as of T5."""

    def __init__(self, tokenizer: Any, vocabulary: int) -> None:
        names = tokenizer.convert_ids_to_tokens([*range(len(tokenizer))])
        special = {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
        plain = [name for token, name in enumerate(names) if token not in special]
        # ByT5 spells a byte as the character of that number; others write pieces of text.
        bytewise = len(plain) == 256 and all(len(name) == 1 for name in plain)
        missing = range(len(names), vocabulary)
        self.eos_token_id = tokenizer.eos_token_id
        self.bos_token_id = None
        self.tokens = [_bytes_of(name, bytewise=bytewise) for name in names]
        self.tokens += [b"" for _ in missing]
        self.special_token_ids = [*special, *missing]
        self._tokenizer = tokenizer
        self._before = len(self._ids(_UNUSED))

    def __call__(self, text: str) -> list[int]:
        """Return the tokens of a text amid others, where no space is put before it."""
        return self._ids(_UNUSED + text)[self._before :]

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids


def _bytes_of(name: str, *, bytewise: bool) -> bytes:
    if bytewise and len(name) == 1:
        return name.encode("latin-1")
    byte = _BYTE.fullmatch(name)
    return bytes([int(byte[1], 16)]) if byte else name.replace("▁", " ").encode()
