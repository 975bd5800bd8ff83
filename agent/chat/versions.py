"""The versions of a task that came up in its conversation: what was restated, and how they did."""

from collections.abc import Sequence

from agent.chat.mailbox import Message


def versions_of(messages: Sequence[Message]) -> dict[int, Message]:
    """Return the latest restatement of each version of the task, by its number."""
    return {int(m.data["version"]): m for m in messages if m.kind == "understood"}


def score_of(messages: Sequence[Message], version: int) -> str:
    """Return the test score of the last report before the next version was begun."""
    told = versions_of(messages)
    begins = told[version].id
    ends = min((m.id for number, m in told.items() if number > version), default=None)
    reports = [
        m.data
        for m in messages
        if m.kind == "report" and m.id > begins and (ends is None or m.id < ends)
    ]
    if not reports or reports[-1]["test"]["value"] is None:
        return "not measured"
    test = reports[-1]["test"]
    low, high = test["ci95"] or (0.0, 1.0)
    return f"{test['metric']} {test['value']:.3f} ({low:.3f} to {high:.3f}, n = {test['n']})"
