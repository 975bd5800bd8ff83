"""The tab Runs: all runs, how the chosen one gets on, and the ways to stop it and go on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.chat.mailbox import When
from agent.errors import UserError
from agent.runs import Run
from agent.ui.context import QUIET, Context, names
from agent.ui.limits import limit_fields, with_limits
from agent.ui.plots import rounds_plot
from agent.ui.safe import block, notice, render
from agent.ui.standing import Standing, overview, standing

if TYPE_CHECKING:
    import gradio as gr

STATUSES = ("all", "running", "waiting", "done", "failed", "interrupted")
MOST_ROWS = 100
_FILES = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet"]
_PICK = """element.addEventListener('click', event => {
  const button = event.target.closest('button[data-run]');
  if (button) trigger('pick', { run: button.dataset.run });
});"""
_LIST_HEIGHT = 300


def build(context: Context) -> None:
    """Build the tab."""
    import gradio as gr

    with gr.Row():
        find = gr.Textbox("", label="Find", placeholder="words of the task, or of its id", scale=3)
        status = gr.Dropdown(list(STATUSES), value="all", label="Status", scale=1)
    listed = block(listing(context, None), js_on_load=_PICK, max_height=_LIST_HEIGHT)
    now = block(elem_id="ts-now")
    buttons = _buttons(context)
    rounds = block(elem_id="ts-rounds")
    _starter(context)
    seen = gr.State([None] * 3)

    def look(name: str | None, words: str, wanted: str, before: list[Any]) -> list[Any]:
        stands = stands_of(context, name)
        views = [listing(context, name, words, wanted), now_html(stands), rounds_html(stands)]
        changed = [gr.skip() if a == b else a for a, b in zip(views, before, strict=True)]
        return [*changed, *usable(stands), views]

    given = [context.run, find, status, seen]
    out = [listed, now, rounds, *buttons, seen]
    context.tick.tick(look, given, out, trigger_mode="once", **QUIET)
    for event in (context.run.change, context.tab.select, find.change, status.change):
        event(look, given, out, **QUIET)

    def pick(event: gr.EventData) -> gr.Dropdown:
        return gr.Dropdown(choices=names(context.settings), value=event.run)

    listed.pick(pick, None, context.run, **QUIET)


def stands_of(context: Context, name: str | None) -> Standing | None:
    """Return how the chosen run stands; None where none is chosen, or it is gone."""
    try:
        return standing(context.find(name)) if name else None
    except UserError:
        return None


def listing(context: Context, name: str | None, words: str = "", status: str = "all") -> str:
    """Return the list of runs, HTML.

    Args:
        context: Of the page.
        name: Id of the chosen run.
        words: All of them have to be in a run's task or id.
        status: That of the runs to list, or `all`.
    """
    wanted = words.casefold().split()
    found = [
        stands
        for stands in overview(context.settings.out)
        if status in ("all", stands.status)
        and all(word in f"{stands.run} {stands.task}".casefold() for word in wanted)
    ]
    return render(
        "runs.html",
        runs=found[:MOST_ROWS],
        hidden=max(0, len(found) - MOST_ROWS),
        chosen=name,
        asked=bool(wanted) or status != "all",
    )


def now_html(stands: Standing | None) -> str:
    """Return how a run gets on at this moment, HTML."""
    if stands is None:
        return notice("Choose a run above, or begin one below.")
    limits, spent = stands.limits, stands.spent
    bars = [
        ("Rounds", len(stands.rounds), limits.get("rounds"), "count"),
        ("Time", spent.get("seconds"), _seconds(limits.get("minutes")), "span"),
        ("Money", spent.get("usd"), limits.get("usd"), "usd"),
    ]
    return render("now.html", stands=stands, bars=bars)


def _seconds(minutes: float | None) -> float | None:
    return None if minutes is None else minutes * 60


def rounds_html(stands: Standing | None) -> str:
    """Return the rounds of a run as a plot and a table, HTML."""
    if stands is None or not stands.rounds:
        return ""
    metric = stands.rounds[-1].get("validation") or {}
    spec = (stands.report or {}).get("task", {})
    plot = rounds_plot(stands.rounds, metric.get("metric") or spec.get("metric") or "score")
    return render("rounds.html", plot=plot, rounds=stands.rounds)


def _buttons(context: Context) -> list[Any]:
    """Lay out what stops a run and what has it go on."""
    import gradio as gr

    size: Any = {"size": "md", "scale": 0, "min_width": 190}
    with gr.Row():
        end = gr.Button("Stop after this round", interactive=False, **size)
        pause = gr.Button("Pause now", interactive=False, **size)
        resume = gr.Button("Resume", interactive=False, **size)
    said = block()

    def stopping(when: When) -> Callable[[str | None], str]:
        return lambda name: stop(context, name, when)

    end.click(stopping("round"), context.run, said, **QUIET)
    pause.click(stopping("now"), context.run, said, **QUIET)
    resume.click(lambda name: _go_on(context, name), context.run, said, **QUIET)
    context.run.change(lambda: "", None, said, **QUIET)
    return [end, pause, resume]


def stop(context: Context, name: str | None, when: When) -> str:
    """Have a run stop, and return what to say of it, HTML."""
    from agent import jobs

    ends = "It stops when this round is done." if when == "round" else "It stops; Resume goes on."
    return _told(context, name, lambda run: jobs.stop(run, when), ends)


def _go_on(context: Context, name: str | None) -> str:
    from agent import jobs

    return _told(context, name, jobs.resume, "It goes on.")


def _told(context: Context, name: str | None, act: Callable[[Run], None], line: str) -> str:
    try:
        act(context.find(name or ""))
    except UserError as error:
        return notice(str(error), "error")
    return notice(line)


def usable(stands: Standing | None) -> list["gr.Button"]:
    """Say which buttons make sense, in the order of `_buttons`."""
    import gradio as gr

    status = stands.status if stands else ""
    broken = stands is not None and stands.broken
    running, paused = status == "running", status == "interrupted" or broken
    return [gr.Button(interactive=usable) for usable in (running, running, paused)]


def _starter(context: Context) -> None:
    """Lay out how to begin a run that asks nothing."""
    import gradio as gr

    with gr.Accordion("Run a task without asking", open=False):
        task = gr.Textbox(label="Task", lines=4, placeholder="What the model should do")
        with gr.Row():
            files = [
                gr.File(label=label, file_types=_FILES, height=120)
                for label in ("Your examples (optional)", "Your test rows (optional)")
            ]
        limits = limit_fields(context.settings)
        begin = gr.Button("Run without asking", variant="primary")
        said = block()

    def start(
        text: str, examples: str | None, test: str | None, *asked: float
    ) -> tuple[Any, Any, str]:
        from pathlib import Path

        from agent import jobs

        paths = [Path(path) if path else None for path in (examples, test)]
        try:
            settings = with_limits(context.settings, asked)
            run = jobs.begin(text, settings, mode="run", examples=paths[0], test=paths[1])
            jobs.ensure(run)
        except UserError as error:
            return gr.skip(), gr.skip(), notice(str(error), "error")
        chooser = gr.Dropdown(choices=names(context.settings), value=run.id)
        return chooser, "", notice(f"{run.id} has begun.")

    begin.click(start, [task, *files, *limits], [context.run, task, said])
