import json
import shlex
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from agent.planners.rules import RulesPlanner, batch_size, next_step

FOUND = {"id": "a/b@default", "licence": "mit", "allowed": True, "plausible": True}
FRESH: dict[str, Any] = {
    "task": {"output_type": "label", "language": "en"},
    "instruction": "sort messages",
    "labels": [],
    "rows": {"train": 0, "validation": 0, "test": 0},
    "sources": 1,
    "searched": False,
    "datasets": [],
    "tried": [],
    "imported": [],
    "bases": [],
    "failed_bases": [],
    "asked_student": None,
    "trained": None,
    "best": None,
    "round": None,
    "rounds": [],
    "earned": {},
    "teacher": {"name": "offline-teacher", "writes": False},
    "last_error": None,
    "budget_left": {"rounds": 5, "minutes": 20.0, "usd": 5.0},
}
WRITER = {"name": "some-llm", "writes": True}
ROWS = {"train": 100, "validation": 10, "test": 10}
BASES = [
    {"method": "probe", "base": "x", "download_mb": 400},
    {"method": "classifier", "base": "y", "download_mb": 0},
    {"method": "probe", "base": "y", "download_mb": 0},
]
OPEN = {"accepted": 0, "dropped": 0, "foci": ["hard"]}


def arguments(s: dict[str, Any]) -> dict[str, Any]:
    step = next_step(s)
    assert not isinstance(step, str)
    return step[1]


def done(focus: str, gain: float | None) -> dict[str, Any]:
    return {"focus": focus, "gain": gain}


@pytest.mark.parametrize(
    ("change", "tool"),
    [
        ({}, "search_hf_datasets"),
        ({"searched": True, "datasets": [FOUND]}, "map_columns"),
        ({"task": {"output_type": "text", "language": "en"}}, "search_hf_datasets"),
        ({"sources": 0, "rows": ROWS}, "pick_model"),
        ({"searched": True, "imported": ["a/b"], "rows": ROWS, "bases": BASES}, "finetune"),
        ({"trained": "s1"}, "evaluate"),
        ({"rounds": [done("import", None)], "rows": ROWS}, "generate_batch"),
        ({"rounds": [done("import", None)], "rows": ROWS, "round": OPEN}, "generate_batch"),
        (
            {
                "rounds": [done("import", None)],
                "rows": ROWS,
                "bases": BASES,
                "round": OPEN | {"accepted": 5},
            },
            "finetune",
        ),
    ],
)
def test_next_tool(change: dict[str, Any], tool: str) -> None:
    assert next_step(FRESH | change)[0] == tool


def test_a_data_set_that_failed_is_not_tried_again() -> None:
    other = FOUND | {"id": "c/d@default"}
    s = FRESH | {"searched": True, "datasets": [FOUND, other], "tried": [FOUND["id"]]}
    assert next_step(s) == ("map_columns", {"dataset": "c/d@default"})


def test_a_base_that_cannot_be_had_gives_way_to_one_on_this_machine() -> None:
    error = {
        "tool": "finetune",
        "message": "x cannot be had: the Hub answered 503",
        "of_base": True,
    }
    s = FRESH | {"sources": 0, "rows": ROWS, "bases": BASES, "last_error": error}
    assert next_step(s | {"failed_bases": ["z"]}) == (
        "finetune", {"method": "probe", "model": "y"}
    )  # fmt: skip
    assert next_step(s) == error["message"]
    assert next_step(s | {"failed_bases": ["z"], "asked_student": "z"}) == error["message"]
    assert next_step(s | {"failed_bases": ["u", "v", "w"]}) == error["message"]
    other = {"tool": "finetune", "message": "too few rows", "of_base": False}
    assert next_step(s | {"failed_bases": ["z"], "last_error": other}) == "too few rows"


def test_a_second_data_set_that_fits_about_as_well_gets_a_round_of_its_own() -> None:
    first = FOUND | {"score": 0.6}
    near, far = (
        FOUND | {"id": f"{n}@default", "score": s} for n, s in (("c/d", 0.57), ("e/f", 0.3))
    )
    s = FRESH | {
        "searched": True, "rows": ROWS, "bases": BASES, "datasets": [first, near, far],
        "imported": ["a/b"], "tried": [first["id"]], "rounds": [done("start", None)],
    }  # fmt: skip
    assert next_step(s) == ("map_columns", {"dataset": "c/d@default"})
    assert next_step(s | {"tried": [first["id"], near["id"]]})[0] == "generate_batch"
    assert next_step(s | {"rows": ROWS | {"train": 9_000}})[0] == "generate_batch"
    other_config = near | {"id": "a/b@other"}
    assert next_step(s | {"datasets": [first, other_config]})[0] == "generate_batch"


def test_a_blocked_licence_is_named_with_the_way_out() -> None:
    blocked = FOUND | {"allowed": False, "licence": "other"}
    step = next_step(FRESH | {"searched": True, "datasets": [blocked]})
    assert isinstance(step, str)
    assert "--allow-license other" in step


def test_the_way_out_can_be_given_to_a_shell() -> None:
    licence = "(apache-2.0 OR mit) AND other"
    blocked = FOUND | {"allowed": False, "licence": licence}
    step = next_step(FRESH | {"searched": True, "datasets": [blocked]})
    assert shlex.split(str(step).partition("allow it with ")[2]) == ["--allow-license", licence]


def test_the_user_may_choose_the_student_by_method_or_base() -> None:
    s = FRESH | {"sources": 0, "rows": ROWS, "bases": BASES}
    assert arguments(s) == {"method": "probe", "model": "x"}
    assert arguments(s | {"asked_student": "classifier"}) == {
        "method": "classifier",
        "model": "y",
    }


def test_hyperparameters_are_chosen_anew_only_when_the_data_have_grown() -> None:
    best = {"method": "probe", "base": "x", "hyperparameters": {"C": 1.0}, "train_rows": 90}
    s = FRESH | {"rows": ROWS, "bases": BASES, "rounds": [done("import", None)], "best": best}
    s["round"] = OPEN | {"accepted": 10}
    assert arguments(s)["hyperparameters"] == {"C": 1.0}
    s["best"] = best | {"train_rows": 60}
    assert "hyperparameters" not in arguments(s)
    s["best"] = best | {"method": "classifier"}
    assert "hyperparameters" not in arguments(s)


def test_a_student_on_no_list_is_taken_for_a_base() -> None:
    s = FRESH | {"sources": 0, "rows": ROWS, "bases": BASES, "asked_student": "/models/mine"}
    assert arguments(s) == {"model": "/models/mine"}
    listed = {"method": "sft", "base": "/home/models/mine", "asked": True, "download_mb": 0}
    s["bases"] = [listed, *BASES]
    assert arguments(s) == {"method": "sft", "model": "/home/models/mine"}


def earned(gain: float, tokens: int = 0, rounds: int = 1) -> dict[str, Any]:
    return {"gain": gain, "tokens": tokens, "rounds": rounds}


def test_untried_focus_first_then_the_one_that_earned_most() -> None:
    s = FRESH | {"rows": ROWS, "rounds": [done("import", None)], "earned": {"hard": earned(0.1)}}
    assert arguments(s)["focus"] != "hard"
    tried = {"cover": earned(0.0), "repair": earned(-0.1)}
    tried |= {"hard": earned(0.1), "balance": earned(0.05)}
    assert arguments(s | {"earned": tried})["focus"] == "hard"


def test_a_gain_is_measured_by_the_tokens_it_cost() -> None:
    tried = {focus: earned(0.0, 1_000) for focus in ("balance", "repair")}
    tried |= {"cover": earned(0.04, 80_000), "hard": earned(0.03, 10_000)}
    s = FRESH | {"rows": ROWS | {"train": 900}, "rounds": [done("import", None)], "teacher": WRITER}
    assert arguments(s | {"earned": tried})["focus"] == "hard"


def test_a_teacher_that_writes_begins_where_there_is_nothing() -> None:
    s = FRESH | {"sources": 0, "labels": ["a", "b"], "teacher": WRITER}
    assert next_step(s) == ("generate_batch", {"n": 120, "focus": "cover"})
    empty = s | {"round": OPEN | {"foci": ["cover"]}}
    assert isinstance(next_step(empty), str)
    assert isinstance(next_step(s | {"teacher": FRESH["teacher"]}), str)


def test_stops_when_every_focus_came_back_empty() -> None:
    foci = ["hard", "cover", "repair", "balance"]
    s = FRESH | {"rows": ROWS, "rounds": [done("import", None)], "round": OPEN | {"foci": foci}}
    assert isinstance(next_step(s), str)


@pytest.mark.parametrize("tool", ["pick_model", "finetune", "evaluate"])
def test_a_failure_without_a_way_round_ends_the_run(tool: str) -> None:
    error = {"tool": tool, "message": "cannot"}
    s = FRESH | {"sources": 0, "rows": ROWS, "last_error": error, "trained": "s1"}
    assert next_step(s) == "cannot"


def test_call_ids_go_on_counting_after_the_history_was_cut() -> None:
    history = [
        SystemMessage("go"),
        HumanMessage("sort"),
        AIMessage("", tool_calls=[{"name": "pick_model", "args": {}, "id": "call_41"}]),
        ToolMessage("ok", tool_call_id="call_41"),
        HumanMessage(json.dumps(FRESH), name="standing"),
    ]
    answer = RulesPlanner().invoke(history)
    assert [call["id"] for call in answer.tool_calls] == ["call_42"]


def test_batches_grow_with_the_data_within_bounds() -> None:
    def sizes(teacher: dict[str, Any], labels: int) -> list[int]:
        s = FRESH | {"teacher": teacher, "labels": ["x"] * labels}
        return [batch_size(s | {"rows": {"train": n}}) for n in (0, 80, 400, 100_000)]

    assert sizes(FRESH["teacher"], 77) == [20, 20, 100, 500]
    assert sizes(WRITER, 2) == [60, 60, 100, 500]
    assert sizes(WRITER, 77) == [462, 462, 462, 500]


def test_a_teacher_that_writes_covers_before_it_contrasts() -> None:
    tried = {"cover": earned(-0.1, 1_000)}
    s = FRESH | {"rounds": [done("import", None)], "teacher": WRITER, "earned": tried}
    assert arguments(s | {"rows": {"train": 299}})["focus"] == "cover"
    assert arguments(s | {"rows": {"train": 300}})["focus"] == "hard"
    assert arguments(s | {"rows": {"train": 900}, "labels": ["x"] * 77})["focus"] == "cover"


TEXT = FRESH | {"task": {"output_type": "text", "language": "en"}, "sources": 0}


def test_a_text_task_without_rows_begins_with_more_of_them() -> None:
    s = TEXT | {"teacher": WRITER, "rows": ROWS | {"train": 20}}
    assert next_step(s) == ("generate_batch", {"n": 240, "focus": "cover"})
    assert next_step(s | {"rows": ROWS})[0] == "pick_model"


def test_texts_are_covered_contrasted_and_balanced_and_never_repaired() -> None:
    s = TEXT | {"teacher": WRITER, "rows": ROWS | {"train": 900}, "rounds": [done("start", None)]}
    asked: list[str] = []
    while not isinstance(step := next_step(s | {"round": OPEN | {"foci": asked}}), str):
        asked.append(step[1]["focus"])
    assert sorted(asked) == ["balance", "cover", "hard"]
    assert step == "the teacher has nothing more to add"


def test_a_teacher_that_writes_no_texts_is_not_asked_to() -> None:
    step = next_step(TEXT | {"rows": ROWS, "rounds": [done("start", None)]})
    assert isinstance(step, str)
    assert "--teacher MODEL" in step


def test_no_data_for_a_student_that_could_not_be_trained_in_time() -> None:
    s = TEXT | {"teacher": WRITER, "rows": ROWS, "rounds": [done("start", None)]}
    assert next_step(s | {"best": {"minutes_for_another": 19.0}})[0] == "generate_batch"
    late = next_step(s | {"best": {"minutes_for_another": 21.0}})
    assert late == "another student would take about 21.0 min, and 20.0 are left"
