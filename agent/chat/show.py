"""Messages of a conversation as lines for a terminal."""

from textwrap import shorten, wrap
from typing import Any

from rich.console import Console
from rich.text import Text

from agent.chat.mailbox import QUESTIONS, Json, Message
from agent.facts import STOPS, facts_table, reference
from tools.text import one_line, printable

MOST_LINES = 6
"""Of a message of the person's own that are shown back."""
NEXT = "Ask about it, say what is not right yet, or give more examples: then it gets better."
_BRIEF_LINES, _BRIEF_WIDTH = 3, 160


def show(console: Console, message: Message, *, again: bool = False) -> None:
    """Print a message; what people or data have written is shown as text, whatever it holds.

    Args:
        console: Where to.
        message: What to print.
        again: Whether it is a question that was just shown: its last lines are enough.
    """
    if message.who == "user":
        console.print(_indented(console, "› ", _said(message)), style="bold cyan")
    elif message.kind == "step":
        console.print(_indented(console, "· ", one_line(message.text, 400)), style="dim")
    elif message.kind == "trouble":
        console.print(_indented(console, "! ", message.text), style="bold red")
    elif message.data.get("note"):
        console.print(Text(printable(message.text)), style="dim")
    elif message.kind == "report" and message.data["status"] == "done":
        _show_report(console, message.data)
    else:
        console.print()
        text = message.text.strip().rpartition("\n\n")[2] if again else message.text
        console.print(_indented(console, "", text.strip()))
        if message.kind in QUESTIONS or message.kind == "report":
            console.print()


def _show_report(console: Console, report: Json) -> None:
    """Print what came of a run, and what can be done with it."""
    name = reference(report)
    console.print()
    console.print(_indented(console, "", f"Your model is ready. {STOPS[report['stop_reason']]}"))
    console.print()
    console.print(facts_table(report, ("model", "stopped")))
    console.print()
    # Not folded, so that it can be copied.
    lines = (f"Model: {report['model_dir']}", f"Try it: tasksmith demo {name}")
    for line in lines:
        console.print(Text(printable(line)), soft_wrap=True)
    console.print(_indented(console, "", NEXT))
    console.print()


def gist(message: Message) -> str:
    """Return what makes a question another one: not what is left of money and time, which sinks."""
    lines = printable(message.text).splitlines()
    return "\n".join(line for line in lines if not line.startswith(("Cost: ", "Time: ")))


def brief(console: Console, message: Message) -> None:
    """Print the beginning of a message of earlier."""
    who = "› " if message.who == "user" else "  "
    lines = [line for line in printable(message.text).splitlines() if line.strip()]
    more = [" …"] if len(lines) > _BRIEF_LINES else []
    cut = [shorten(line, _BRIEF_WIDTH, placeholder="…") for line in lines[:_BRIEF_LINES]]
    console.print(_indented(console, who, "\n".join(cut + more)), style="dim")


def _indented(console: Console, mark: str, text: str) -> Text:
    """Break lines where the terminal ends, and keep what follows below its beginning."""
    rows: list[str] = []
    for line in printable(text.replace("\t", "    ")).splitlines() or [""]:
        before = mark if not rows else " " * len(mark)
        inside = " " * (len(before) + len(line) - len(line.lstrip(" -")))
        rows += wrap(before + line, console.width, subsequent_indent=inside) or [""]
    return Text("\n".join(rows))


def _said(message: Message) -> str:
    files = [f"[{name.partition('-')[2]}]" for name in message.data.get("files", [])]
    lines = message.text.splitlines()
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"… {len(lines) - MOST_LINES + 1} more lines"]
    return "\n".join([*lines, *files])


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
