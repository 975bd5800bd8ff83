"""What happens in a run, posted into its mailbox so that nothing is said twice."""

import hashlib
import time
from typing import Any

from agent.chat.mailbox import Json, Mailbox
from agent.engine import Event
from agent.facts import summary

QUIET = frozenset({"agree", "approve"})
"""Nodes whose decisions are the person's own."""
_PROGRESS_S = 0.25
_ROUND_KEYS = ("round", "focus", "accepted", "validation", "p_better", "kept")


class Posts:
    """Posts the events of a run.

    Args:
        mailbox: Where they go.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._shown = 0.0

    def post(self, event: Event) -> None:
        """Post what a person should read of an event; a repeated step is not told again."""
        if event.kind == "progress":
            self._show(event.text)
        elif event.kind == "note":
            digest = hashlib.blake2b(event.text.encode(), digest_size=8).hexdigest()
            self._mailbox.post("said", event.text, f"note:{digest}", {"note": True})
        elif event.kind == "said":
            self._mailbox.post("said", event.text, f"reply:{event.id}")
        elif event.kind == "report":
            self._mailbox.post("report", summary(event.data), f"report:{event.id}", event.data)
        elif event.data["node"] not in QUIET:
            self._mailbox.post("step", event.text, f"step:{event.id}", _step(event.data))

    def _show(self, text: str) -> None:
        if time.monotonic() - self._shown >= _PROGRESS_S:
            self._shown = time.monotonic()
            self._mailbox.show_progress(text)


def _step(update: dict[str, Any]) -> Json:
    rounds = update.get("rounds")
    closed = {key: rounds[-1][key] for key in _ROUND_KEYS} if rounds else None
    kept = {key: update.get(key) for key in ("node", "limits", "spent")}
    return kept | {"round": closed}
