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
_ELSEWHERE = (
    "That question has been answered meanwhile, perhaps on another page. Your text is still in the "
    "box: send it again if it still holds."
)


@dataclass(frozen=True)
class Parts:
    """The components of the tab that change with the run."""

    talk: "gr.HTML"
    live: "gr.HTML"
    answers: "gr.Row"
    yes: "gr.Button"
    box: "gr.MultimodalTextbox"
    options: "gr.Accordion"
    seen: "gr.State"
    asked: "gr.State"

    @property
    def outputs(self) -> list[Any]:
        """What `_show` fills, in order."""
        return [getattr(self, name) for name in self.__dataclass_fields__]


def build(context: Context) -> None:
    """Build the tab."""
    if line := models_line(context.settings):
        block(notice(line), elem_id="ts-models")
    parts, said, limits = _components(context)
    add_versions(context)
    chosen = [context.run, parts.seen]

    def look(name: str | None, seen: str) -> list[Any]:
        return _show(_view(context, name), seen)

    def send(
        name: str | None, given: dict[str, Any], asked: int | None, *new_limits: float
    ) -> list[Any]:
        return _send(context, name, given, asked, new_limits)

    def agree(name: str | None, asked: int | None) -> list[Any]:
        return _send(context, name, {"text": "yes", "files": []}, asked, (), keep=True)

    sent = [context.run, parts.box, said]
    context.tick.tick(look, chosen, parts.outputs, trigger_mode="once", **QUIET)
    for event in (context.run.change, context.tab.select):
        event(look, chosen, parts.outputs, **QUIET)
    given = [context.run, parts.box, parts.asked, *limits]
    then = parts.box.submit(send, given, sent, concurrency_limit=None, show_progress="minimal")
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
        lines=2,
        max_lines=12,
        max_plain_text_length=10_000_000,
        elem_id="ts-message",
    )
    with gr.Accordion("Most time and money for the new task", open=False) as options:
        limits = limit_fields(context.settings)
    parts = Parts(talk, live, answers, yes, box, options, gr.State(""), gr.State(None))
    return parts, said, limits


def _view(context: Context, name: str | None) -> View:
    if not name:
        return view_of(None)
    try:
        return view_of(standing(context.find(name)))
    except UserError as error:
        return View(str(error), notice(str(error), "error"), "", None, None, EMPTY_HINT)


def _show(view: View, seen: str) -> list[Any]:
    """Return what changes on the page; nothing where it shows this already."""
    import gradio as gr

    if view.state == seen:
        return [gr.skip()] * len(Parts.__dataclass_fields__)
    return [
        view.talk,
        view.live,
        gr.Row(visible=view.yes is not None),
        gr.Button(value=view.yes or ""),
        gr.MultimodalTextbox(placeholder=view.hint),
        gr.Accordion(visible=not view.state),
        view.state,
        view.question,
    ]


def _send(
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
            f"The message has {len(text):,} characters, more than {LONGEST_MESSAGE:,}: put it into "
            "a file and attach that."
        )
        return [gr.skip(), gr.skip(), notice(line, "warning")]
    try:
        run = context.find(name) if name else _begin(context, text, limits)
        heard = _say(run, text, asked, files, begun=not name)
    except UserError as error:
        return [gr.skip(), gr.skip(), notice(str(error), "error")]
    if not heard:
        return [gr.skip(), gr.skip(), notice(_ELSEWHERE, "warning")]
    chooser = gr.skip() if name else gr.Dropdown(choices=names(context.settings), value=run.id)
    return [chooser, gr.skip() if keep else None, ""]


def _begin(context: Context, text: str, limits: tuple[float, ...]) -> Run:
    from agent import jobs

    return jobs.begin(text, with_limits(context.settings, limits), mode="chat")


def _say(run: Run, text: str, asked: int | None, files: list[Path], *, begun: bool) -> bool:
    """Say a message, or what came with the first one; say whether it was stored."""
    from agent import jobs

    if not begun:
        return jobs.say(run, text, asked, files) is not None
    if files:
        jobs.say(run, "These files belong to the task.", files=files)
    jobs.ensure(run)
    return True
