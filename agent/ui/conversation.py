"""A conversation as the page shows it, worked out of what the mailbox holds."""

from dataclasses import dataclass

from agent.chat.mailbox import Message
from agent.models import OFFLINE, RULES, Role, is_configured
from agent.settings import Settings
from agent.ui.safe import MOST_SHOWN, notice, render
from agent.ui.standing import Standing

MOST_MESSAGES = 200
"""Messages shown, the latest ones; a page that holds thousands is slow to draw."""
GREETING = (
    "Say what the model should do, as you would say it to a person: what goes in, what should "
    "come out. Examples help, in the message or as a file. Before anything is done you see what "
    "was understood, and what it would cost."
)
_ASKS = {
    "understood": ("Yes, that's right", "Anything wrong? Say what, or press the button"),
    "proposal": ("Go ahead", "Anything to be different? Say what, or press the button"),
    "question": ("Yes", "Your answer"),
}


@dataclass(frozen=True)
class View:
    """What the tab shows of a run.

    Attributes:
        run: Id of the run; empty for none.
        talk: The conversation, HTML.
        live: What goes on at this moment, HTML; empty where nothing does.
        question: Id of the open question, if there is one.
        yes: What the button that agrees says; None where there is nothing to agree to.
        hint: What the message box says while it is empty.
    """

    run: str
    talk: str
    live: str
    question: int | None
    yes: str | None
    hint: str


EMPTY_HINT = "What should the model do?"


def view_of(stands: Standing | None) -> View:
    """Return what is shown of a run, or of none yet."""
    if stands is None:
        return View("", _talk(()), "", None, None, EMPTY_HINT)
    talk = stands.talk
    question = talk.question
    progress = talk.progress[1] if talk.progress else ""
    yes, hint = _ASKS[question.kind] if question else (None, _hint(stands.status))
    return View(
        run=stands.run,
        talk=_talk(talk.messages, stands.task),
        live=_live(stands, progress),
        question=question.id if question else None,
        yes=yes if question and question.kind != "question" else None,
        hint=hint,
    )


def _hint(status: str) -> str:
    if status == "running":
        return "Ask what is going on, or say what you want to be different"
    return "What should be different, or what do you want to know?"


def _talk(messages: tuple[Message, ...], task: str = "") -> str:
    latest = messages[-MOST_MESSAGES:]
    return render(
        "conversation.html",
        messages=latest,
        hidden=len(messages) - len(latest),
        greeting=f"Nothing has been said about this run: {task}" if task else GREETING,
        most=MOST_SHOWN,
    )


def _live(stands: Standing, progress: str) -> str:
    """Return the line on what goes on: work, or why there is none."""
    if stands.status == "running":
        stop = {"round": " It stops after this round.", "now": " It stops."}
        line = (progress or "Working") + stop.get(stands.talk.stop or "", "")
        return render("live.html", line=line)
    if stands.status == "interrupted":
        return notice("Paused. Say “go on”, or press Resume in Runs.", "warning")
    if stands.broken:
        return notice("Stopped by an error. Resume in Runs goes on once it is mended.", "warning")
    return ""


def models_line(settings: Settings) -> str | None:
    """Return how to have an LLM, in one line; None where every role has one."""
    stand_ins: tuple[tuple[Role, str | None, str], ...] = (
        ("planner", settings.planner, RULES),
        ("teacher", settings.teacher, OFFLINE),
    )
    lacking = [
        role
        for role, chosen, stand_in in stand_ins
        if chosen == stand_in or not (chosen or settings.model or is_configured(role, settings))
    ]
    if not lacking:
        return None
    return (
        f"No LLM as {' and '.join(lacking)}: fixed rules take its place, and understand and write "
        "less. To have one, set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own, and "
        "start the page again."
    )
