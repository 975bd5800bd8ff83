"""Hearing a person out: what a message, and the files that came with it, mean for the run."""

import re
import time
from dataclasses import dataclass, replace
from typing import cast

from graph.budget import booked, fund, uncharged
from graph.situation import before, situation
from graph.state import Json, State, Wanted
from tools.examples import text_key
from tools.services import Services
from tools.splits import GIVEN
from tools.talk.change import is_empty, sound
from tools.talk.given import read_files, store_rows
from tools.talk.rules import NOT_UNDERSTOOD
from tools.talking import TALK, Change, Heard
from tools.task import Demonstration, TaskSpec
from tools.text import printable

TOLD = frozenset({"questions", "changed", "steps", "usd", "minutes", "rounds"})
"""What a listener is told of a question that was asked."""
LONGEST_MESSAGE, LONGEST_REPLY = 100_000, 4_000
LONGEST_WHY = 500
"""Characters of a person's words that a version of the task is kept with."""


@dataclass(frozen=True)
class Message:
    """What a person has sent."""

    text: str
    id: int = 0
    files: tuple[str, ...] = ()

    @classmethod
    def answer(cls, value: Json) -> "Message":
        """Read what an interrupt was resumed with."""
        files = tuple(map(str, value.get("files", ())))
        return cls(clean(str(value["text"])), int(value.get("id", 0)), files)


@dataclass(frozen=True)
class Understood:
    """A message, understood.

    Attributes:
        wanted: What `specify` takes in where the person wants something to be different.
        update: What hearing has cost, and up to where the person has been heard.
    """

    heard: Heard
    wanted: Wanted | None
    update: Json

    @property
    def intent(self) -> str:
        """What the person wants."""
        return self.heard.intent

    def reply(self, otherwise: str) -> str:
        """Return what to say to a person who was asked something."""
        if self.intent in ("stop round", "stop now"):
            return "Nothing is going on yet; I wait for your answer."
        return self.heard.reply or otherwise


def clean(text: str) -> str:
    """Return a message without control characters and wide gaps, no longer than one may be."""
    return re.sub(r"\n\s*\n\s*\n", "\n\n", printable(text)[:LONGEST_MESSAGE]).strip()


def task_of(state: State) -> TaskSpec:
    """Return the task as it stands, agreed or not."""
    draft = state.get("draft")
    return TaskSpec.model_validate(draft["spec"] if draft else state["spec"])


def hear(
    state: State, services: Services, message: Message, question: Json | None = None
) -> Understood:
    """Find out what a message means, and store the examples in it.

    Args:
        state: The state so far.
        services: Those of the run.
        message: What was said.
        question: The interrupt that it answers.
    """
    start = time.monotonic()
    fund(services, state)
    spec = task_of(state)
    # What an earlier try of this step stored must not make this one look different.
    services.store.write(_call(message), [])
    pairs, notes = read_files(services.workspace, message.files, spec)
    known = situation(state, services) | {"question": question and _asked(question)}
    known["before"] = before(services, message.id, known)
    if message.files:
        known["attached"] = {"files": len(message.files), "examples": len(pairs)}
    if message.text:
        heard = services.listener.hear(message.text, known)
    elif pairs:
        heard = Heard("amend", change=Change())
    else:
        heard = Heard("question", "I got an empty message: say it again, please.")
    heard = replace(heard, reply=printable(heard.reply)[:LONGEST_REPLY].strip())
    if notes and not pairs and heard.intent != "amend":
        # Words that mean nothing by themselves, such as "here it is", only bring the file.
        said = "" if heard.reply == NOT_UNDERSTOOD else heard.reply
        heard = replace(heard, reply="\n".join(filter(None, [*notes, said])))
    wanted: Wanted | None = None
    if heard.change or pairs:
        heard, wanted = _wanted(state, services, message, heard, pairs, notes)
    used = uncharged(state, services, TALK, TALK)
    update = booked(state, TALK, time.monotonic() - start, used)
    update["heard"] = max(message.id, state.get("heard", 0))
    return Understood(heard, wanted, update)


def _call(message: Message) -> str:
    """Return what the examples in a message are stored under."""
    return f"{GIVEN}-{message.id or text_key(message.text)}"


def _asked(question: Json) -> Json:
    """Return what was asked, without the examples: any of them may come to test."""
    data = {key: value for key, value in question["data"].items() if key in TOLD}
    return {"ask": question["ask"], "kind": question["kind"]} | data


def _wanted(
    state: State,
    services: Services,
    message: Message,
    heard: Heard,
    pairs: list[Demonstration],
    notes: list[str],
) -> tuple[Heard, Wanted | None]:
    """Return what of a change can be done; a reply in its place where nothing of it can."""
    spec = task_of(state)
    change, problems = sound(heard.change or Change(), spec, services.metrics.keys())
    rows = [*change.rows, *pairs]
    if change.size_factor and not (state.get("best") or state.get("earlier")):
        problems.append("There is no model yet to be smaller than; say how many MB it may have.")
        change = change.model_copy(update={"size_factor": None})
    change = change.model_copy(update={"rows": ()})
    said = [*notes, *problems]
    given: list[str] = []
    if rows:
        call = _call(message)
        round_ = len(state.get("rounds", [])) + 1
        stored = store_rows(services.store, call, rows, spec, round_)
        said += stored.notes
        given = [call] * bool(stored.accepted)
    if is_empty(change) and not given:
        reply = "\n".join(filter(None, [*said, heard.reply])) or "That changes nothing."
        return Heard("question", reply), None
    return Heard("amend", heard.reply, change), cast(
        Wanted,
        {
            "change": change.model_dump(mode="json"),
            "given": given,
            "notes": said,
            "words": message.text[:LONGEST_WHY],
        },
    )
