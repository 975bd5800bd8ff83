"""Answers recorded earlier, given again in their order."""

import json
from collections import defaultdict
from pathlib import Path
from threading import Lock

from tests.standin.log import recorded
from tests.standin.wire import (
    Answer,
    Json,
    RefusedError,
    ToolCall,
    kind_of,
    last_object,
    text_of,
)


class Replay:
    """Answers a request with the next recorded answer of its kind, each given once.

    Of those left, one that was given to an equal request object goes first, so that it does not
    matter in which order concurrent requests arrive. The wording does not matter, so a recording
    outlives small changes of the prompts. A request sent again unchanged gets the same answer.

    Args:
        path: What `record` or a stand-in's log file wrote: a JSON object a line, with `kind`,
            `request` and `answer`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._recorded: defaultdict[str, list[tuple[Json, Json]]] = defaultdict(list)
        for line in path.read_text(encoding="utf-8").splitlines():
            value = json.loads(line)
            asked = last_object(text_of(value["request"]["last"])) or {}
            self._recorded[value["kind"]].append((asked, value["answer"]))
        self._given: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._lock = Lock()

    def answer(self, body: Json, key: str) -> Answer:
        """Return the next answer of the kind asked for; HTTP 410 when they are used up."""
        kind = kind_of(body)
        recorded = self._recorded[kind]
        with self._lock:
            given = self._given[kind]
            if key not in given:
                asked = last_object(text_of(body["messages"][-1])) or {}
                left = [n for n in range(len(recorded)) if n not in given.values()]
                if not left:
                    message = f"{self._path.name} has {len(recorded)} answers of kind {kind!r}"
                    raise RefusedError(410, f"{message}, all given", "recording_used_up")
                given[key] = next((n for n in left if recorded[n][0] == asked), left[0])
        return answer_of(recorded[given[key]][1])


def record(desk_dir: Path, path: Path) -> int:
    """Turn the answered requests of a folder of llm_desk.py into a recording.

    Returns:
        Number of answers kept.
    """
    lines = []
    for file in sorted(desk_dir.glob("*.request.json")):
        answered = file.with_name(file.name.replace(".request.", ".answer."))
        if answered.exists():
            body = json.loads(file.read_text(encoding="utf-8"))
            value = json.loads(answered.read_text(encoding="utf-8"))
            first = answer_of((value.get("choices") or [value])[0])
            lines.append(json.dumps(recorded(body, first), ensure_ascii=False) + "\n")
    part = path.with_suffix(".part")
    part.write_text("".join(lines), encoding="utf-8")
    part.replace(path)
    return len(lines)


def answer_of(value: Json) -> Answer:
    """Return an answer from JSON; arguments of tool calls may be an object or its text."""
    calls = []
    for number, call in enumerate(value.get("tool_calls") or []):
        arguments = call.get("arguments", {})
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        calls.append(ToolCall(call.get("id") or f"call_{number + 1}", call["name"], arguments))
    return Answer(value.get("content"), tuple(calls), "tool_calls" if calls else "stop")
