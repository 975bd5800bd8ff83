"""The tab Runs."""

from agent.ui.context import Context
from agent.ui.safe import notice


def build(context: Context) -> None:
    """Build the tab."""
    import gradio as gr

    gr.HTML(notice(f"{len(context.names())} runs"))
