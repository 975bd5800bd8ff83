"""The tab Traces: the steps of a run as a tree beside their times, and each of them in full.

One HTML component draws everything in the browser, out of JSON that three functions answer with.
No text ever becomes markup there. An address that ends with `#span=` and a span's id leads to that
step, also from other tabs.
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from agent.errors import UserError
from agent.runs import Run
from agent.traces.index import TraceIndex
from agent.ui.context import QUIET, Context
from agent.ui.traces_detail import detail, whole
from agent.ui.traces_rows import asked, view

KEPT_INDICES = 3
ALIVE = frozenset({"running", "waiting"})
GONE = "this step is not in the trace any more"
Json = dict[str, Any]


class Indices:
    """The indices of the runs looked at last; those of others are dropped."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, TraceIndex] = OrderedDict()
        self._lock = Lock()

    def of(self, run: Run) -> TraceIndex:
        """Return the index over a run's trace, as far as it has been read."""
        with self._lock:
            index = self._known.pop(run.folder, None) or TraceIndex(run.folder)
            self._known[run.folder] = index
            while len(self._known) > KEPT_INDICES:
                self._known.popitem(last=False)
            return index


_INDICES = Indices()


class Viewer:
    """What the browser asks for; every answer is JSON, `trouble` in it a line to the person.

    Args:
        find: Returns the run of a name that came from a browser.
    """

    def __init__(self, find: Callable[[str], Run]) -> None:
        self._find = find

    def rows(self, given: Json) -> Json:
        """Return rows of the tree; `{"same": True}` where `known` is still the version."""

        def answer(run: Run, index: TraceIndex) -> Json:
            index.refresh(alive=run.status in ALIVE)
            if given.get("known") == index.version and not index.behind:
                return {"same": True, "now": index.now}
            return view(index, asked(given))

        return self._answered(given, answer)

    def detail(self, given: Json) -> Json:
        """Return one step in full."""
        return self._answered(
            given, lambda _, index: detail(index, str(given.get("id"))) or {"trouble": GONE}
        )

    def whole(self, given: Json) -> Json:
        """Return the next piece of a long text."""
        block, first = given.get("block"), given.get("first")
        if not isinstance(block, int) or not isinstance(first, int):
            return {"trouble": GONE}
        return self._answered(
            given, lambda _, index: whole(index, str(given.get("id")), block, first)
        )

    def _answered(self, given: Json, answer: Callable[[Run, TraceIndex], Json]) -> Json:
        try:
            run = self._find(str(given.get("run")))
            index = _INDICES.of(run)
            with index.lock:
                return answer(run, index)
        except UserError as error:
            return {"trouble": str(error)}
        except OSError as error:
            return {"trouble": f"the trace cannot be read ({error.strerror})"}


def open_span(run: Run, call: str) -> str | None:
    """Return the id of the span in which a tool was called, or None.

    Args:
        run: The run.
        call: Id of the tool call, as examples and rounds name it.
    """
    index = _INDICES.of(run)
    with index.lock:
        index.refresh(alive=run.status in ALIVE)
        while index.behind:
            index.refresh(alive=True)
        number = index.columns.calls.get(call)
        return None if number is None else index.columns.hex(number)


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def build(context: Context) -> None:
    """Build the tab."""
    import gradio as gr

    viewer = Viewer(context.find)

    def rows(given: Json) -> Json:
        return viewer.rows(given)

    def read(given: Json) -> Json:
        return viewer.detail(given)

    def more(given: Json) -> Json:
        return viewer.whole(given)

    shown = gr.HTML(
        value=None,
        html_template=_read("traces.html"),
        css_template=_read("traces.css"),
        js_on_load=_read("traces.js") + _read("traces_detail.js"),
        apply_default_css=False,
        elem_id="ts-traces",
        server_functions=[rows, read, more],
    )
    for event in (context.run.change, context.tab.select):
        event(lambda name: name, context.run, shown, **QUIET)
