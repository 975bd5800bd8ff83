"""What a page tells of a model, and which rows it shows."""

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from agent.demo.about import about
from agent.demo.examples import LONGEST, examples
from agent.demo.weaknesses import doubt, weaknesses
from agent.export.finished import Finished
from agent.export.rows import select
from tools.examples import ExampleStore, Scored

PRIVATE = "PRIVATE"


def with_report(done: Finished, **changes: Any) -> Finished:
    return replace(done, report=done.report | changes)


def section(told: dict[str, Any], title: str) -> dict[str, Any]:
    (found,) = [one for one in told["sections"] if one["title"] == title]
    return dict(found)


def test_what_a_page_tells(done: Finished) -> None:
    told = about(done, others_see=False)
    assert json.loads(json.dumps(told)) == told
    title = told["title"].removesuffix(" …")
    assert done.spec.instruction.startswith(title + " ")
    assert len(title) <= 80
    assert told["task"] == done.spec.instruction
    assert [label["name"] for label in told["labels"]] == list(done.spec.label_names)
    test = done.report["test"]
    quality = section(told, "How good it is")
    assert quality["lines"][0].startswith(f"accuracy {test['value']:.3f} (95% interval ")
    assert f"on {test['n']} rows" in quality["lines"][1]
    assert "the user's own test rows" in quality["lines"][1]
    assert quality["table"][1] == ["this model", f"{test['value']:.3f}"]
    limits = section(told, "Limits")["lines"]
    assert any("English" in line for line in limits)
    assert any("also where none fits" in line for line in limits)
    licences = section(told, "Licence and data")
    assert ["hotelgast/reviews_sentiment", "cc-by-4.0"] in [r[:2] for r in licences["table"]]


def test_examples_are_training_rows_of_different_labels(done: Finished) -> None:
    shown = examples(done, others_see=False)
    output = {row.input: row.output for row in done.rows["train"]}
    assert len(shown) == len(set(shown)) == 6
    assert len({output[text] for text in shown}) == min(6, len(set(output.values())))
    assert not {row.input for row in done.rows["test"]} & set(shown)
    assert all(len(text) <= LONGEST for text in shown)


def test_others_see_no_rows_of_the_users(done: Finished) -> None:
    mine = {row.input for row in done.rows["train"] if row.source == "user"}
    assert mine & set(examples(done, others_see=False))
    free = {row.input for row in select(done, my_rows=False).rows["train"]}
    shown = examples(done, others_see=True)
    assert shown
    assert set(shown) <= free - mine


def test_what_was_not_measured_is_said(done: Finished) -> None:
    bare = with_report(done, test=done.report["test"] | {"value": None, "metric": None})
    assert section(about(bare, others_see=False), "How good it is")["lines"] == [
        "Not measured: there were no test rows."
    ]
    poor = done.report["baselines"] | {"majority": 1.0}
    weak = with_report(done, baselines=poor, evidence="synthetic")
    lines = section(about(weak, others_see=False), "How good it is")["lines"]
    assert any(line.startswith("Beware: ") for line in lines)
    assert any("No person has labelled" in line for line in lines)


def scored(done: Finished, split: str, wrong: int) -> Finished:
    """The run as if a student had answered its training rows, `wrong` unsure ones wrongly."""
    rows = done.rows["train"]
    given = [
        Scored(row.id, "wrong" if n < wrong else row.output, 0.3 + 0.6 * n / len(rows), 0.1)
        for n, row in enumerate(rows)
    ]
    student = done.student.model_copy(update={"student": f"{split}-{wrong}"})
    with closing(ExampleStore(done.run.folder / "data.sqlite")) as store:
        store.save_predictions(student.student, split, given)
    return replace(done, student=student)


def test_unsure_is_what_was_wrong_more_often(done: Finished) -> None:
    rows = len(done.rows["train"])
    found = doubt(scored(done, "oof", rows // 10))
    assert found.below == pytest.approx(0.3 + 0.6 * (rows // 5) / rows)
    assert f"against 1.00 on rows held out of training ({rows:,} of them)" in found.said
    # Where the unsure ones are as often right, confidence says nothing; and test rows never tell.
    for other in (scored(done, "oof", 0), scored(done, "test", rows // 10)):
        assert doubt(other).below == 0.5


def test_weak_labels_and_confusions(done: Finished) -> None:
    rows = done.rows["test"]
    first = rows[0].output
    given = [Scored(r.id, "other" if r.output == first else r.output, 0.5, 0.1) for r in rows]
    student = done.student.model_copy(update={"student": "weak"})
    with closing(ExampleStore(done.run.folder / "data.sqlite")) as store:
        store.save_predictions("weak", "test", given)
    lines, table = weaknesses(replace(done, student=student), others_see=True)
    n = sum(row.output == first for row in rows)
    assert lines == [f"{first} is taken for other: {n} of the test rows"]
    assert table == [["weakest labels", "F1", "test rows"], [first, "0.00", f"{n}"]]


def test_what_names_words_of_texts_is_not_for_others(done: Finished) -> None:
    weak = {
        "regions": [{"label": PRIVATE, "taken_for": "other words", "n": 3}],
        "slices": [
            {"by": "form", "name": PRIVATE, "n": 9, "value": 0.25},
            {"by": "input length", "name": "up to 12 words", "n": 9, "value": 0.5},
        ],
    }
    spec = done.spec.model_copy(update={"output_type": "text"})
    texts = with_report(replace(done, spec=spec), weak=weak)
    mine, others = (weaknesses(texts, others_see=seen)[0] for seen in (False, True))
    assert mine == [
        f"{PRIVATE}: other words, 3 training rows held out",
        f"form {PRIVATE}: 0.25 on 9 validation rows",
        "input length up to 12 words: 0.50 on 9 validation rows",
    ]
    assert others == mine[-1:]
