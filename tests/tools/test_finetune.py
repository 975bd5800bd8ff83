import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.small_task import make_call, rows
from tests.tools.students.material import tiny_bert
from tests.tools.students.text import bases
from tools.finetune import _seconds, finetune
from tools.services import Call, ToolError, UnfitBaseError
from tools.splits import INTAKE
from tools.students import METHODS, client
from tools.students.manifest import MANIFEST, StudentManifest
from tools.students.ranking import TRAINING_SHARE
from tools.students.text.tuning import Tuned


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    made = make_call(tmp_path)
    yield replace(made, services=replace(made.services, methods=METHODS))
    made.services.store.close()


def test_trains_on_what_is_left_after_the_split(call: Call, tmp_path: Path) -> None:
    base = str(tiny_bert(tmp_path / "bert"))
    store = call.services.store
    store.write(INTAKE, rows(60, "train", 0, "gold"))
    fixed = {"features": "ngrams", "C": 10.0}
    text, artifact = finetune(call, model=base, hyperparameters=fixed)
    assert store.count("test") > 0
    assert artifact["train_rows"] == store.count("train") < 60
    assert artifact["tool"] == "finetune"
    assert artifact["method"] == "probe"
    assert artifact["hyperparameters"] == fixed
    assert json.loads(json.dumps(artifact)) == artifact
    assert {"student", "base", "parameters", "size_mb", "latency_ms", "seconds", "notes"} <= {
        *artifact
    }
    assert artifact["student"] in text
    assert finetune(call, model=base, hyperparameters=fixed) == (text, artifact)


def test_a_base_larger_than_the_user_wants_is_refused(call: Call, tmp_path: Path) -> None:
    base = str(tiny_bert(tmp_path / "bert"))
    call.services.store.write(INTAKE, rows(60, "train", 0, "gold"))
    with pytest.raises(ToolError, match=r"the user wants at most 0\.001 MB; choose a smaller base"):
        finetune(call, model=base, most_mb=0.001)
    without = {"features": "ngrams", "C": 10.0}
    assert finetune(call, model=base, hyperparameters=without, most_mb=0.001)
    assert finetune(call, model=base, hyperparameters={"C": 1.0, "features": "both"}, most_mb=9.0)


def test_without_examples_it_says_what_to_do(call: Call) -> None:
    with pytest.raises(ToolError, match="import a data set with map_columns or give --examples"):
        finetune(call)


def test_a_task_for_texts_is_not_given_to_what_answers_with_labels(call: Call) -> None:
    call.services.store.write("imported", rows(30, "train", 0))
    written = replace(call, spec=call.spec.model_copy(update={"output_type": "text"}))
    labelling = {name: METHODS[name] for name in ("probe", "classifier")}
    only = replace(written, services=replace(call.services, methods=labelling))
    with pytest.raises(ToolError, match="text output needs a training method"):
        finetune(only)
    own = METHODS | {"writer": "own:Writer"}
    able = replace(written, services=replace(call.services, methods=own))
    named: tuple[dict[str, Any], ...] = ({"method": "probe"}, {"model": "probe"})
    for asked in named:
        with pytest.raises(ToolError, match="probe gives labels, and the task asks for text"):
            finetune(able, **asked)


def test_unknown_methods_and_bases_are_listed(call: Call) -> None:
    call.services.store.write("imported", rows(30, "train", 0))
    with pytest.raises(ToolError, match="no method 'magic'; available: probe, classifier"):
        finetune(call, method="magic")
    with pytest.raises(ToolError, match="no base 'no/such/base'; available"):
        finetune(call, model="no/such/base")


def test_what_is_wrong_with_the_rows_is_no_fault_of_the_base(call: Call, tmp_path: Path) -> None:
    base = str(tiny_bert(tmp_path / "bert"))
    call.services.store.write("imported", [r for r in rows(60, "train", 0) if r.output == "card"])
    with pytest.raises(ToolError, match="all training examples have label 'card'") as caught:
        finetune(call, model=base, method="classifier")
    assert not caught.value.of_base
    (tmp_path / "bert" / "model.safetensors").write_bytes(b"damaged")
    call.services.store.write("more", rows(60, "train", 1))
    with pytest.raises(UnfitBaseError, match="cannot load"):
        finetune(call, model=base, method="classifier")


@pytest.fixture
def writing(call: Call) -> Call:
    """A call of a task for texts, with rows."""
    call.services.store.write("imported", rows(30, "train", 0))
    return replace(call, spec=call.spec.model_copy(update={"output_type": "text"}))


def test_an_encoder_is_no_base_for_texts(writing: Call, tmp_path: Path) -> None:
    base = str(tiny_bert(tmp_path / "bert"))
    needed = "of kind encoder, and this task needs a base of kind causal or seq2seq"
    for method in (None, "sft"):
        with pytest.raises(ToolError, match=needed):
            finetune(writing, model=base, method=method)


def test_a_method_is_told_of_a_base_of_another_kind(writing: Call) -> None:
    with pytest.raises(ToolError, match="scratch is of kind causal, and seq2seq trains seq2seq"):
        finetune(writing, model="scratch", method="seq2seq")
    with pytest.raises(ToolError, match="seq2seq needs the name of a base"):
        finetune(writing, method="seq2seq")


def test_what_could_not_be_scored_in_time_is_not_trained(writing: Call) -> None:
    writing.services.store.write("test", rows(300, "test", 0))
    with pytest.raises(UnfitBaseError, match=r"would take about .* to answer the 300 rows"):
        finetune(writing, model="scratch", seconds_left=0.001)


def test_time_for_another_is_that_of_one_training_not_of_a_search(writing: Call) -> None:
    manifest = StudentManifest(
        student="0123456789ab", method="sft", entry=METHODS["sft"], base="scratch",
        hyperparameters={}, seed=0, labels=(), parameters=1, size_mb=1, latency_ms=1,
        train_rows=30, seconds=400, notes=(Tuned({}, 0.5, 4, 0).note or "",), language="en",
        instruction="Sort.", output_type="text",
    )  # fmt: skip
    folder = client.folder_of(writing.services, manifest.student)
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(manifest.model_dump_json())
    writing.services.store.write("validation", rows(30, "validation", 0))
    again = replace(writing, best=manifest.student)
    with pytest.raises(ToolError, match=r"would take about 3 min, and 2 are left"):
        _seconds(again, "sft", "scratch", 60, 150.0)
    assert _seconds(again, "sft", "scratch", 30, 150.0) == TRAINING_SHARE * 150.0


def test_what_does_not_fit_memory_is_too_large_however_slow_it_is(
    writing: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = bases.llama(tmp_path / "llama")
    monkeypatch.setattr("tools.students.machine.Machine.memory_gb", 0.5)
    with pytest.raises(UnfitBaseError, match="too large for this machine: sft would take about 1"):
        finetune(writing, model=str(base), seconds_left=0.001)
