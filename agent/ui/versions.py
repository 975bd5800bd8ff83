"""The versions of a task that came up in its conversation, and how they differ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.chat.mailbox import Message
from agent.chat.versions import score_of, versions_of
from agent.errors import UserError
from agent.ui.context import QUIET, Context
from agent.ui.safe import block, notice, render
from agent.ui.standing import standing

if TYPE_CHECKING:
    import gradio as gr


def differences(messages: Sequence[Message], old: int, new: int) -> str:
    """Return how two versions differ and how they scored, HTML."""
    from tools.talk.versions import compare
    from tools.task import TaskSpec

    known = versions_of(messages)
    if old not in known or new not in known:
        return notice("Choose two versions.")
    specs = [TaskSpec.model_validate(known[number].data["spec"]) for number in (old, new)]
    scores = [(number, score_of(messages, number)) for number in (old, new)]
    return render("differences.html", lines=compare(*specs), scores=scores)


def add_versions(context: Context) -> None:
    """Add the comparison of versions to the tab being built."""
    import gradio as gr

    with gr.Accordion("Versions of the task", open=False) as box:
        with gr.Row():
            old = gr.Dropdown([], label="From version", interactive=True)
            new = gr.Dropdown([], label="To version", interactive=True)
        shown = block()

    def offer(name: str | None) -> list["gr.Dropdown"]:
        known = sorted(versions_of(_messages(context, name)))
        last_two = [None, None, *known][-2:]
        return [gr.Dropdown(choices=known, value=value) for value in last_two]

    def compare(name: str | None, first: int | None, second: int | None) -> str:
        if first is None or second is None:
            return notice("There is one version so far." if second else "There is none so far.")
        return differences(_messages(context, name), first, second)

    for event in (box.expand, context.run.change):
        event(offer, context.run, [old, new], **QUIET).then(
            compare, [context.run, old, new], shown, **QUIET
        )
    for choice in (old, new):
        choice.input(compare, [context.run, old, new], shown, **QUIET)


def _messages(context: Context, name: str | None) -> Sequence[Message]:
    try:
        return standing(context.find(name or "")).talk.messages
    except UserError:
        return ()
