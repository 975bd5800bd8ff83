from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from tests.tools.students.material import tiny_bert
from tests.tools.students.text import bases
from tests.tools.students.text.small import piece_tokenizer, t5
from tools.services import Json, ToolError, TrainingSet, UnfitBaseError, silent
from tools.students.curve import Curve
from tools.students.text import watch
from tools.students.text.form import Form
from tools.students.text.plan import Plan, load_spent
from tools.students.text.seq2seq import Seq2Seq
from tools.students.text.sft import Sft

pytestmark = pytest.mark.usefixtures("libraries")
FAST: Json = {"epochs": 4, "batch_size": 16, "learning_rate": 3e-3}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bases.llama(tmp_path_factory.mktemp("base"))


def data(rows: int, **given: Any) -> TrainingSet:
    texts, outputs = bases.task(rows)
    return TrainingSet(texts, outputs, instruction=bases.INSTRUCTION, output_type="text", **given)


def fit(base: Path | str, folder: Path, given: TrainingSet, asked: Json) -> tuple[Any, list[str]]:
    folder.mkdir(exist_ok=True, parents=True)
    heard: list[str] = []
    return Sft().fit(given, str(base), asked, folder, heard.append), heard


def test_scratch_learns_and_answers_what_it_held_out(tmp_path: Path) -> None:
    given = data(240)
    asked = {"epochs": 6, "batch_size": 16}
    fitted, heard = fit("scratch", tmp_path, given, asked)
    assert 16 <= len(fitted.held_out) <= 24
    right = [answer.output == given.outputs[row] for row, answer in fitted.held_out.items()]
    assert sum(right) > 0.8 * len(right)
    assert "dev 0." in heard[-1] or "dev 1." in heard[-1]
    assert heard[-1].startswith("epoch ")
    assert Form.load(tmp_path).style == "bare"
    assert fitted.hyperparameters | asked == fitted.hyperparameters


class CrashError(Exception):
    """Stands for the end of a process."""


def test_a_training_that_crashed_comes_to_the_same_weights(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {**FAST, "epochs": 2}
    monkeypatch.setattr(watch, "_SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(watch, "_MOST_ON_CHECKPOINTS", 1e9)
    monkeypatch.setattr(watch, "_SECONDS_BETWEEN_MESSAGES", 0.0)
    curves = [tmp_path / "whole.curve.jsonl", tmp_path / "resumed.curve.jsonl"]
    fit(base, tmp_path / "whole", data(120, curve=curves[0]), asked)
    given = data(120, checkpoints=tmp_path / "checkpoints", curve=curves[1])

    def stop(message: str) -> None:
        if "step 7 of" in message:
            raise CrashError

    with pytest.raises(CrashError):
        Sft().fit(given, str(base), asked, tmp_path, stop)
    steps = [int(path.name.split("-")[1]) for path in given.checkpoints.glob("checkpoint-*")]  # type: ignore[union-attr]
    # The newest checkpoint was cut off.
    (given.checkpoints / f"checkpoint-{max(steps)}/trainer_state.json").write_text('{"glob')  # type: ignore[operator]
    _, heard = fit(base, tmp_path / "resumed", given, asked)
    assert f"step {min(steps) + 1} of" in heard[0]
    whole = load_file(tmp_path / "whole/model.safetensors")
    resumed = load_file(tmp_path / "resumed/model.safetensors")
    assert all((whole[name] == resumed[name]).all() for name in whole)
    points = Curve(curves[0]).points()
    assert points == Curve(curves[1]).points()
    assert [p["step"] for p in points if "loss" in p] == list(range(1, points[0]["steps"] + 1))
    assert [p["step"] for p in points if "eval_score" in p][-1] == points[0]["steps"]


def test_stops_when_the_time_is_over(base: Path, tmp_path: Path) -> None:
    fitted, _ = fit(base, tmp_path, data(120, seconds=0.01), FAST)
    assert "to fit 0 s" in fitted.notes[0] or "were over" in fitted.notes[0]
    assert fitted.held_out


def test_several_trainings_where_there_is_time(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.students.text.tuning.MOST_TRIALS", 2)
    monkeypatch.setattr(
        "tools.students.text.planning.usual",
        lambda *_: {**FAST, "epochs": 1, "warmup": 0.1, "weight_decay": 0.01, "adam_beta2": 0.99,
                    "adapter": "none", "rank": 4},
    )  # fmt: skip
    kept = tmp_path / "checkpoints"
    curve = tmp_path / "student.curve.jsonl"
    given = data(110, seconds=60, checkpoints=kept, curve=curve)
    fitted, _ = fit(base, tmp_path / "student", given, {})
    assert len({point["part"] for point in Curve(curve).points()}) == 2
    assert "the best of 2 trainings" in fitted.notes[-1]
    assert len([*kept.glob("trial-*")]) == 1


@pytest.mark.parametrize("rows", [20, 120])
def test_a_training_that_diverges_leaves_no_student(base: Path, tmp_path: Path, rows: int) -> None:
    with pytest.raises(ToolError, match="diverged: .* choose a lower learning_rate"):
        fit(base, tmp_path, data(rows), {**FAST, "learning_rate": 3e38})
    assert not [*tmp_path.glob("*.safetensors")]


def test_one_row_is_enough_and_has_no_one_to_watch(base: Path, tmp_path: Path) -> None:
    fitted, heard = fit(base, tmp_path, data(1), FAST)
    assert not fitted.held_out
    assert heard[-1].startswith("epoch 4 of 4, step 4 of 4, loss ")


def test_rows_that_cannot_be_learned_are_counted(base: Path, tmp_path: Path) -> None:
    texts, outputs = bases.task(30)
    given = data(30)
    long = replace(
        given, texts=[*texts[:-1], "cat " * 500], outputs=[*outputs[:-2], "dog " * 500, " "]
    )
    fitted, _ = fit(base, tmp_path, long, {**FAST, "epochs": 1})
    assert len(fitted.notes) == 2
    assert fitted.notes[0] == "rows with an empty output, left out: 1"
    assert fitted.notes[1].endswith(" tokens, left out: 1")


@pytest.mark.parametrize(
    ("outputs", "message"),
    [([" ", ""], "no row with an output"), (["cat " * 500] * 2, "choose a base with a longer")],
)
def test_says_what_it_cannot_learn_from(
    base: Path, tmp_path: Path, outputs: list[str], message: str
) -> None:
    given = TrainingSet(["a", "b"], outputs, output_type="text")
    with pytest.raises(ToolError, match=message):
        fit(base, tmp_path, given, FAST)


def test_a_task_that_fills_the_context_is_too_long(base: Path, tmp_path: Path) -> None:
    with pytest.raises(UnfitBaseError, match="say it in fewer words"):
        fit(base, tmp_path, replace(data(4), instruction="cat dog " * 80), FAST)


def test_refuses_bases_of_another_kind(base: Path, tmp_path: Path) -> None:
    with pytest.raises(UnfitBaseError, match="for the method sft"):
        Seq2Seq().fit(data(4), str(base), {}, tmp_path, silent)
    encoder = tiny_bert(tmp_path / "bert")
    with pytest.raises(UnfitBaseError, match="for the methods probe and classifier"):
        fit(encoder, tmp_path, data(4), {})
    with pytest.raises(ToolError, match="adapter 'qlora' needs a GPU"):
        fit(base, tmp_path, data(4), {"adapter": "qlora"})


def test_takes_fewer_rows_at_a_time_when_memory_runs_out(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes, spent = [], []

    def run(folder: Path, *_: object) -> list[str]:
        plan = Plan.load(folder)
        assert plan
        sizes.append((plan.micro(1), plan.passes(1), plan.checkpointed))
        spent.append(load_spent(folder))
        if len(sizes) == 1:
            raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 B")
        raise MemoryError

    monkeypatch.setattr("tools.students.text.training.run", run)
    with pytest.raises(UnfitBaseError, match="even with one row at a time"):
        fit(base, tmp_path, data(20), {**FAST, "batch_size": 4})
    assert sizes == [(4, 1, False), (2, 2, False), (1, 4, False), (1, 4, True)]
    assert 0 == spent[0] < spent[1] < spent[2] < spent[3]


def test_a_full_disk_is_named(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "student"
    folder.mkdir()
    (folder / "tokenizer_config.json").symlink_to("/dev/full")
    with pytest.raises(ToolError, match=f"no room left on the disk of {folder}"):
        fit(base, folder, data(4), {**FAST, "epochs": 1})


def test_a_label_task_is_answered_with_labels(tmp_path: Path) -> None:
    base = bases.flan(tmp_path / "base")
    texts, outputs = bases.task(30)
    given = TrainingSet(texts, outputs, labels=sorted({*outputs}), instruction="Sort.")
    folder = tmp_path / "student"
    folder.mkdir()
    Seq2Seq().fit(given, str(base), {**FAST, "epochs": 1}, folder, silent)
    answers = Seq2Seq().load(folder).predict(texts[:5])
    assert {answer.output for answer in answers} <= {*outputs}


def test_labels_that_a_base_cannot_tell_apart_are_found_before_training(tmp_path: Path) -> None:
    tokenizer = piece_tokenizer()
    base = tmp_path / "base"
    t5(tokenizer).save_pretrained(base)
    tokenizer.save_pretrained(base)
    given = TrainingSet(["a", "b"] * 4, ["é", "ü"] * 4, labels=["é", "ü"], instruction="Sort.")
    heard: list[str] = []
    with pytest.raises(UnfitBaseError, match="cannot tell label 'é' from 'ü'"):
        Seq2Seq().fit(given, str(base), FAST, tmp_path, heard.append)
    assert heard == []
