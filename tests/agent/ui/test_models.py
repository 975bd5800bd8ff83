import json
from contextlib import closing
from pathlib import Path
from typing import Any

from agent.runs import Run
from agent.ui.models import Model, differences, models_of, side_by_side
from agent.ui.models_tab import compared_html, table_html
from agent.ui.standing import overview
from tests.agent.ui.pages import SPEC, begun, finished, talked
from tests.agent.ui.test_safe import HOSTILE
from tools.examples import Example, ExampleStore, Scored


def change(run: Run, **values: Any) -> None:
    path = run.folder / "report.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


def models(out: Path) -> dict[str, Model]:
    return {model.run: model for model in models_of(overview(out), out)}


def test_only_runs_with_a_model_are_listed(tmp_path: Path) -> None:
    done = finished(tmp_path)
    talked(begun(tmp_path))
    empty = finished(tmp_path)
    change(empty, student=None, status="failed")
    assert [*models(tmp_path)] == [done.id]
    assert "No run has come to a model yet" in table_html([])


def test_differences_are_said_in_words(tmp_path: Path) -> None:
    large = finished(tmp_path, 0.92)
    small = finished(tmp_path, 0.7, size_mb=9.09, latency_ms=2.7)
    change(small, task=SPEC | {"metric": "accuracy", "labels": [{"name": "late"}]})
    found = models(tmp_path)
    said = "\n".join(differences(found[large.id], found[small.id]))
    assert f"{large.id} scores 0.220 higher, on different test rows" in said
    assert f"{small.id} is 10.0 times smaller." in said
    assert f"{small.id} answers 5.0 times faster." in said
    assert f"Only {large.id} knows the labels damaged, lost." in said


def test_models_that_nobody_can_compare(tmp_path: Path) -> None:
    first, second, third = (finished(tmp_path) for _ in range(3))
    nothing = {"metric": None, "value": None, "ci95": None, "n": 0}
    change(second, test=nothing)
    change(third, test={"metric": "macro_f1", "value": 0.5, "ci95": None, "n": 3})
    found = models(tmp_path)
    assert "has not been tested" in differences(found[first.id], found[second.id])[0]
    assert "measured differently" in differences(found[first.id], found[third.id])[0]
    html = table_html([*found.values()])
    assert html.count("<circle") == 2


def test_on_the_same_rows_chance_has_a_number(tmp_path: Path) -> None:
    good, bad = finished(tmp_path, 1.0), finished(tmp_path, 0.5)
    for run, wrong in ((good, 0), (bad, 10)):
        answered(run, wrong)
    found = models(tmp_path)
    said = differences(found[good.id], found[bad.id])[0]
    assert said == f"{good.id} scores 0.500 higher on the same 20 test rows (P(better) 1.00)."


def test_rows_of_another_version_are_not_compared_with_answers(tmp_path: Path) -> None:
    good, bad = finished(tmp_path, 1.0), finished(tmp_path, 0.5)
    for run, wrong in ((good, 0), (bad, 10)):
        answered(run, wrong)
    with closing(ExampleStore(bad.folder / "data.sqlite")) as store:
        store.relabel({"late": "delayed"})
    bad.update(status="waiting")
    found = models(tmp_path)
    said = differences(found[good.id], found[bad.id])[0]
    assert said.startswith(f"{good.id} scores 0.500 higher; {bad.id} has changed its task since")


def answered(run: Run, wrong: int) -> None:
    """Have a run hold twenty test rows, of which its student gets some wrong."""
    rows = [Example(f"text {number}", "late", "test", "user", "", "gold") for number in range(20)]
    with closing(ExampleStore(run.folder / "data.sqlite")) as store:
        store.write("call", rows)
        scored = [
            Scored(example.id, "lost" if number < wrong else "late", 1.0, 1.0)
            for number, example in enumerate(store.accepted("test"))
        ]
        store.save_predictions("abc", "test", scored)


def test_side_by_side_marks_what_differs(tmp_path: Path) -> None:
    for value in (0.9, 0.8):
        finished(tmp_path, value)
    found = [*models(tmp_path).values()]
    rows = {name: (values, differ) for name, values, differ in side_by_side(found)}
    assert rows["test"] == (["accuracy 0.800", "accuracy 0.900"], True)
    assert rows["base"][1] is False
    html = compared_html(found, [model.run for model in found])
    assert "scores 0.100 higher" in html
    assert "Choose two models" in compared_html(found, [found[0].run, "gone"])


def test_names_of_models_are_text(tmp_path: Path) -> None:
    for _ in range(2):
        change(finished(tmp_path, base=HOSTILE), evidence=HOSTILE)
    found = [*models(tmp_path).values()]
    for html in (table_html(found), compared_html(found, [model.run for model in found])):
        assert "<script" not in html
        assert "&lt;script&gt;" in html
