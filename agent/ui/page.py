"""The page: a chooser of runs above the tabs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.runs import list_runs
from agent.settings import Settings
from agent.ui.context import Context

if TYPE_CHECKING:
    import gradio as gr

Tab = Callable[[Context], None]
TABS: dict[str, Tab] = {}
"""Name → what builds the tab, in order. A builder is called inside its tab, and listens to
`context.run.change` and to its own events."""


def build_page(settings: Settings) -> "gr.Blocks":
    """Return the page over the runs in `settings.out`."""
    import gradio as gr

    page: gr.Blocks
    with gr.Blocks(title="Tasksmith", analytics_enabled=False) as page:
        names = [run.id for run in reversed(list_runs(settings.out))]
        chooser = gr.Dropdown(names, value=names[0] if names else None, label="Run")
        context = Context(settings, chooser)
        for name, build in TABS.items():
            with gr.Tab(name, id=name):
                build(context)
    return page
