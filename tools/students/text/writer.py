"""A text student, loaded: it answers prompts with what its model is most sure of."""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.services import Prediction, Student
from tools.students.loading import loading
from tools.students.text.decoding import begin, rows_that_fit
from tools.students.text.form import Form

Guide = Callable[[Any, Sequence[int]], None]
"""Sets what may not come next to minus infinity, given logits and the rows that they are of."""


@dataclass
class Written:
    """What has been written in a row: tokens, without the one that ends it, and how sure it is."""

    ids: list[int] = field(default_factory=list)
    ended: bool = False
    steps: int = 0
    log_probability: float = 0.0
    lead: float = 1.0

    def add(self, token: int, best: float, second: float, stops: Collection[int]) -> None:
        """Take a token; `best` is its log-probability, `second` that of the next likely one."""
        self.steps += 1
        self.log_probability += best
        self.lead = min(self.lead, math.exp(best) - math.exp(second))
        self.ended = token in stops
        if not self.ended:
            self.ids.append(token)

    @property
    def confidence(self) -> float:
        """The geometric mean of the probabilities of the tokens, the last one included."""
        return math.exp(self.log_probability / max(1, self.steps))


def load_writer(folder: Path) -> Student:
    """Load the text student in `folder` onto the best device.

    Raises:
        ToolError: It is missing, damaged or of another kind.
    """
    import torch
    import transformers

    form = Form.load(folder)
    kinds = {
        "causal": transformers.AutoModelForCausalLM,
        "seq2seq": transformers.AutoModelForSeq2SeqLM,
    }
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with loading(str(folder), f"a {form.kind} language model"):
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model = kinds[form.kind].from_pretrained(
            folder, use_safetensors=True, trust_remote_code=False, dtype=_dtype(device, form)
        )
    return Writer(model.to(device).eval(), tokenizer, form)


def _dtype(device: str, form: Form) -> Any:
    import torch

    if device == "cpu":
        return torch.float32
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    # T5 overflows in half precision.
    return torch.float16 if form.kind == "causal" else torch.float32


class Writer:
    """Satisfies `tools.services.Student`.

    An answer that does not end within the longest completion is cut off there.
    """

    def __init__(self, model: Any, tokenizer: Any, form: Form) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._form = form
        self._stops = {form.completion_ids(tokenizer, "")[-1], tokenizer.eos_token_id}

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order; an answer does not depend on the others."""
        import torch

        prompts = [self._form.prompt_ids(self._tokenizer, text) for text in texts]
        answers: dict[int, Prediction] = {}
        with torch.inference_mode():
            for rows in self._batches(prompts):
                batch = self._answer([prompts[row] for row in rows])
                answers.update(zip(rows, batch, strict=True))
        return [answers[row] for row in range(len(texts))]

    def _batches(self, prompts: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """Yield row numbers, those of prompts of about the same length together."""
        # The longest first: what takes too much memory fails at once.
        rows = sorted(range(len(prompts)), key=lambda row: -len(prompts[row]))
        while rows:
            tokens = len(prompts[rows[0]]) + self._form.longest_completion
            size = rows_that_fit(self._model, tokens)
            yield rows[:size]
            rows = rows[size:]

    def _answer(self, prompts: Sequence[Sequence[int]]) -> list[Prediction]:
        longest = self._form.longest_completion
        written = write(self._model, prompts, self._stops, longest)
        return [Prediction(self._text(row), row.confidence, row.lead) for row in written]

    def _text(self, row: Written) -> str:
        text: str = self._tokenizer.decode(
            row.ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text.strip()


def write(
    model: Any,
    prompts: Sequence[Sequence[int]],
    stops: Collection[int],
    longest: int,
    guide: Guide | None = None,
) -> list[Written]:
    """Go on with the likeliest token, until one of `stops` or `longest` tokens in all.

    transformers' own `generate` keeps rows that have ended in the batch, and its bookkeeping takes
    longer than a step of a small model.
    """
    written = [Written() for _ in prompts]
    live = [*range(len(prompts))]
    decoding = begin(model, prompts)
    for step in range(1, longest + 1):
        if guide:
            guide(decoding.logits, live)
        best = decoding.logits.log_softmax(-1).topk(2)
        tokens = best.indices[:, 0].tolist()
        for row, token, (first, second) in zip(live, tokens, best.values.tolist(), strict=True):
            written[row].add(token, first, second, stops)
        going_on = [place for place, row in enumerate(live) if not written[row].ended]
        live = [live[place] for place in going_on]
        if not live or step == longest:
            break
        decoding.go_on(going_on, [tokens[place] for place in going_on])
    return written
