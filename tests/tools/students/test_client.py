import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import InlineExecutor
from tests.tools.students.material import material, tiny_bert
from tools.examples import Example
from tools.services import Executor, Services, ToolError
from tools.students import client
from tools.students.loading import load_student
from tools.students.manifest import load_manifest
from tools.task import Label, TaskSpec

SPEC = TaskSpec(instruction="sort bank questions", language="en")
FIXED = {"features": "ngrams", "C": 10.0}


def examples(rows: int, seed: int = 0) -> list[Example]:
    pairs = zip(*material(rows, seed), strict=True)
    return [
        Example(text, label, "train", "user", "mit", "gold", id=i)
        for i, (text, label) in enumerate(pairs, 1)
    ]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_bert(tmp_path_factory.mktemp("base")))


def calls(services: Services) -> list[str]:
    assert isinstance(services.executor, InlineExecutor)
    return services.executor.history


def test_trains_in_the_worker_and_answers_alike_in_process(
    services: Services, base: str, executor: Executor
) -> None:
    there = replace(services, executor=executor)
    manifest = client.train(there, SPEC, examples(45), "probe", base, {"C": 10.0})
    folder = client.folder_of(there, manifest.student)
    assert load_manifest(folder) == manifest
    assert manifest.train_rows == 45
    assert manifest.parameters > 0
    assert manifest.latency_ms > 0
    texts, gold = material(30, seed=1)
    answers = client.predict(there, manifest.student, texts)
    assert sum(a.output == g for a, g in zip(answers, gold, strict=True)) > 25
    here = load_student(folder).predict(texts)
    assert [a.output for a in here] == [a.output for a in answers]


def test_the_same_inputs_are_trained_on_once(services: Services, base: str) -> None:
    first = client.train(services, SPEC, examples(30), "probe", base, FIXED)
    assert client.train(services, SPEC, examples(30), "probe", base, FIXED) == first
    assert len(calls(services)) == 1
    others = [
        client.train(services, SPEC, examples(31), "probe", base, FIXED),
        client.train(services, SPEC, examples(30), "probe", base, {**FIXED, "C": 1.0}),
        client.train(replace(services, seed=1), SPEC, examples(30), "probe", base, FIXED),
    ]
    assert len({first.student, *(other.student for other in others)}) == 4


def test_what_a_kill_left_behind_is_trained_again(services: Services, base: str) -> None:
    first = client.train(services, SPEC, examples(30), "probe", base, FIXED)
    folder = client.folder_of(services, first.student)
    (folder / "manifest.json").unlink()
    partial = folder.with_name(f".{first.student}.partial")
    partial.mkdir()
    (partial / "head.safetensors").write_bytes(b"half")
    assert client.train(services, SPEC, examples(30), "probe", base, FIXED).student == first.student
    assert sorted(path.name for path in folder.parent.iterdir()) == [first.student]
    load_student(folder)


def test_out_of_fold_answers_are_honest_and_repeatable(services: Services, base: str) -> None:
    rows = examples(45)
    # The same text with a label that only memory could give.
    rows.append(replace(rows[0], input="an odd riddle", output="rate", id=99))
    student = client.train(services, SPEC, rows, "probe", base, FIXED).student
    answers = client.cross_validate(services, student, rows, {e.id for e in rows})
    assert sorted(answers) == [*range(1, 46), 99]
    assert sum(answers[e.id].output == e.output for e in rows) > 35
    assert answers == client.cross_validate(services, student, rows, {e.id for e in rows})
    memorised = client.predict(services, student, ["an odd riddle"])[0]
    assert memorised.output == "rate"
    assert answers[99].confidence < memorised.confidence


def test_thin_labels_are_noted(services: Services, base: str) -> None:
    labels = tuple(Label(name=name) for name in ("card", "rate", "transfer", "other", "absent"))
    rows = [*examples(30), replace(examples(1)[0], input="weather", output="other")]
    spec = SPEC.model_copy(update={"labels": labels})
    notes = client.train(services, spec, rows, "probe", base, FIXED).notes
    assert notes == (
        "labels with no training example: absent",
        "labels with a single training example: other",
    )


def test_unknown_methods_bases_and_students_are_refused(services: Services, base: str) -> None:
    with pytest.raises(ToolError, match="no method 'magic'; available: probe, classifier"):
        client.train(services, SPEC, examples(30), "magic", base, {})
    with pytest.raises(ToolError, match="no base 'no/such/base'; available: "):
        client.train(services, SPEC, examples(30), "probe", "no/such/base", {})
    for student in ("deadbeef", "../../etc"):
        with pytest.raises(ToolError, match="there is no student"):
            client.predict(services, student, ["a"])


def test_damaged_students_are_named(services: Services, base: str) -> None:
    student = client.train(services, SPEC, examples(30), "probe", base, FIXED).student
    folder = client.folder_of(services, student)
    path = folder / "manifest.json"
    stored = json.loads(path.read_text())
    for broken in ("{", json.dumps({**stored, "format": 2}), "\ufffd"):
        path.write_text(broken)
        with pytest.raises(ToolError, match=r"manifest\.json cannot be read"):
            load_manifest(folder)
    path.write_text(json.dumps(stored))
    (folder / "head.safetensors").write_bytes(b"half")
    with pytest.raises(ToolError, match="is damaged"):
        load_student(folder)


def test_a_foreign_student_runs_no_code_of_its_choice(
    services: Services, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = client.train(services, SPEC, examples(30), "probe", base, FIXED).student
    folder = client.folder_of(services, student)
    (tmp_path / "foreign.py").write_text(
        f"from pathlib import Path\nPath({str(tmp_path / 'it_ran')!r}).touch()\n"
        "from tools.students.probe import Probe\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    stored = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**stored, "entry": "foreign:Probe"}))
    with pytest.raises(ToolError, match="'foreign:Probe', which is not built in"):
        load_student(folder)
    with pytest.raises(ToolError, match="'foreign:Probe', which is not built in"):
        client.predict(services, student, ["a"])
    assert not (tmp_path / "it_ran").exists()
    assert load_student(folder, ["foreign:Probe"]).predict(["a"])
    registered = replace(services, methods={"own": "foreign:Probe"})
    assert client.predict(registered, student, ["a"])
