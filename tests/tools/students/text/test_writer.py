import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tools.students.text.small import byte_tokenizer, llama, piece_tokenizer, save, t5, teach
from tools.services import Prediction, Student, ToolError
from tools.students.text.form import Form
from tools.students.text.writer import load_writer

PAIRS = {"lost my card": "card lost", "hi": "hello world", "wo ist sie?": "", "ok": '{"age": 3}'}
FORM = Form("causal", "plain", "Say what you have learned.", (), None, 200, 12)
Loaded = tuple[Student, Path]


@pytest.fixture(scope="module", params=["causal", "seq2seq"])
def taught(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """A student that knows PAIRS by heart."""
    form = replace(FORM, kind=request.param)
    causal = form.kind == "causal"
    tokenizer = byte_tokenizer() if causal else piece_tokenizer()
    model = llama(tokenizer) if causal else t5(tokenizer)
    teach(model, tokenizer, form, PAIRS)
    folder = save(model, tokenizer, form, tmp_path_factory.mktemp("taught"))
    return load_writer(folder), folder


def outputs(answers: list[Prediction]) -> list[str]:
    return [answer.output for answer in answers]


def test_it_says_what_it_has_learned_and_how_sure_it_is(taught: Loaded) -> None:
    answers = taught[0].predict([*PAIRS])
    assert outputs(answers) == [*PAIRS.values()]
    assert all(0.5 < answer.confidence <= 1 for answer in answers)
    assert all(0 < answer.margin < 1 for answer in answers)


def test_answers_depend_on_nothing_else_in_the_batch(taught: Loaded) -> None:
    student = taught[0]
    texts = [*PAIRS, "", "a card " * 9, "world", "hello " * 30, "hi", "x"]
    together = student.predict(texts)
    for alone in (student.predict(texts[::-1])[::-1], [student.predict([t])[0] for t in texts]):
        assert outputs(alone) == outputs(together)
        for one, other in zip(alone, together, strict=True):
            assert one.confidence == pytest.approx(other.confidence, abs=1e-4)
            assert one.margin == pytest.approx(other.margin, abs=1e-4)


def test_the_likeliest_tokens_are_those_of_generate(taught: Loaded) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

    student, folder = taught
    form, tokenizer = Form.load(folder), AutoTokenizer.from_pretrained(folder)
    causal = form.kind == "causal"
    model: Any = (AutoModelForCausalLM if causal else AutoModelForSeq2SeqLM).from_pretrained(folder)
    for text in ("lost it", "world", "wo"):
        ids = torch.tensor([form.prompt_ids(tokenizer, text)])
        written = model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_length=None,
            max_new_tokens=form.longest_completion, pad_token_id=tokenizer.pad_token_id,
        )[0, ids.shape[1] if causal else 1 :]  # fmt: skip
        expected: Any = tokenizer.decode(written, skip_special_tokens=True)
        assert student.predict([text])[0].output == expected.strip()


def test_inputs_of_any_length(taught: Loaded) -> None:
    empty, endless = taught[0].predict(["", "hi there " * 110_000])
    assert taught[0].predict([]) == []
    assert 0 < empty.confidence <= 1
    assert 0 < endless.confidence <= 1


def test_an_answer_without_end_is_cut_off(taught: Loaded, tmp_path: Path) -> None:
    shutil.copytree(taught[1], tmp_path, dirs_exist_ok=True)
    replace(Form.load(tmp_path), longest_completion=1).save(tmp_path)
    cut = load_writer(tmp_path).predict(["hi"])[0]
    assert cut.output
    assert "hello world".startswith(cut.output)
    assert cut.output != "hello world"


def test_many_rows_of_a_large_vocabulary_are_many_batches() -> None:
    from tools.students.text.decoding import rows_that_fit

    model = llama(byte_tokenizer())
    model.config.vocab_size = 150_000
    assert 1 < rows_that_fit(model, 200) < 256
    assert rows_that_fit(model, 100_000) == 1


def test_a_batch_that_takes_too_much_memory_is_halved(
    taught: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from tools.students.text import writer, writing

    answer = writing.write

    def narrow(model: Any, prompts: Any, *more: Any) -> Any:
        if len(prompts) > 2:
            raise torch.OutOfMemoryError
        return answer(model, prompts, *more)

    texts = [*PAIRS, "x", "y", "z"]
    expected = outputs(taught[0].predict(texts))
    monkeypatch.setattr(writer, "write", narrow)
    assert outputs(taught[0].predict(texts)) == expected


@pytest.mark.parametrize("damage", ["form.json", "config.json", "model.safetensors", "pickle"])
def test_a_damaged_folder_is_one_line(taught: Loaded, tmp_path: Path, damage: str) -> None:
    shutil.copytree(taught[1], tmp_path, dirs_exist_ok=True)
    if damage == "pickle":
        (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    else:
        content = (tmp_path / damage).read_bytes()
        (tmp_path / damage).write_bytes(content[: len(content) // 2])
    with pytest.raises(ToolError, match=r"^\S.{10,}$"):
        load_writer(tmp_path)
