"""A text student, loaded: it answers prompts with what its model is most sure of."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tools.services import Prediction, Student
from tools.students.text.decoding import rows_that_fit
from tools.students.text.form import Form
from tools.students.text.labels import WIDTH, choose, trie_of
from tools.students.text.models import load_model, load_tokenizer
from tools.students.text.schema import JsonGuide, mended
from tools.students.text.writing import Written, write


def load_writer(folder: Path) -> Student:
    """Load the text student in `folder` onto the best device.

    Raises:
        ToolError: It is missing, damaged or of another kind.
    """
    import torch

    form, source = Form.load(folder), str(folder)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = load_tokenizer(source, source, form.kind)
    model = load_model(source, source, form.kind, dtype=_dtype(device, form))
    return Writer(model.to(device).eval(), tokenizer, form)


def _dtype(device: str, form: Form) -> Any:
    import torch

    if device == "cpu":
        return torch.float32
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    # T5 overflows in half precision.
    return torch.float16 if form.kind == "causal" else torch.float32


@runtime_checkable
class Counts(Protocol):
    """A student that knows the tokens of its model."""

    def count(self, text: str, output: str) -> tuple[int, int, bool]:
        """Return what the function of that name does."""
        ...


def count(student: Student, text: str, output: str) -> tuple[int, int, bool]:
    """Return the tokens of a text as a prompt, those of its answer, and whether that was cut off.

    Students that are no language models have no tokens of their own: words are counted.
    """
    if isinstance(student, Counts):
        return student.count(text, output)
    return len(text.split()), len(output.split()), False


def tokens(form: Form, tokenizer: Any, text: str, output: str) -> tuple[int, int, bool]:
    """Return what `count` does for students of this form."""
    completion = len(form.completion_ids(tokenizer, output))
    # A whole answer has its end within the longest completion.
    cut = completion > form.longest_completion
    return len(form.prompt_ids(tokenizer, text)), completion, cut


class Writer:
    """Satisfies `tools.services.Student`.

    An answer that does not end within the longest completion is cut off there.
    """

    def __init__(self, model: Any, tokenizer: Any, form: Form) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._form = form
        self._stops = {form.completion_ids(tokenizer, "")[-1], tokenizer.eos_token_id}
        self._labels = trie_of(form, tokenizer)
        scores = model.config.get_text_config(decoder=True).vocab_size
        self._guide = None
        if form.schema:
            self._guide = JsonGuide.make(tokenizer, form.schema, self._stops, scores)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order; an answer does not depend on the others."""
        import torch

        prompts = [self._form.prompt_ids(self._tokenizer, text) for text in texts]
        answers: dict[int, Prediction] = {}
        with torch.inference_mode():
            for rows in self._batches(prompts):
                batch = self._answer_at_last([prompts[row] for row in rows])
                answers.update(zip(rows, batch, strict=True))
        return [answers[row] for row in range(len(texts))]

    def count(self, text: str, output: str) -> tuple[int, int, bool]:
        """Return what `tools.students.text.writer.count` does."""
        return tokens(self._form, self._tokenizer, text, output)

    def _batches(self, prompts: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """Yield row numbers, those of prompts of about the same length together."""
        # The longest first: what takes too much memory fails at once.
        rows = sorted(range(len(prompts)), key=lambda row: -len(prompts[row]))
        while rows:
            tokens = len(prompts[rows[0]]) + self._form.longest_completion
            size = max(1, rows_that_fit(self._model, tokens) // (WIDTH if self._labels else 1))
            yield rows[:size]
            rows = rows[size:]

    def _answer_at_last(self, prompts: Sequence[Sequence[int]]) -> list[Prediction]:
        """Answer in halves what takes more memory than a GPU was estimated to have."""
        import torch

        try:
            return self._answer(prompts)
        except torch.OutOfMemoryError:
            if len(prompts) == 1:
                raise
        half = len(prompts) // 2
        return self._answer_at_last(prompts[:half]) + self._answer_at_last(prompts[half:])

    def _answer(self, prompts: Sequence[Sequence[int]]) -> list[Prediction]:
        if self._labels is not None:
            return choose(self._model, prompts, self._labels)
        longest = self._form.longest_completion
        written = write(self._model, prompts, self._stops, longest, self._guide)
        return [Prediction(self._text(row), row.confidence, row.lead) for row in written]

    def _text(self, row: Written) -> str:
        text: str = self._tokenizer.decode(
            row.ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return mended(text.strip()) if self._form.schema else text.strip()
