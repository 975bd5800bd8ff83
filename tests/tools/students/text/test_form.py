from pathlib import Path
from typing import Any

import pytest

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
