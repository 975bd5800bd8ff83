"""The page: a chooser of runs above the tabs."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent.settings import Settings
from agent.ui import chat_tab, models_tab, runs_tab, traces_tab
from agent.ui.context import Context, names

if TYPE_CHECKING:
    import gradio as gr

Tab = Callable[[Context], None]
TABS: dict[str, Tab] = {
    "Chat": chat_tab.build,
    "Runs": runs_tab.build,
    # Here: Data.
    # Here: Try it.
    "Traces": traces_tab.build,
    "Models": models_tab.build,
}
"""Name → what builds the tab, in order. A builder is called inside its tab, and listens to
`context.run.change`, `context.tab.select`, `context.tick.tick` and to its own events."""
PUBLIC = "predict"
"""The one endpoint of the page that programs and agents may call."""
STYLE = Path(__file__).with_name("style.css")
TICK_S = 1.0
_REMEMBER = """(run, tab) => {
  const address = new URL(window.location);
  run ? address.searchParams.set('run', run) : address.searchParams.delete('run');
  history.replaceState(null, '', address);
}"""


def build_page(settings: Settings) -> "gr.Blocks":
    """Return the page over the runs in `settings.out`."""
    import gradio as gr

    page: gr.Blocks
    with gr.Blocks(title="Tasksmith", analytics_enabled=False) as page:
        chooser = _head(settings)
        timers = [gr.Timer(TICK_S, active=not number) for number in range(len(TABS))]
        tabs = []
        for (name, build), timer in zip(TABS.items(), timers, strict=True):
            with gr.Tab(name, id=name) as tab:
                build(Context(settings, chooser, tab, timer))
            tabs.append(tab)
        for number, tab in enumerate(tabs):
            tab.select(partial(_only, number, len(tabs)), None, timers, queue=False)

        def opened(request: gr.Request) -> gr.Dropdown:
            """Look at the run that the page's address names, else at the newest."""
            known = names(settings)
            asked = request.query_params.get("run")
            chosen = asked if asked in known else next(iter(known), None)
            return gr.Dropdown(choices=known, value=chosen)

        page.load(opened, None, chooser, queue=False)
    _hide(page)
    return page


def _head(settings: Settings) -> "gr.Dropdown":
    import gradio as gr

    with gr.Row(elem_id="ts-head"):
        gr.HTML("<h1>Tasksmith</h1>", elem_id="ts-title")
        known = names(settings)
        chooser = gr.Dropdown(
            known, value=None, label="Run", elem_id="ts-run", interactive=True, scale=2
        )
    chooser.focus(partial(_choices, settings), chooser, chooser, queue=False)
    chooser.change(None, chooser, None, js=_REMEMBER)
    return chooser


def _choices(settings: Settings, chosen: str | None) -> "gr.Dropdown":
    """Offer the runs that there are now."""
    import gradio as gr

    known = names(settings)
    return gr.Dropdown(choices=known, value=chosen if chosen in known else None)


def _only(number: int, count: int) -> "Sequence[gr.Timer]":
    """Have only the tab in sight tick."""
    import gradio as gr

    return [gr.Timer(active=other == number) for other in range(count)]


def _hide(page: "gr.Blocks") -> None:
    """Keep every event of the page to itself but the public one."""
    for function in page.fns.values():
        if function.api_name != PUBLIC:
            function.api_visibility = "private"
