"""Runs for the tabs to look at, and a context to look at them in."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from agent.runs import FORMAT, Run
from agent.settings import Settings
from agent.ui.context import Context
from agent.ui.page import Tab
from tests.agent.finished import finished
from tools.examples import Example, ExampleStore

if TYPE_CHECKING:
    import gradio as gr

ROW = Example("lost my card", "card", "train", "user", "user", "gold")


def context(out: Path) -> Context:
    """Return what a tab is built with, over the runs in `out`."""
    return page(out, lambda _context: None)[0]


def page(out: Path, build: Tab) -> "tuple[Context, gr.Blocks]":
    """Build a page of one tab."""
    import gradio as gr

    async def built() -> tuple[Context, gr.Blocks]:
        with gr.Blocks() as blocks, gr.Tab("tab") as tab:
            made = Context(Settings(out=out), gr.Dropdown(), tab, gr.Timer(active=False))
            build(made)
        return made, blocks

    return asyncio.run(built())  # outside a loop, Gradio makes one and leaves it open


def with_rows(out: Path, name: str, rows: Sequence[Example] | None, *, model: bool = False) -> Run:
    """Make a run that holds some rows; no file of rows where they are None."""
    folder = out / name
    if model:
        run = finished(folder)
    else:
        folder.mkdir(parents=True)
        run = Run(folder)
        manifest = {"format": FORMAT, "task": "t", "created": "2026-01-01", "status": "done"}
        (folder / "run.json").write_text(json.dumps(manifest))
    if rows is not None:
        with closing(ExampleStore(folder / "data.sqlite")) as store:
            store.write("call", rows)
    return run
