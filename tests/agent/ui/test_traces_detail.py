import json
from pathlib import Path
from typing import Any

import pytest

from agent.traces.lookup import value
from agent.ui.traces_detail import FIRST, detail, whole
from agent.ui.traces_messages import conversation, laid_out
from tests.agent.traces.spans import read, span, span_id, write
from tools.trace_names import (
    ANSWERED,
    ANSWERED_BY,
    ARGUMENTS,
    ASKED,
    CACHED,
    CURVE,
    DECISION,
    ERROR,
    GAIN,
    INPUT,
    KEPT,
    MESSAGE,
    MODEL,
    OUTPUT,
    P_BETTER,
    REF,
    RESULT,
    ROUND,
    STOP_REASON,
    STUDENT,
    USD,
)

Json = dict[str, Any]


def shown(folder: Path, number: int = 1) -> Json:
    found = detail(read(folder), span_id(number))
    assert found is not None
    json.dumps(found, allow_nan=False).encode()
    return found


def texts(found: Json) -> list[tuple[str, str, str]]:
    return [
        (block["title"], block["text"], block["style"])
        for block in found["blocks"]
        if block["title"] != "As it is written"
    ]


def messages(*said: tuple[str, str]) -> str:
    parts = [{"role": r, "parts": [{"type": "text", "content": t}]} for r, t in said]
    return json.dumps(parts)


def test_a_call_is_a_conversation(tmp_path: Path) -> None:
    told = {
        MODEL: "big",
        ANSWERED_BY: "big-2",
        INPUT: 1200,
        OUTPUT: 30,
        USD: 0.002,
        ASKED: messages(("system", "Be brief."), ("user", "<b>Hi</b>")),
        ANSWERED: messages(("assistant", "Hello")),
    }
    write(tmp_path, span(1, kind="chat", told=told))
    found = shown(tmp_path)
    assert texts(found) == [
        ("system", "Be brief.", "system"),
        ("user", "<b>Hi</b>", "user"),
        ("assistant", "Hello", "assistant"),
    ]
    assert [block["folded"] for block in found["blocks"]] == [True, False, False, True]
    facts = dict(found["facts"])
    assert facts["Tokens"] == "1,200 sent, 30 received"
    assert facts["Cost"] == "0.002000 USD"
    assert facts["Model"] == "big, answered by big-2"


def test_a_call_from_the_book_costs_nothing(tmp_path: Path) -> None:
    write(tmp_path, span(1, kind="chat", told={CACHED: True, USD: 0.0}))
    assert dict(shown(tmp_path)["facts"])["Cost"].startswith("nothing")


def test_a_tool_shows_what_it_was_given_and_what_came_of_it(tmp_path: Path) -> None:
    told = {ARGUMENTS: '{"n": 5}', RESULT: "5 of 5 accepted", MESSAGE: "no disk", ERROR: "OSError"}
    write(
        tmp_path, span(1, kind="tool", name="execute_tool generate_batch", failed=True, told=told)
    )
    found = shown(tmp_path)
    assert (found["name"], found["kind"]) == ("generate_batch", "tool")
    assert texts(found) == [
        ("Error: OSError", "no disk", "error"),
        ("Arguments", '{\n  "n": 5\n}', "code"),
        ("Result", "5 of 5 accepted", "plain"),
    ]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (
            {KEPT: False, GAIN: -0.0125, P_BETTER: 0.3},
            "Against the best so far on validation: -0.013, better with a probability of 0.30. "
            "The round's data is taken out again.",
        ),
        ({KEPT: True}, "The round's data stays."),
        ({STOP_REASON: "plateau"}, "The loop ends. Validation has stopped improving."),
        ({STOP_REASON: "of its own"}, "The loop ends. of its own"),
    ],
)
def test_a_decision_is_put_in_words(tmp_path: Path, told: Json, why: str) -> None:
    write(tmp_path, span(1, name="review", told={DECISION: "round 2", ROUND: 2} | told))
    assert texts(shown(tmp_path)) == [("Decision", "round 2", "say"), ("Why", why, "say")]


def test_a_round_is_told_by_how_it_ended(tmp_path: Path) -> None:
    write(tmp_path, span(2, 1, told={DECISION: "round 1: 0.8", KEPT: True, ROUND: 1}))
    index = read(tmp_path)
    place = index.layout.round(1)[0]
    found = detail(index, index.columns.hex(index.layout.spans[place]))
    assert found is not None
    assert texts(found) == [("How it ended", "round 1: 0.8", "say")]
    assert [above["name"] for above in found["path"]] == ["cut off"]


def test_long_texts_come_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.ui.traces_detail.PIECE", 3_000)
    text = "".join(f"{number} " for number in range(3_000))
    (tmp_path / "payloads").mkdir()
    (tmp_path / "payloads/a1").write_text(text, encoding="utf-8")
    write(tmp_path, span(1, kind="tool", told={RESULT: text[:400], RESULT + REF: "payloads/a1"}))
    index = read(tmp_path)
    block = shown(tmp_path)["blocks"][0]
    assert (block["length"], block["text"]) == (len(text), text[:FIRST])
    pieces, first = [block["text"]], block["next"]
    while first is not None:
        piece = whole(index, span_id(1), 0, first)
        pieces.append(piece["text"])
        first = piece["next"]
    assert "".join(pieces) == text
    assert whole(index, span_id(1), 9, 0) == whole(index, span_id(8), 0, 0)


@pytest.mark.parametrize(
    "to", ["../secret", "/etc/passwd", "payloads/away", "payloads", "\0", "no"]
)
def test_no_reference_leads_out_of_the_run(tmp_path: Path, to: str) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    run = tmp_path / "run"
    (run / "payloads").mkdir(parents=True)
    (run / "payloads/away").symlink_to(tmp_path / "secret")
    write(run, span(1, told={RESULT: "beginning", RESULT + REF: to, CURVE: to}))
    index = read(run)
    one = index.span(0)
    assert one is not None
    assert value(run, one["attributes"], RESULT).splitlines()[0] == "beginning"
    found = shown(run)
    assert found["curves"] == []
    assert "secret" not in found["blocks"][0]["text"].replace(to, "")


def test_curves_of_a_training(tmp_path: Path) -> None:
    points = [{"part": "", "step": n, "steps": 900, "loss": 1 / n} for n in range(1, 901)]
    points += [{"part": "", "step": 900, "steps": 900, "eval_loss": 0.5, "accuracy": 0.9}]
    points += [{"part": "trial 1", "step": 1, "steps": 9, "loss": float("nan")}]
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, points)) + "\n{", encoding="utf-8")
    write(tmp_path, span(1, kind="tool", told={CURVE: "c.jsonl", STUDENT: "abc"}))
    losses, scores = shown(tmp_path)["curves"]
    assert [line["name"] for line in losses] == ["loss", "eval_loss"]
    assert len(losses[0]["points"]) == 180
    assert losses[0]["points"][-1] == (900, 1 / 900)
    assert scores == [{"name": "accuracy", "points": [(900, 0.9)]}]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    odd = "<script>alert(1)</script>\u202eabc\x1b[2J\ud800"
    told = {RESULT: odd, ASKED: messages(("user", odd)), DECISION: odd}
    write(tmp_path, span(1, name=odd, told=told))
    found = shown(tmp_path)
    assert found["name"] == "<script>alert(1)</script>␣abc [2J?"
    for title, text, _ in texts(found):
        assert not set(text) & {"\u202e", "\x1b", "\ud800"}, title


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", []),
        ("[{", [("m", "[{")]),
        ('[{"role": 3, "parts": 4}, 5]', [("m", '[{"role": 3, "parts": 4}, 5]')]),
        (
            '[{"role": "assistant", "parts": [{"type": "tool_call", "name": "f"}]}]',
            [("assistant · calls f", "null")],
        ),
        (
            '[{"role": "tool", "parts": [{"type": "tool_call_response", "response": {"a": 1}}]}]',
            [("tool · answer of the tool", '{\n  "a": 1\n}')],
        ),
        ('[{"role": "user", "parts": [{"type": "x"}]}]', [("user · x", '{\n  "type": "x"\n}')]),
    ],
)
def test_messages_of_any_form(given: str, expected: list[tuple[str, str]]) -> None:
    assert [(block.title, block.text) for block in conversation("m", given)] == expected


def test_only_json_is_laid_out() -> None:
    assert laid_out("a", '{"b":[1]}').text == '{\n  "b": [\n    1\n  ]\n}'
    assert laid_out("a", "12").text == "12"
    assert laid_out("a", "[" * 100_000).style == "plain"
