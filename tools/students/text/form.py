"""What a student reads and writes: one place, so that training and answering cannot differ."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

from tools.services import Json, ToolError

FORM = "form.json"
Kind = Literal["causal", "seq2seq"]
Style = Literal["chat", "plain", "bare"]


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
        ids = self._prompt_ids(tokenizer, text)
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
        ids: list[int]
        if self.style == "chat":
            reply = self._chat(tokenizer, "", output)[len(self._chat(tokenizer, "")) :]
            ids = tokenizer(reply.rstrip(), add_special_tokens=False)["input_ids"]
        else:
            ids = tokenizer(output, add_special_tokens=False)["input_ids"]
        ended = bool(ids) and self.style == "chat" and ids[-1] in tokenizer.all_special_ids
        return ids if ended else [*ids, tokenizer.eos_token_id]

    def _prompt_ids(self, tokenizer: Any, text: str) -> list[int]:
        if self.style == "chat":
            # The template writes what special tokens there are.
            ids: list[int] = tokenizer(self.prompt(tokenizer, text), add_special_tokens=False)[
                "input_ids"
            ]
            return ids
        if self.style == "bare":
            # Whatever the input looks like, it holds no special token.
            return [
                *tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"],
                tokenizer.sep_token_id,
            ]
        ids = tokenizer(self.prompt(tokenizer, text))["input_ids"]
        ends_already = self.kind == "causal" and ids[-1:] == [tokenizer.eos_token_id]
        return ids[:-1] if ends_already else ids

    def _chat(self, tokenizer: Any, text: str, output: str | None = None) -> str:
        """Return a conversation as the model reads it, up to where it answers or with `output`."""
        messages = [
            {"role": "system", "content": self.instruction},
            {"role": "user", "content": text},
        ]
        if output is not None:
            messages.append({"role": "assistant", "content": output})
        written: str = tokenizer.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=output is None,
            # Models that may think aloud answer at once: the training rows hold no thoughts.
            enable_thinking=False,
        )
        return written
