from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.shipping.places import tells_of_this_machine
from tests.tools.students.text.small import byte_tokenizer, llama, piece_tokenizer, save, t5, teach
from tools.services import ToolError
from tools.shipping.ship import kind_of, ship
from tools.shipping.templates import text_onnx, text_torch
from tools.shipping.texts import form_of
from tools.students.text.form import Form
from tools.students.text.writer import load_writer

PAIRS = {"lost my card": "card lost", "hi": "hello world", "wo ist sie?": "", "ok": '{"age": 3}'}
LABELS = ("card lost", "card", "hello world", "hello you")
ASKED = [*PAIRS, "", "hello " * 30, "x <b>y</b> </s>"]
FORM = Form("causal", "plain", "Say it.", (), None, 60, 12)
TEMPLATE = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
FORMS = {
    "plain": FORM,
    "bare": replace(FORM, style="bare"),
    "chat": replace(FORM, style="chat"),
    "labels": replace(FORM, labels=LABELS),
    "seq2seq": replace(FORM, kind="seq2seq"),
    "seq2seq labels": replace(FORM, kind="seq2seq", labels=LABELS),
}


@pytest.fixture(scope="module")
def students(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A student of each form, which knows PAIRS by heart."""
    folders = {}
    for name, form in FORMS.items():
        causal = form.kind == "causal"
        tokenizer = byte_tokenizer() if causal else piece_tokenizer()
        if form.style == "chat":
            tokenizer.chat_template = TEMPLATE
        model = llama(tokenizer) if causal else t5(tokenizer)
        teach(model, tokenizer, form, PAIRS, steps=30)
        folders[name] = save(model, tokenizer, form, tmp_path_factory.mktemp("student"))
    return folders


def same(student: Path, folder: Path, program: type, within: float) -> None:
    expected = load_writer(student).predict(ASKED)
    given = list(program(folder).predict(ASKED))
    assert [answer["output"] for answer in given] == [answer.output for answer in expected]
    assert [answer["confidence"] for answer in given] == pytest.approx(
        [answer.confidence for answer in expected], abs=within
    )


@pytest.mark.parametrize("name", FORMS)
def test_weights_write_as_the_student_does(
    students: dict[str, Path], tmp_path: Path, name: str
) -> None:
    kind = kind_of(students[name], "")
    assert kind == FORMS[name].kind
    ship(students[name], kind, "safetensors", tmp_path)
    same(students[name], tmp_path, text_torch.Model, 1e-3)
    assert not tells_of_this_machine(tmp_path, students[name], tmp_path)


@pytest.mark.parametrize("name", ["labels", "seq2seq"])
def test_graphs_write_as_the_student_does(
    students: dict[str, Path], tmp_path: Path, name: str
) -> None:
    shipped = ship(students[name], FORMS[name].kind, "onnx", tmp_path)
    same(students[name], tmp_path, text_onnx.Model, 1e-3)
    assert not tells_of_this_machine(tmp_path, students[name], tmp_path)
    assert any("from token to token" in note for note in shipped.notes)


def test_a_schema_is_not_enforced_and_that_is_said(
    students: dict[str, Path], tmp_path: Path
) -> None:
    student = tmp_path / "student"
    student.mkdir()
    for file in students["plain"].iterdir():
        (student / file.name).write_bytes(file.read_bytes())
    replace(FORM, schema={"type": "object"}).save(student)
    (tmp_path / "out").mkdir()
    shipped = ship(student, "causal", "safetensors", tmp_path / "out")
    assert any("JSON Schema" in note for note in shipped.notes)


def test_prompts_that_the_program_could_not_make_are_refused(
    students: dict[str, Path], tmp_path: Path
) -> None:
    student = tmp_path / "student"
    student.mkdir()
    for file in students["chat"].iterdir():
        (student / file.name).write_bytes(file.read_bytes())
    odd = TEMPLATE.replace("| trim", "| replace('o', '0')")
    (student / "chat_template.jinja").write_text(odd)
    assert form_of(student)["before"]
    (tmp_path / "out").mkdir()
    with pytest.raises(ToolError, match="are made by transformers alone"):
        ship(student, "causal", "safetensors", tmp_path / "out")


def test_a_tokenizer_that_a_small_program_cannot_read_goes_as_weights(tmp_path: Path) -> None:
    from transformers import ByT5Tokenizer

    tokenizer = ByT5Tokenizer()
    form = replace(FORM, kind="seq2seq")
    student = save(t5(tokenizer), tokenizer, form, tmp_path / "student")
    for format_ in ("onnx", "safetensors"):
        (tmp_path / format_).mkdir()
    with pytest.raises(ToolError, match="works in transformers only; export it with --format saf"):
        ship(student, "seq2seq", "onnx", tmp_path / "onnx")
    ship(student, "seq2seq", "safetensors", tmp_path / "safetensors")
    same(student, tmp_path / "safetensors", text_torch.Model, 1e-3)
