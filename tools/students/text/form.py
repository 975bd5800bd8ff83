"""What a student reads and writes: one place, so that training and answering cannot differ."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from tools.services import Json, ToolError, UnfitBaseError

FORM = "form.json"
Kind = Literal["causal", "seq2seq"]
Style = Literal["chat", "plain", "bare"]
_CHARACTERS = 16
"""Characters of a token that are more than nearly all have."""
_TODAY = date(2024, 7, 26)
"""The day in the prompts of those chat templates that write down one, so that a student reads at
its work what it read when it learned. Llama's own falls back on it."""
_MARK = "\ue000text\ue000"
"""Stands for a text while what is written around it is looked at; nobody types it."""


@dataclass(frozen=True)
class Form:
    """The form of prompts and completions; `form.json` in a student's folder.

    Attributes:
        style: `chat`: the base's own chat template. `plain`: instruction and input as text.
            `bare`: the input and a separator token, for a model that does nothing else.
        labels: The only answers there are; empty where any text may be one.
        schema: JSON Schema that answers follow.
        longest_prompt: Tokens of a prompt; what is longer loses the end of its input.
        longest_completion: Tokens of a completion, the one that ends it included.
    """

    kind: Kind
    style: Style
    instruction: str
    labels: tuple[str, ...]
    schema: Json | None
    longest_prompt: int
    longest_completion: int

    def save(self, folder: Path) -> None:
        """Write `form.json`."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2)
        (folder / FORM).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read `form.json`.

        Raises:
            ToolError: It is missing or damaged.
        """
        try:
            values: Json = json.loads((folder / FORM).read_text(encoding="utf-8"))
            return cls(**values | {"labels": tuple(values["labels"])})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ToolError(f"{folder / FORM} cannot be read; train the student again") from error

    def prompt_ids(self, tokenizer: Any, text: str) -> list[int]:
        """Return the tokens of a prompt, its special ones included.

        An input that is too long is cut until the prompt is short enough; what stands around it
        stays whole.
        """
        # No more is read of a long text than it takes to see that it is too long.
        shown = _CHARACTERS * self.longest_prompt
        ids = self._prompt_ids(tokenizer, text[:shown])
        while len(ids) <= self.longest_prompt and shown < len(text):
            shown *= 2
            ids = self._prompt_ids(tokenizer, text[:shown])
        text = text[:shown]
        while len(ids) > self.longest_prompt and text:
            text = text[: min(len(text) - 1, len(text) * self.longest_prompt // len(ids))]
            ids = self._prompt_ids(tokenizer, text)
        return ids

    def prompt(self, tokenizer: Any, text: str) -> str:
        """Return a prompt as text, as it is before it becomes tokens."""
        if self.style == "chat":
            return self._chat(tokenizer, text)
        return text if self.style == "bare" else f"{self.instruction}\n\nInput: {text}\nOutput:"

    def completion_ids(self, tokenizer: Any, output: str) -> list[int]:
        """Return the tokens of a completion; the last one ends it, and is where answers stop."""
        return [*_plain(tokenizer, output), self._end(tokenizer)]

    def _end(self, tokenizer: Any) -> int:
        """Return the token that ends an answer: in a chat, what the template puts after one."""
        if self.style == "chat":
            written = self._chat(tokenizer, "", _MARK)
            after = written[written.rindex(_MARK) + len(_MARK) :]
            special = set(tokenizer.all_special_ids) | set(tokenizer.added_tokens_decoder)
            for token in tokenizer(after, add_special_tokens=False)["input_ids"]:
                if token in special:
                    return int(token)
        return int(tokenizer.eos_token_id)

    def _prompt_ids(self, tokenizer: Any, text: str) -> list[int]:
        if self.style == "bare":
            return [*_plain(tokenizer, text), tokenizer.sep_token_id]
        if self.style == "chat":
            # The template writes what special tokens there are.
            return _around(tokenizer, lambda shown: self.prompt(tokenizer, shown), text, False)
        ids = _around(tokenizer, lambda shown: self.prompt(tokenizer, shown), text, True)
        ends_already = self.kind == "causal" and ids[-1:] == [tokenizer.eos_token_id]
        return ids[:-1] if ends_already else ids

    def _chat(self, tokenizer: Any, text: str, output: str | None = None) -> str:
        """Return a conversation as the model reads it, up to where it answers or with `output`."""
        answer = [] if output is None else [{"role": "assistant", "content": output}]
        system = {"role": "system", "content": self.instruction}
        written = _rendered(tokenizer, [system, {"role": "user", "content": text}, *answer])
        if written is None or self.instruction.strip() not in written:
            # Some templates refuse a system message, others leave it out.
            asked = f"{self.instruction}\n\n{text}"
            written = _rendered(tokenizer, [{"role": "user", "content": asked}, *answer])
        if written is None:
            raise UnfitBaseError(
                "the chat template of the base takes no question and answer; choose another base"
            )
        return written


def _rendered(tokenizer: Any, messages: list[dict[str, str]]) -> str | None:
    """Return messages as the chat template writes them; None where it refuses them."""
    from jinja2 import TemplateError

    try:
        written: str = tokenizer.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=messages[-1]["role"] != "assistant",
            # Models that may think aloud answer at once: the training rows hold no thoughts.
            enable_thinking=False,
            chat_template=_on_a_fixed_day(tokenizer.get_chat_template()),
        )
    except TemplateError:
        return None
    return written


def _on_a_fixed_day(template: str) -> str:
    """Return a chat template that writes down a fixed day where it would write down today's."""
    return re.sub(
        r"""strftime_now\((["'])(.*?)\1\)""", lambda call: repr(_TODAY.strftime(call[2])), template
    )


def _around(tokenizer: Any, shown: Callable[[str], str], text: str, special: bool) -> list[int]:
    """Return the tokens of a text and what is written around it.

    They are those of the whole, as the base has seen its like. Only where the text holds what
    looks like a special token are its parts read on their own, since in a text there is none.

    Args:
        tokenizer: That of the base.
        shown: Writes something around a text.
        text: What somebody typed.
        special: Whether to add the tokens that the base expects at the ends.
    """
    ids: list[int] = tokenizer(shown(text), add_special_tokens=special)["input_ids"]
    marks = [str(token) for token in tokenizer.added_tokens_decoder.values()]
    if not any(mark in text for mark in marks):
        return ids
    before, _, after = shown(_MARK).partition(_MARK)
    parts = [
        tokenizer(before, add_special_tokens=False)["input_ids"],
        _plain(tokenizer, text),
        tokenizer(after, add_special_tokens=False)["input_ids"],
    ]
    first, last = ends(tokenizer) if special else ([], [])
    return [*first, *(token for part in parts for token in part), *last]


def ends(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the tokens that the base expects before and after a text."""
    bare: list[int] = tokenizer(_MARK, add_special_tokens=False)["input_ids"]
    full: list[int] = tokenizer(_MARK)["input_ids"]
    start = next(i for i in range(len(full)) if full[i : i + len(bare)] == bare)
    return full[:start], full[start + len(bare) :]


def _plain(tokenizer: Any, text: str) -> list[int]:
    """Return the tokens of a text, none of them special, whatever it looks like."""
    ids: list[int] = tokenizer(text, add_special_tokens=False, split_special_tokens=True)[
        "input_ids"
    ]
    return ids
