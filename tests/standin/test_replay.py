import json
from pathlib import Path

import openai
import pytest

from tests.standin.bank import load_bank
from tests.standin.brain import Teacher
from tests.standin.client import ask, said, serving
from tests.standin.replay import Replay, record
from tests.standin.server import StandIn
from tests.standin.wire import Json

TOOLS = [{"type": "function", "function": {"name": "finetune", "parameters": {}}}]


def desk(folder: Path, id_: int, body: Json, answer: Json | None) -> None:
    (folder / f"{id_}.request.json").write_text(json.dumps(body), encoding="utf-8")
    if answer is not None:
        (folder / f"{id_}.answer.json").write_text(json.dumps(answer), encoding="utf-8")


def test_records_a_desk_and_gives_its_answers_again(tmp_path: Path) -> None:
    def body(text: str, **more: object) -> Json:
        return {"model": "m", "messages": [{"role": "user", "content": text}], **more}

    desk(tmp_path, 1, body('old words {"write": 1}'), {"content": "first"})
    desk(tmp_path, 2, body("standing", tools=TOOLS), {"tool_calls": [{"name": "finetune"}]})
    desk(tmp_path, 3, body('{"write": 2}'), {"choices": [{"content": "second"}]})
    desk(tmp_path, 4, body('{"write": 3}'), None)
    path = tmp_path / "recording.jsonl"
    assert record(tmp_path, path) == 3
    with serving(StandIn(Replay(path))) as client:
        assert said(client, {"write": 7}, "new words") == "first"
        assert said(client, {"write": 8}) == "second"
        assert said(client, {"write": 7}, "new words") == "first"
        call = ask(client, {}, tools=TOOLS).choices[0].message.tool_calls[0]
        assert (call.id, call.function.name, call.function.arguments) == (
            "call_1",
            "finetune",
            "{}",
        )
        with pytest.raises(openai.APIStatusError, match="2 answers of kind 'write'") as caught:
            ask(client, {"write": 9})
    assert caught.value.status_code == 410


def test_what_a_server_logs_can_be_replayed(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    requests: list[Json] = [{"write": {"music": 1}}, {"inputs": {"1": "Skip this song"}}]
    with serving(StandIn(Teacher(load_bank("tiny")), log_file=path)) as client:
        told = [said(client, request) for request in requests]
    with serving(StandIn(Replay(path))) as client:
        assert [said(client, request, "other words") for request in requests] == told
