"""The tab Try it: ask the model of a run, and make examples of what it gets wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent import jobs
from agent.errors import UserError
from agent.ui.answering import Answered, Answerer
from agent.ui.context import Context
from agent.ui.safe import MOST_SHOWN, render
from agent.ui.shelf import Shelf
from agent.ui.wish import Wish, on_act, rows_html
from tools.by_hand import summary

SAMPLES = 6
MOST_LINES = 200
_NEWEST = "last"
_WORDS = "Do another round with my corrections: I have put {} right by hand."


@dataclass(frozen=True)
class Tried:
    """What was asked last, and what was made of it; kept per page that is open."""

    answers: tuple[Answered, ...] = ()
    corrected: Mapping[int, str] = field(default_factory=dict)


class TryTab:
    """What the events of the tab do.

    Args:
        context: That of the page.
        answerer: Who asks the models.
    """

    def __init__(self, context: Context, answerer: Answerer) -> None:
        self._context = context
        self._answerer = answerer
        self._shelf = Shelf(context.find)

    def ask(self, run: str | None, text: str, lines: bool) -> tuple[str, Tried]:
        """Answer a text, or each line of it."""
        texts = [line for line in text.splitlines() if line.strip()] if lines else [text]
        try:
            if len(texts) > MOST_LINES:
                raise UserError(
                    f"{len(texts):,} lines are too many here; `tasksmith predict {run} --file F` "
                    "answers a file of any size"
                )
            tried = Tried(tuple(self._answerer.ask(self._context.find(run or ""), texts)))
        except UserError as error:
            return self._page(run, Tried(), str(error), warned=True), Tried()
        return self._page(run, tried), tried

    def start(self, run: str | None) -> tuple[str, Tried]:
        """Show a run of which nothing was asked yet; an answer asked for meanwhile ends it."""
        return self._page(run, Tried()), Tried()

    def act(self, event: Any, run: str | None, text: str, tried: Tried) -> tuple[str, Tried, str]:
        """Do what a click in the answers asks for; return them, and what to have typed."""
        wish = Wish.of(event, ("sample", "correct"))
        number = next(iter(wish.ids), 0)
        if wish.what == "sample":
            sample = dict(enumerate(self._samples(run), 1)).get(number)
            if sample is not None:
                return (*self.ask(run, sample, lines=False), sample)
        elif wish.what == "correct" and 0 < number <= len(tried.answers):
            return (*self._correct(run, tried, number, wish.output), text)
        return self._page(run, tried), tried, text

    def _correct(
        self, run: str | None, tried: Tried, number: int, output: str
    ) -> tuple[str, Tried]:
        try:
            with self._shelf.edit(run) as (_, hand):
                id_ = hand.add(tried.answers[number - 1].text, output)
        except UserError as error:
            return self._page(run, tried, str(error), warned=True), tried
        done = f"{output[:100]!r} is now training row {id_}; the next round learns from it"
        tried = Tried(tried.answers, {**tried.corrected, number: done})
        return self._page(run, tried), tried

    def another_round(self, run: str | None, tried: Tried) -> str:
        """Tell the run that the person wants another round."""
        try:
            found = self._context.find(run or "")
            path = found.folder / "data.sqlite"
            changed = sum(list(summary(path).values())[:4]) if path.is_file() else 0
            if not changed:
                raise UserError("nothing was put right by hand yet; correct an answer first")
            jobs.say(found, _WORDS.format(f"{changed} {'row' if changed == 1 else 'rows'}"))
        except UserError as error:
            return self._page(run, tried, str(error), warned=True)
        return self._page(run, tried, "asked for; the tab Chat shows what becomes of it")

    def predict(self, run: str, text: str) -> dict[str, Any]:
        """Answer a text with the small model that a Tasksmith run has trained.

        The model does one narrow task, such as sorting messages into labels or rewriting text in a
        fixed way. It runs on this machine, takes milliseconds, and costs nothing.

        Args:
            run: Id of the run whose model answers, as on the page; `last` for the newest model.
            text: The input that the model answers, in the form that its task expects.

        Returns:
            `output`, which is the label or the text, and `confidence` in it, from 0 to 1.
        """
        import gradio as gr

        try:
            found = self._newest() if run == _NEWEST else self._context.find(run)
            answer = self._answerer.ask(found, [text])[0]
        except UserError as error:
            raise gr.Error(str(error)) from None
        return {"output": answer.output, "confidence": round(answer.confidence, 4)}

    def _newest(self) -> Any:
        runs = map(self._context.find, self._context.names())
        found = next((run for run in runs if (run.report or {}).get("student")), None)
        if found is None:
            raise UserError("no run has a model yet")
        return found

    def _samples(self, run: str | None) -> Sequence[str]:
        try:
            with self._shelf.browse(run) as browser:
                return browser.samples(SAMPLES)
        except UserError:
            return ()

    def _page(self, run: str | None, tried: Tried, said: str = "", *, warned: bool = False) -> str:
        try:
            labels = self._shelf.outputs(run).labels
        except UserError as error:
            labels, said, warned = (), said or str(error), True
        return render(
            "try.html", answers=tried.answers, corrected=tried.corrected, labels=list(labels),
            samples=self._samples(run), said=said, warned=warned, most=MOST_SHOWN,
        )  # fmt: skip


def build(context: Context) -> None:
    """Build the tab."""
    build_with(context, Answerer())


def build_with(context: Context, answerer: Answerer) -> None:
    """Build the tab with an answerer."""
    import gradio as gr
    from gradio.events import api

    tab = TryTab(context, answerer)
    tried = gr.State(Tried())
    text = gr.Textbox(label="Text to answer", lines=2, max_lines=12, elem_id="ts-try-text")
    with gr.Row():
        ask = gr.Button("Ask the model", variant="primary", size="md", scale=0, min_width=180)
        lines = gr.Checkbox(
            label="Each line is a text of its own", scale=1, container=False, elem_id="ts-lines"
        )
        again = gr.Button("Another round with my corrections", size="md", scale=0, min_width=330)
    answers = rows_html("ts-answers")
    asked = [context.run, text, lines]
    started: list[Any] = [
        event(tab.start, context.run, [answers, tried], show_progress="hidden")
        for event in (context.tab.select, context.run.change)
    ]
    ask.click(tab.ask, asked, [answers, tried], cancels=started)
    text.submit(tab.ask, asked, [answers, tried], cancels=started)
    on_act(answers, tab.act, [context.run, text, tried], [answers, tried, text])
    again.click(tab.another_round, [context.run, tried], answers)
    api(tab.predict, api_name="predict")
