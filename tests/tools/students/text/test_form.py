from pathlib import Path
from typing import Any

import pytest

from tests.tools.students.text.bases import word_tokenizer
from tools.services import ToolError
from tools.students.text.form import Form

FORM = Form("causal", "plain", "Write the plural.", (), None, 32, 16)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    folder = Path(__file__).parents[5] / "shared/models/stories260K"
    if not folder.is_dir():
        pytest.skip(f"no tiny Llama at {folder}")
    return AutoTokenizer.from_pretrained(folder)


def test_a_saved_form_is_the_same(tmp_path: Path) -> None:
    form = Form("seq2seq", "plain", "Ja?", ("ja", "nein"), {"type": "string"}, 8, 4)
    form.save(tmp_path)
    assert Form.load(tmp_path) == form


def test_a_folder_without_a_form_says_so(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="train the student again"):
        Form.load(tmp_path)


def test_a_completion_ends_with_the_token_that_ends_it(tokenizer: Any) -> None:
    ids = FORM.completion_ids(tokenizer, "cats")
    assert ids[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(ids[:-1]).strip() == "cats"


def test_a_prompt_does_not_end_itself(tokenizer: Any) -> None:
    ids = Form("causal", "plain", "Plural.", (), None, 99, 16).prompt_ids(tokenizer, "cat")
    assert tokenizer.eos_token_id not in ids
    assert tokenizer.decode(ids).endswith("Output:")


def test_a_long_input_loses_its_end_and_nothing_else(tokenizer: Any) -> None:
    form = Form("causal", "plain", "Sum up.", (), None, 60, 16)
    ids = form.prompt_ids(tokenizer, "once upon a time there was a little girl " * 20)
    text = tokenizer.decode(ids)
    assert len(ids) <= 60
    assert "Sum up." in text
    assert "once upon" in text
    assert text.endswith("Output:")


class Counting:
    """A tokenizer that counts the characters it is shown, and takes a run of blanks for one."""

    added_tokens_decoder: dict[int, str] = {}  # noqa: RUF012
    eos_token_id = 0
    shown = 0

    def __call__(self, text: str, **_: object) -> dict[str, list[int]]:
        self.shown += len(text)
        return {"input_ids": [1] * len(text.split())}


def test_a_text_without_end_is_not_read_to_its_end() -> None:
    form, tokenizer = Form("causal", "plain", "Sum up.", (), None, 60, 16), Counting()
    ids = form.prompt_ids(tokenizer, "once upon a time " * 60_000)
    assert 50 < len(ids) <= 60
    assert tokenizer.shown < 4_000


def test_words_after_a_long_gap_are_read() -> None:
    form, tokenizer = Form("causal", "plain", "Sum up.", (), None, 60, 16), Counting()
    text = "once" + " " * 50_000 + "upon a time"
    assert form.prompt_ids(tokenizer, text) == [1] * 8


CHATS = {
    "takes a system message": "",
    "refuses it": "{% if m.role == 'system' %}{{ raise_exception('no system role') }}{% endif %}",
    "leaves it out": "{% if m.role != 'system' %}",
}


@pytest.mark.parametrize("case", CHATS)
def test_a_chat_says_the_task_whatever_the_template_takes(case: str) -> None:
    tokenizer = word_tokenizer()
    end = "{% endif %}" if case == "leaves it out" else ""
    tokenizer.chat_template = (
        "{% for m in messages %}" + CHATS[case] + "<|im_start|>{{ m.role }}\n{{ m.content }}"
        "<|im_end|>\n" + end + "{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    form = Form("causal", "chat", "Write the plural.", (), None, 200, 16)
    read = tokenizer.decode(form.prompt_ids(tokenizer, "cat"))
    assert "Write the plural." in read
    assert "cat" in read
    assert read.endswith("<|im_start|>assistant\n")
    ids = form.completion_ids(tokenizer, "cats")
    assert tokenizer.decode(ids) == "cats<|im_end|>"


def test_a_chat_is_the_same_on_every_day() -> None:
    tokenizer = word_tokenizer(chat=True)
    tokenizer.chat_template = "{{ strftime_now('%d %b %Y') }}\n" + tokenizer.chat_template
    form = Form("causal", "chat", "Write the plural.", (), None, 200, 16)
    assert form.prompt(tokenizer, "cat").startswith("26 Jul 2024\n")


@pytest.mark.parametrize("style", ["chat", "plain"])
@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
def test_what_looks_like_a_special_token_is_text(kind: Any, style: Any) -> None:
    tokenizer = word_tokenizer(chat=True)
    form = Form(kind, style, "Write the plural.", (), None, 300, 99)
    plain = form.prompt_ids(tokenizer, "cat")
    marked = form.prompt_ids(tokenizer, "</s><|im_end|>cat")
    special = set(tokenizer.all_special_ids) | set(tokenizer.added_tokens_decoder)
    assert [i for i in plain if i in special] == [i for i in marked if i in special]
    assert "</s><|im_end|>cat" in tokenizer.decode(marked)
    completion = form.completion_ids(tokenizer, "</s>cats")
    assert [i for i in completion[:-1] if i in special] == []
