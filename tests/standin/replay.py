"""Answers recorded earlier, given again in their order."""

import json
from collections import defaultdict
from pathlib import Path
from threading import Lock

from tests.standin.log import recorded
from tests.standin.wire import Answer, Json, RefusedError, ToolCall, kind_of


class Replay:
    """Answers the i-th request of a kind with the i-th recorded answer of that kind.

    The wording of a request does not matter, so a recording outlives small changes of the prompts.
    A request that is sent again unchanged gets the same answer again.

    Args:
        path: What `record` or a stand-in's log file wrote: a JSON object a line, with `kind`,
            `request` and `answer`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._recorded: defaultdict[str, list[Json]] = defaultdict(list)
        for line in path.read_text(encoding="utf-8").splitlines():
            value = json.loads(line)
            self._recorded[value["kind"]].append(value["answer"])
        self._given: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._lock = Lock()

    def answer(self, body: Json, key: str) -> Answer:
        """Return the next answer of the kind asked for; HTTP 410 when they are used up."""
        kind = kind_of(body)
        with self._lock:
            given = self._given[kind]
            number = given.setdefault(key, len(given))
        answers = self._recorded[kind]
        if number >= len(answers):
            message = f"{self._path.name} has {len(answers)} answers of kind {kind!r}, all given"
            raise RefusedError(410, message, "recording_used_up")
        return answer_of(answers[number])


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
