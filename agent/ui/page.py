"""The page: a chooser of runs above the tabs."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent.settings import Settings
from agent.ui import chat_tab, data_tab, models_tab, runs_tab, traces_tab, try_tab
from agent.ui.context import QUIET, Context, names
from agent.ui.safe import block

if TYPE_CHECKING:
    import gradio as gr

Tab = Callable[[Context], None]
TABS: dict[str, Tab] = {
    "Chat": chat_tab.build,
    "Runs": runs_tab.build,
    "Data": data_tab.build,
    "Try it": try_tab.build,
    "Traces": traces_tab.build,
    "Models": models_tab.build,
}
"""Name → what builds the tab, in order. A builder is called inside its tab, and listens to
`context.run.change`, `context.tab.select`, `context.tick.tick` and to its own events."""
PUBLIC = "predict"
"""The one endpoint of the page that programs and agents may call."""
STYLE = Path(__file__).with_name("style.css")
TICK_S = 1.0
HEAD = """<script>
// Gradio gives the field of a message box no name of its own.
function nameFields() {
  for (const box of document.querySelectorAll('.multimodal-textbox textarea:not([aria-label])')) {
    box.setAttribute('aria-label', 'Message');
  }
}
// A conversation that has grown shows its end, unless the person is reading further up.
let atEnd = true;
function showEnd() {
  const talk = document.querySelector('.ts-talk:not([data-shown])');
  if (!talk) return;
  talk.dataset.shown = 'yes';
  const box = talk.closest('.html-container');
  box.onscroll = () => { atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60; };
  if (atEnd) box.scrollTop = box.scrollHeight;
}
// An address that names a step of a trace leads to the tab that shows it.
let led = !window.location.hash.startsWith('#span=');
function lead() {
  const traces = led ? null : document.querySelector('[role=tab][data-tab-id=Traces]');
  if (traces) { led = true; traces.click(); }
}
new MutationObserver(() => { nameFields(); showEnd(); lead(); })
  .observe(document, { childList: true, subtree: true });
</script>"""
_FOCUS = "() => document.querySelector('#ts-message textarea').focus()"
_REMEMBER = """(run) => {
  const address = new URL(window.location);
  run ? address.searchParams.set('run', run) : address.searchParams.delete('run');
  history.replaceState(null, '', address);
}"""


def build_page(settings: Settings, tabs: Mapping[str, Tab] = TABS) -> "gr.Blocks":
    """Return the page over the runs in `settings.out`."""
    import gradio as gr

    page: gr.Blocks
    with gr.Blocks(title="Tasksmith", analytics_enabled=False) as page:
        chooser, new = _head(settings)
        timers = [gr.Timer(TICK_S, active=not number) for number in range(len(tabs))]
        built = []
        with gr.Tabs(overflow_behavior="wrap") as bar:
            for (name, build), timer in zip(tabs.items(), timers, strict=True):
                with gr.Tab(name, id=name) as tab:
                    build(Context(settings, chooser, tab, timer))
                built.append(tab)
        for number, tab in enumerate(built):
            tab.select(partial(_only, number, len(built)), None, timers, **QUIET)
        first = next(iter(tabs))
        new.click(lambda: (None, gr.Tabs(selected=first)), None, [chooser, bar], **QUIET).then(
            None, None, None, js=_FOCUS
        )

        def opened(request: gr.Request) -> gr.Dropdown:
            """Look at the run that the page's address names, else at the newest."""
            known = names(settings)
            asked = request.query_params.get("run")
            chosen = asked if asked in known else next(iter(known), None)
            return gr.Dropdown(choices=known, value=chosen)

        page.load(opened, None, chooser, **QUIET)
    _close(page)
    return page


def _head(settings: Settings) -> tuple["gr.Dropdown", "gr.Button"]:
    """Lay out the line above the tabs: the chooser of runs, and the way to a new task."""
    import gradio as gr

    with gr.Row(elem_id="ts-head"):
        block("<h1>Tasksmith</h1>", elem_id="ts-title")
        chooser = gr.Dropdown(
            names(settings),
            value=None,
            label="Run",
            container=False,
            interactive=True,
            elem_id="ts-run",
            min_width=240,
        )
        new = gr.Button("New task", scale=0, min_width=130, elem_id="ts-new")
    chooser.focus(partial(_choices, settings), chooser, chooser, **QUIET)
    chooser.change(None, chooser, None, js=_REMEMBER)
    return chooser, new


def _choices(settings: Settings, chosen: str | None) -> "gr.Dropdown":
    """Offer the runs that there are now."""
    import gradio as gr

    known = names(settings)
    return gr.Dropdown(choices=known, value=chosen if chosen in known else None)


def _only(number: int, count: int) -> "Sequence[gr.Timer]":
    """Have only the tab in sight tick."""
    import gradio as gr

    return [gr.Timer(active=other == number) for other in range(count)]


def _close(page: "gr.Blocks") -> None:
    """Keep every event of the page to itself but the public one."""
    for function in page.fns.values():
        if function.api_name != PUBLIC:
            function.api_visibility = "private"
        else:
            # For agents, Gradio calls a queued function over HTTP once more, without their login.
            function.queue = False
