"""Messages of a conversation as lines for a terminal."""

from textwrap import shorten
from typing import Any

from rich.console import Console
from rich.text import Text

from agent.chat.mailbox import QUESTIONS, Message
from tools.text import one_line, printable

_STYLES = {"trouble": "bold red", "step": "dim", "report": "bold"}
_BRIEF_LINES, _BRIEF_WIDTH = 3, 160


def show(console: Console, message: Message) -> None:
    """Print a message; what people or data have written is shown as text, whatever it holds."""
    if message.who == "user":
        console.print(_indented("› ", _said(message)), style="bold cyan")
    elif message.kind == "step":
        console.print(_indented("· ", _step(message)), style="dim")
    elif message.kind == "trouble":
        console.print(_indented("! ", message.text), style="bold red")
    elif message.data.get("note"):
        console.print(Text(printable(message.text)), style="dim")
    else:
        console.print()
        console.print(_indented("", message.text))
        if message.kind in QUESTIONS or message.kind == "report":
            console.print()


def brief(console: Console, message: Message) -> None:
    """Print the beginning of a message of earlier."""
    who = "› " if message.who == "user" else "  "
    lines = [line for line in printable(message.text).splitlines() if line.strip()]
    more = [" …"] if len(lines) > _BRIEF_LINES else []
    cut = [shorten(line, _BRIEF_WIDTH, placeholder="…") for line in lines[:_BRIEF_LINES]]
    console.print(_indented(who, "\n".join(cut + more)), style="dim")


def _indented(mark: str, text: str) -> Text:
    first, *others = printable(text.replace("\t", "    ")).splitlines() or [""]
    return Text("\n".join([mark + first, *(" " * len(mark) + line for line in others)]))


def _said(message: Message) -> str:
    files = [f"[{name.partition('-')[2]}]" for name in message.data.get("files", [])]
    lines = message.text.splitlines()
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"… {len(lines) - MOST_LINES + 1} more lines"]
    return "\n".join([*lines, *files])


MOST_LINES = 6
"""Of a message of the person's own that are shown back."""


def _step(message: Message) -> str:
    round_ = message.data.get("round")
    if message.data.get("node") != "review" or not round_:
        return one_line(message.text, 400)
    return f"{round_line(round_)} {one_line(message.text, 300)}"


def round_line(round_: dict[str, Any]) -> str:
    """Return what a round came to, in a line."""
    validation = round_["validation"] or {}
    interval = validation.get("ci95")
    score = "not scored"
    if validation.get("value") is not None:
        score = f"{validation['value']:.3f} on validation"
        score += f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else ""
    kept = "kept" if round_["kept"] else "not kept"
    return f"Round {round_['round']} ({round_['focus']}): {score}, {kept}."
