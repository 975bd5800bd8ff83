"""The tab Chat: the conversation about the run looked at, or about a new one."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import UserError
from agent.runs import Run
from agent.ui.context import QUIET, Context, names
from agent.ui.conversation import EMPTY_HINT, View, models_line, view_of
from agent.ui.limits import limit_fields, with_limits
from agent.ui.safe import block, notice
from agent.ui.standing import standing
from agent.ui.versions import add_versions

if TYPE_CHECKING:
    import gradio as gr

LONGEST_MESSAGE = 100_000
_FOCUS = """() => document.querySelector('#ts-message textarea').focus()"""
_TALK_HEIGHT = 520
_ELSEWHERE = "That question has been answered meanwhile, perhaps on another page."
_STILL_THERE = " Your text is still in the box: send it again if it still holds."


@dataclass(frozen=True)
class Parts:
    """The components of the tab that change with the run.

    Attributes:
        seen: The view that the page shows.
        asked: Id of the question that it shows.
    """

    talk: "gr.HTML"
    live: "gr.HTML"
    answers: "gr.Row"
    yes: "gr.Button"
    box: "gr.MultimodalTextbox"
    options: "gr.Accordion"
    asked: "gr.State"
    seen: "gr.State"

    @property
    def outputs(self) -> list[Any]:
        """What `show` fills, in order."""
        return list(vars(self).values())


def build(context: Context) -> None:
    """Build the tab."""
    if line := models_line(context.settings):
        block(notice(line), elem_id="ts-models")
    parts, said, limits = _components(context)
    add_versions(context)
    chosen = [context.run, parts.seen]

    def look(name: str | None, seen: View) -> list[Any]:
        return show(view_for(context, name), seen)

    def answer(
        name: str | None, given: dict[str, Any], asked: int | None, *new_limits: float
    ) -> list[Any]:
        return send(context, name, given, asked, new_limits)

    def agree(name: str | None, asked: int | None) -> list[Any]:
        return send(context, name, {"text": "yes", "files": []}, asked, (), keep=True)

    sent = [context.run, parts.box, said]
    context.tick.tick(look, chosen, parts.outputs, trigger_mode="once", **QUIET)
    for event in (context.run.change, context.tab.select):
        event(look, chosen, parts.outputs, **QUIET)
    context.run.change(lambda: "", None, said, **QUIET)
    given = [context.run, parts.box, parts.asked, *limits]
    then = parts.box.submit(answer, given, sent, concurrency_limit=None, show_progress="minimal")
    then.then(look, chosen, parts.outputs, **QUIET)
    agreed = parts.yes.click(agree, [context.run, parts.asked], sent, **QUIET)
    agreed.then(look, chosen, parts.outputs, **QUIET)


def _components(context: Context) -> tuple[Parts, "gr.HTML", list["gr.Number"]]:
    """Lay the tab out; give what changes, the line below the box, and the limits of new runs."""
    import gradio as gr

    empty = view_of(None)
    talk = block(empty.talk, max_height=_TALK_HEIGHT, elem_id="ts-talk")
    live = block(elem_id="ts-live")
    with gr.Row(visible=False, elem_id="ts-answers") as answers:
        yes = gr.Button("Yes", variant="primary", scale=0, min_width=200)
        no = gr.Button("Not like this", scale=0, min_width=200)
    no.click(None, None, None, js=_FOCUS)
    said = block(elem_id="ts-said")
    box = gr.MultimodalTextbox(
        label="Message",
        placeholder=EMPTY_HINT,
        info="Enter sends, Shift and Enter begin a new line. Examples can come as files.",
        file_count="multiple",
        sources=["upload"],
        lines=1,
        max_lines=12,
        max_plain_text_length=10_000_000,
        elem_id="ts-message",
    )
    with gr.Accordion("Most time and money for the new task", open=False) as options:
        limits = limit_fields(context.settings)
    parts = Parts(talk, live, answers, yes, box, options, gr.State(None), gr.State(empty))
    return parts, said, limits


def view_for(context: Context, name: str | None) -> View:
    """Return what is shown of the run with this id."""
    if not name:
        return view_of(None)
    try:
        return view_of(standing(context.find(name)))
    except UserError as error:
        return View(name, notice(str(error), "error"), "", None, None, EMPTY_HINT)


def show(view: View, seen: View) -> list[Any]:
    """Return what changes on the page; what is the same stays as it is, selections and all."""
    import gradio as gr

    def changed(name: str, update: Any) -> Any:
        return gr.skip() if getattr(view, name) == getattr(seen, name) else update

    return [
        changed("talk", view.talk),
        changed("live", view.live),
        changed("yes", gr.Row(visible=view.yes is not None)),
        changed("yes", gr.Button(value=view.yes or "")),
        changed("hint", gr.MultimodalTextbox(placeholder=view.hint)),
        changed("run", gr.Accordion(visible=not view.run)),
        view.question,
        view,
    ]


def send(
    context: Context,
    name: str | None,
    given: dict[str, Any],
    asked: int | None,
    limits: tuple[float, ...],
    *,
    keep: bool = False,
) -> list[Any]:
    """Say something to a run, or begin one; give the run, the box, and a line below it.

    What could not be said stays in the box; with `keep`, the box stays as it is in any case.
    """
    import gradio as gr

    text, files = given["text"].strip(), [Path(file) for file in given["files"] or ()]
    if not text and not files:
        return [gr.skip(), gr.skip(), notice("Write something first.", "warning")]
    if len(text) > LONGEST_MESSAGE:
        line = (
            f"The message has {len(text):,} characters, more than {LONGEST_MESSAGE:,}: put "
            "examples into a file, such as CSV, and attach that."
        )
        return [gr.skip(), gr.skip(), notice(line, "warning")]
    try:
        run = _say(context, name, text, asked, files, limits)
    except UserError as error:
        return [gr.skip(), gr.skip(), notice(str(error), "error")]
    if run is None:
        line = _ELSEWHERE if keep else _ELSEWHERE + _STILL_THERE
        return [gr.skip(), gr.skip(), notice(line, "warning")]
    chooser = gr.skip() if name else gr.Dropdown(choices=names(context.settings), value=run.id)
    return [chooser, gr.skip() if keep else None, ""]


def _say(
    context: Context,
    name: str | None,
    text: str,
    asked: int | None,
    files: list[Path],
    limits: tuple[float, ...],
) -> Run | None:
    """Say a message, or begin a run with it; None where the question was answered elsewhere."""
    from agent import jobs

    if name:
        run = context.find(name)
        return run if jobs.say(run, text, asked, files) else None
    settings = with_limits(context.settings, limits)
    run = jobs.begin(text, settings, mode="chat", files=files)
    jobs.ensure(run)
    return run
