"""What answers: a teacher that knows a bank of examples, and a planner that follows the rules."""

import json
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

from tests.standin.bank import Bank, plain
from tests.standin.schema import conform, enum_of
from tests.standin.wire import (
    Answer,
    Json,
    RefusedError,
    ToolCall,
    forms_of,
    kind_of,
    request_object,
    schema_of,
)

ATTRIBUTES = {
    "writer": ["a teenager", "an office worker", "a pensioner", "a second-language speaker"],
    "register": ["casual", "neutral", "formal"],
    "length": ["a few words", "one sentence", "two or three sentences"],
    "situation": ["in a hurry", "for the first time", "after something went wrong"],
}
SUBJECTS = ["the usual matter", "a question about it", "a complaint about it", "a rare matter"]


class Brain(Protocol):
    """Answers chat requests; called by many threads at once."""

    def answer(self, body: Json, key: str) -> Answer:
        """Return the answer to a request.

        Args:
            body: The request.
            key: Hash of the request and the number of the choice; the same key, the same answer.

        Raises:
            RefusedError: The request gets an HTTP error.
        """
        ...


class Planner:
    """Answers with the tool call that the rules planner would make."""

    def answer(self, body: Json, key: str) -> Answer:
        # It imports langchain, which a server that only teaches need not wait for.
        from agent.planners.rules import next_step

        del key
        standing = request_object(body, ["rounds"])
        if not standing:
            raise RefusedError(400, "no message of this request ends with a standing")
        step = next_step(standing)
        if isinstance(step, str):
            return Answer(step)
        name, arguments = step
        made = sum(len(message.get("tool_calls") or []) for message in body["messages"])
        call = ToolCall(f"call_{made + 1}", name, json.dumps(arguments, ensure_ascii=False))
        return Answer(None, (call,), "tool_calls")


class Teacher:
    """Answers request objects from a bank of examples, and requests with tools by `planner`."""

    def __init__(self, bank: Bank, planner: Brain | None = None) -> None:
        self.bank = bank
        self._planner = planner or Planner()
        # What was written is remembered, since drawing it again would give other rows.
        self._lock = Lock()
        self._written: dict[str, list[tuple[str, str]]] = {}
        self._answers: dict[str, Callable[[Json, Json, str], Json]] = {
            "write": self._write,
            "inputs": self._answer_inputs,
            "attributes": self._attributes,
            "subjects": self._subjects,
            "rows": self._rewrite,
            "plan": self._plan,
            "task": self._task,
            "hear": self._hear,
            "imagine": self._imagine,
        }

    def answer(self, body: Json, key: str) -> Answer:
        kind = kind_of(body)
        if kind == "planner":
            return self._planner.answer(body, key)
        schema = schema_of(body)
        if kind == "other" and not body.get("response_format"):
            return Answer("This is a stand-in; it only knows the request objects of this project.")
        known = kind in self._answers
        asked = request_object(body) | {"forms": forms_of(body)}
        value: Any = self._answers[kind](asked, schema, key) if known else {}
        if schema:
            value = conform(value, schema)
        return Answer(json.dumps(value, ensure_ascii=False))

    def _write(self, asked: Json, schema: Json, key: str) -> Json:
        del schema
        with self._lock:
            if key not in self._written:
                hard = bool(asked.get("hard"))
                self._written[key] = self.bank.write(asked["write"], hard, key, asked["forms"])
            pairs = self._written[key]
        return {"examples": [{"input": i, "output": o} for i, o in pairs]}

    def _answer_inputs(self, asked: Json, schema: Json, key: str) -> Json:
        allowed = enum_of(schema, "output")
        outputs = [
            {"id": id_, "output": self.bank.answer(text, allowed, key)}
            for id_, text in asked["inputs"].items()
        ]
        return {"outputs": outputs}

    def _attributes(self, asked: Json, schema: Json, key: str) -> Json:
        del asked, schema, key
        return {"attributes": [{"name": n, "values": v} for n, v in ATTRIBUTES.items()]}

    def _subjects(self, asked: Json, schema: Json, key: str) -> Json:
        del schema, key
        labels = asked["subjects"]["labels"]
        if not labels:
            return {"subjects": list(SUBJECTS)}
        named = [{"label": n, "values": [f"{n}, {s}" for s in SUBJECTS]} for n in labels]
        return {"subjects": named}

    def _rewrite(self, asked: Json, schema: Json, key: str) -> Json:
        allowed = enum_of(schema, "output")
        examples = []
        for number, values in asked["rows"].items():
            texts = [value for value in values.values() if isinstance(value, str) and value]
            if texts:
                text = max(texts, key=len)
                output = self.bank.answer(text, allowed, key)
                examples.append({"row": number, "input": text, "output": output})
        return {"examples": examples}

    def _plan(self, asked: Json, schema: Json, key: str) -> Json:
        del schema, key
        columns = ", ".join(map(str, asked["plan"].get("columns", [])))
        return {"plan": f"Take the longest text of {columns} as input; answer it as the task says."}

    def _task(self, asked: Json, schema: Json, key: str) -> Json:
        del schema, key
        text = asked["task"]["text"]
        known = asked["task"].get("labels", [])
        # Outputs of which most occur once are texts, whatever the task happens to quote.
        repeated = self.bank.labels if 2 * len(self.bank.labels) <= len(self.bank.rows) else []
        labels = known or [label for label in repeated if plain(label) in plain(text)]
        return {
            "instruction": text.strip().split("\n\n")[0],
            "output_type": "label" if labels else "text",
            "labels": [{"name": n, "meaning": f"{n}, as the name says"} for n in labels],
            "language": "en",
        }

    def _hear(self, asked: Json, schema: Json, key: str) -> Json:
        """Understand what the rules do, and answer what they do not."""
        # It imports what reads examples, which a server that only teaches need not wait for.
        from tools.talk.rules import RulesListener

        del schema, key
        said = asked["hear"]
        heard = RulesListener().hear(said["text"], said["situation"])
        change = heard.change.model_dump(mode="json", exclude_none=True) if heard.change else {}
        renamed = change.pop("rename_labels", {})
        change.pop("rows", None)
        change["rename_labels"] = [{"old": old, "new": new} for old, new in renamed.items()]
        return {"intent": heard.intent, "reply": heard.reply, "change": change}

    def _imagine(self, asked: Json, schema: Json, key: str) -> Json:
        allowed = enum_of(schema, "output")
        texts = [f"{key[:4]} {row.input}" for row in self.bank.rows[: asked["imagine"]["n"]]]
        examples = [{"input": t, "output": self.bank.answer(t, allowed, key)} for t in texts]
        return {"examples": examples}
