"""The tab Data: the examples of a run, looked at and put right by hand."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import UserError
from agent.ui.context import Context
from agent.ui.data_view import list_html, row_html
from agent.ui.safe import notice, shown
from agent.ui.shelf import Shelf
from agent.ui.traces_tab import open_span
from agent.ui.wish import Wish, on_act, rows_html
from tools.browsing import COLUMNS
from tools.by_hand import ByHand, Outcome
from tools.questions import SORTS, Field, Question
from tools.sheet import write_sheet

if TYPE_CHECKING:
    import gradio as gr

NAMES: dict[Field, str] = {
    "status": "Status", "output": "Label or output", "split": "Split", "source": "Source",
    "round": "Round", "evidence": "Evidence", "reason": "Why rejected",
}  # fmt: skip
MOST_CHOICES = 300
_DONE = {"accept": "accepted", "reject": "rejected", "relabel": "relabelled"}


@dataclass(frozen=True)
class Asked:
    """What the controls say: which run, which rows, which page of them."""

    run: str | None
    page: int
    question: Question

    @classmethod
    def of(cls, run: str | None, page: int, text: str, sort: str, *values: str | None) -> "Asked":
        """Read the controls; what no control offers counts as not chosen."""
        filters = tuple((name, str(v)) for name, v in zip(NAMES, values, strict=True) if v)
        order = next((known for known in SORTS if known == sort), SORTS[0])
        return cls(run, page, Question(filters, (text or "").strip(), order))


class DataTab:
    """What the events of the tab do; values in and out are those of its components."""

    def __init__(self, context: Context) -> None:
        self.shelf = Shelf(context.find)

    def show(self, *controls: Any) -> list[Any]:
        """Return list, page and the filters with their counts."""
        return self._shown(Asked.of(*controls), "", warned=False, opened=0)

    def first(self, run: str | None, _page: int, *others: Any) -> list[Any]:
        """Show the first page: what is asked for has changed."""
        return self.show(run, 1, *others)

    def turn(self, run: str | None, sort: str) -> list[Any]:
        """Turn to another run: no filter, and no row open."""
        asked = Asked.of(run, 1, "", sort, *[""] * len(NAMES))
        shown = self._shown(asked, "", warned=False, opened=0, cleared=True)
        return ["", _shut(""), 0, *shown]

    def _shown(
        self, asked: Asked, said: str, *, warned: bool, opened: int, cleared: bool = False
    ) -> list[Any]:
        try:
            labels = self.shelf.outputs(asked.run).labels
            with self.shelf.browse(asked.run) as browser:
                page = list_html(browser, labels, asked.question, asked.page, said,
                                 warned=warned, opened=opened)  # fmt: skip
                counts = browser.counts(asked.question)
        except UserError as error:
            return [notice(str(error)), 1, *[_choices({}, "", cleared=True) for _ in NAMES]]
        chosen = dict(asked.question.filters)
        drops = [_choices(counts[name], chosen.get(name, ""), cleared=cleared) for name in NAMES]
        return [page, asked.page, *drops]

    def act(self, event: Any, opened: int, *controls: Any) -> list[Any]:
        """Do what a click or a key on a row asks for; return the open row, too."""
        import gradio as gr

        wish = Wish.of(event, _KNOWN)
        asked = Asked.of(*controls)
        if wish.what in ("open", "near", "whole", "close"):
            id_ = 0 if wish.what == "close" else next(iter(wish.ids), 0)
            unchanged = [gr.skip()] * (2 + len(NAMES))
            return [_shut(self._row(asked.run, id_, wish.what)), id_, *unchanged]
        if wish.what == "page":
            asked = Asked(asked.run, max(1, wish.page), asked.question)
            return [gr.skip(), opened, *self._shown(asked, "", warned=False, opened=opened)]
        said, warned = self._edited(asked.run, wish)
        row = _shut(self._row(asked.run, opened, "open")) if opened else gr.skip()
        return [row, opened, *self._shown(asked, said, warned=warned, opened=opened)]

    def _row(self, run: str | None, id_: int, what: str) -> str:
        if not id_:
            return ""
        try:
            labels = self.shelf.outputs(run).labels
            span_of = partial(open_span, self.shelf.find(run))
            with self.shelf.browse(run) as browser:
                return row_html(
                    browser, labels, id_, span_of, near=what == "near", whole=what == "whole"
                )
        except UserError as error:
            return notice(str(error))

    def _edited(self, run: str | None, wish: Wish) -> tuple[str, bool]:
        """Edit; return what to say about it, and whether it is a refusal."""
        try:
            with self.shelf.edit(run) as (_, hand):
                if wish.what == "undo":
                    back = hand.undo()
                    return _rows(len(back), "as before") if back else "nothing to undo", False
                outcome = _EDITS[wish.what](hand, wish)
        except UserError as error:
            return str(error), True
        refused = [f"row {id_} refused: {why}" for id_, why in outcome.refused.items()]
        done = _rows(len(outcome.changed), _DONE[wish.what]) if outcome.changed else ""
        more = f"and {len(refused) - 3} more refused" if len(refused) > 3 else ""
        return "; ".join(filter(None, (done, *refused[:3], more))), bool(refused)

    def export(self, *controls: Any) -> str:
        """Write the rows that are asked for into a CSV file, and return its path."""
        import gradio as gr

        asked = Asked.of(*controls)
        folder = Path(tempfile.mkdtemp(dir=gr.utils.get_upload_folder()))
        try:
            with self.shelf.browse(asked.run) as browser:
                path = folder / f"{asked.run}.csv"
                write_sheet(path, COLUMNS, browser.stream(browser.find(asked.question)))
        except UserError as error:
            raise gr.Error(str(error)) from None
        return str(path)


_EDITS: dict[str, Callable[[ByHand, Wish], Outcome]] = {
    "accept": lambda hand, wish: hand.accept(wish.ids),
    "reject": lambda hand, wish: hand.reject(wish.ids),
    "relabel": lambda hand, wish: hand.relabel(wish.ids, wish.output),
}


_KNOWN = frozenset({*_EDITS, "undo", "open", "near", "whole", "close"})


def _shut(html: str) -> "gr.HTML":
    """Return the open row, out of sight where there is none."""
    import gradio as gr

    return gr.HTML(html, visible=True if html else "hidden")


def _rows(n: int, what: str) -> str:
    return f"{n} {'row' if n == 1 else 'rows'} {what}"


def _choices(counts: dict[str, int], chosen: str, *, cleared: bool) -> dict[str, Any]:
    """Return the update of a filter with the number of rows that each choice would leave.

    What is chosen is left to the page, unless it is cleared: by the time a slow answer is there, it
    may be another one.
    """
    import gradio as gr

    kept = dict(list(counts.items())[:MOST_CHOICES])
    if chosen:
        kept.setdefault(chosen, 0)
    named = [(f"{shown(value, 60)} ({n:,})", value) for value, n in kept.items()]
    choices = [("any", ""), *named]
    update: dict[str, Any] = gr.update(choices=choices)
    return update | {"value": ""} if cleared else update


def _controls() -> "tuple[gr.Textbox, gr.Dropdown, list[gr.Dropdown]]":
    import gradio as gr

    with gr.Row():
        text = gr.Textbox(label="Search in inputs and outputs", scale=3, max_length=500)
        sort = gr.Dropdown(list(SORTS), value=SORTS[0], label="Order", scale=1)
    with gr.Row(elem_id="ts-filters"):
        filters = [
            gr.Dropdown([("any", "")], value="", label=label, min_width=130, elem_id=f"ts-f-{name}")
            for name, label in NAMES.items()
        ]
    return text, sort, filters


def build(context: Context) -> None:
    """Build the tab."""
    import gradio as gr

    tab = DataTab(context)
    text, sort, filters = _controls()
    page, opened = gr.State(1), gr.State(0)
    row, rows = rows_html("ts-row", visible="hidden"), rows_html("ts-rows")
    controls: list[Any] = [context.run, page, text, sort, *filters]
    shown_again: Sequence[Any] = [rows, page, *filters]
    quiet: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
    for component in (rows, row):
        on_act(component, tab.act, [opened, *controls], [row, opened, *shown_again], **quiet)
    context.tab.select(tab.show, controls, shown_again, **quiet)
    context.run.change(tab.turn, [context.run, sort], [text, row, opened, *shown_again], **quiet)
    text.change(tab.first, controls, shown_again, trigger_mode="always_last", **quiet)
    for control in controls[3:]:
        control.input(tab.first, controls, shown_again, trigger_mode="always_last", **quiet)
    with gr.Row():
        button = gr.Button("Write these rows as CSV", size="sm", scale=0, min_width=200)
        file = gr.DownloadButton("Download", size="sm", scale=0, visible="hidden", elem_id="ts-csv")
    button.click(tab.export, controls, file).then(None, None, None, js=_DOWNLOAD)


_DOWNLOAD = "() => document.querySelector('#ts-csv').click()"
