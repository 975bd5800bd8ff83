"""The versions of a task that came up in its conversation, and how they differ."""

from typing import TYPE_CHECKING, Any

from agent.errors import UserError
from agent.ui.context import QUIET, Context
from agent.ui.safe import block, notice, render
from agent.ui.standing import Standing, standing

if TYPE_CHECKING:
    import gradio as gr

Json = dict[str, Any]


def versions(stands: Standing) -> dict[int, Json]:
    """Return the specs that were restated to the person, by version; the last wording of each."""
    told = [m.data for m in stands.talk.messages if m.kind == "understood" and m.data.get("spec")]
    return {int(data["version"]): data["spec"] for data in told}


def differences(stands: Standing, old: int, new: int) -> str:
    """Return how two versions differ, HTML."""
    from tools.talk.versions import compare
    from tools.task import TaskSpec

    known = versions(stands)
    if old not in known or new not in known:
        return notice("Choose two versions.")
    lines = compare(TaskSpec.model_validate(known[old]), TaskSpec.model_validate(known[new]))
    return render("differences.html", old=old, new=new, lines=lines)


def add_versions(context: Context) -> None:
    """Add the comparison of versions to the tab being built."""
    import gradio as gr

    with gr.Accordion("Versions of the task", open=False) as box:
        with gr.Row():
            old = gr.Dropdown([], label="From version", interactive=True)
            new = gr.Dropdown([], label="To version", interactive=True)
        shown = block()

    def offer(name: str | None) -> list["gr.Dropdown"]:
        known = sorted(versions(_stands(context, name)))
        last_two = [None, None, *known][-2:]
        return [gr.Dropdown(choices=known, value=value) for value in last_two]

    def compare(name: str | None, first: int | None, second: int | None) -> str:
        if first is None or second is None:
            return notice("There is one version so far." if second else "There is none so far.")
        return differences(_stands(context, name), first, second)

    for event in (box.expand, context.run.change):
        event(offer, context.run, [old, new], **QUIET).then(
            compare, [context.run, old, new], shown, **QUIET
        )
    for choice in (old, new):
        choice.input(compare, [context.run, old, new], shown, **QUIET)


def _stands(context: Context, name: str | None) -> Standing:
    try:
        return standing(context.find(name or ""))
    except UserError:
        return Standing("", "", "damaged", "")
