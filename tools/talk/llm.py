"""Understanding what a person says with an LLM, in any language; rules where it gives nothing."""

from collections.abc import Collection, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from prompts import render
from tools.llm.asking import (
    TEXT,
    Asker,
    clipped,
    closed,
    items,
    list_schema,
    message,
    one_of,
    spelled,
    texts_of,
    written_out,
)
from tools.llm.prompt import Json, Prompt
from tools.schemas import following
from tools.talk.rules import EXAMPLES, RulesListener, one_word, parted
from tools.talking import TALK, Change, Heard, Intent
from tools.task import Demonstration, Label, TaskSpec
from tools.teachers.showing import about

PAIR = 2
LONGEST_SHOWN = 12_000
"""Characters of a message's prose that the model reads; the rest is most likely pasted text."""
_MOST_TOKENS = 4_000
_NUMBER: Json = {"type": "number"}
_NAMES: Json = {"type": "array", "items": TEXT}


class _Rename(BaseModel):
    old: str
    new: str


class _Asked(BaseModel):
    """A change as a model writes it: what is empty is not asked for."""

    instruction: str = ""
    add_labels: list[Label] = []
    remove_labels: list[str] = []
    rename_labels: list[_Rename] = []
    language: str = ""
    add_languages: list[str] = []
    metric: str = ""
    conventions: list[str] = []
    confused: list[list[str]] = []
    guidance: str = ""
    size_factor: float = 0
    most_mb: float = 0
    avoid_datasets: list[str] = []
    more_rounds: int = 0
    usd: float = 0
    minutes: float = 0

    def change(self) -> Change:
        """Return it without what is empty."""
        given = {name: value for name, value in self.model_dump().items() if value}
        if self.rename_labels:
            given["rename_labels"] = {one.old: one.new for one in self.rename_labels}
        given["confused"] = [pair for pair in self.confused if len(pair) == PAIR]
        return Change.model_validate(given)


class _Answer(BaseModel):
    intent: Intent
    reply: str = ""
    change: _Asked = _Asked()


class LLMListener:
    """Listens with a chat model; satisfies `tools.talking.Listener`.

    The model is shown prose only: any example in a message may become a test row.

    Args:
        asker: Sends the prompts.
        metrics: Names of the metrics that a task may ask for.
    """

    def __init__(self, asker: Asker, metrics: Collection[str]) -> None:
        self._asker = asker
        self._metrics = sorted(metrics)
        self._rules = RulesListener()

    def hear(self, text: str, situation: Json) -> Heard:
        """Return what a message means; what the rules make of it where the model does not say."""
        prose, rows = parted(text, situation)
        if not prose or (not rows and one_word(prose)):
            return self._rules.hear(text, situation)
        question = _question(prose, rows, situation, self._metrics)
        reply = next(iter(self._asker.ask([question], TALK)))
        try:
            answer = _Answer.model_validate(reply.value)
        except ValidationError:
            return self._rules.hear(text, situation)
        change = answer.change.change()
        if rows or (answer.intent == "amend" and change != Change()):
            given = change.model_copy(update={"rows": rows})
            return Heard("amend", answer.reply.strip(), given)
        if answer.intent == "amend":
            return self._rules.hear(text, situation)
        return Heard(answer.intent, answer.reply.strip())

    def imagine(self, spec: TaskSpec, known: Sequence[Demonstration]) -> list[Demonstration]:
        """Return examples that the model makes up; of `known` where it makes none that hold."""
        reply = next(iter(self._asker.ask([_imagining(spec)], TALK)))
        made = [texts_of(written_out(item), "input", "output") for item in items(reply, "examples")]
        pairs = [_sound(pair[0], pair[1], spec) for pair in made if pair]
        return [pair for pair in pairs if pair][:EXAMPLES] or self._rules.imagine(spec, known)


def _question(
    prose: str, rows: Sequence[Demonstration], situation: Json, metrics: Sequence[str]
) -> Prompt:
    request: Json = {
        "hear": {
            "text": clipped(prose, LONGEST_SHOWN),
            "examples_given": len(rows),
            "metrics": list(metrics),
            "situation": situation,
        }
    }
    return Prompt(
        name="meaning",
        system=render("listener"),
        user=message("hear", request),
        schema=_schema(),
        seed=0,
        max_tokens=_MOST_TOKENS,
        temperature=0.0,
    )


def _schema() -> Json:
    change = closed(
        {
            "instruction": TEXT,
            **list_schema("add_labels", name=TEXT, meaning=TEXT, borderline=TEXT)["properties"],
            "remove_labels": _NAMES,
            **list_schema("rename_labels", old=TEXT, new=TEXT)["properties"],
            "language": TEXT,
            "add_languages": _NAMES,
            "metric": TEXT,
            "conventions": _NAMES,
            "confused": {"type": "array", "items": _NAMES},
            "guidance": TEXT,
            "size_factor": _NUMBER,
            "most_mb": _NUMBER,
            "avoid_datasets": _NAMES,
            "more_rounds": _NUMBER,
            "usd": _NUMBER,
            "minutes": _NUMBER,
        }
    )
    return closed({"intent": one_of(list(get_args(Intent))), "reply": TEXT, "change": change})


def _imagining(spec: TaskSpec) -> Prompt:
    names = spec.label_names
    schema = list_schema("examples", input=TEXT, output=one_of(names))
    request: Json = {"imagine": {"n": EXAMPLES}}
    shown: dict[str, Any] = about(spec.model_copy(update={"demonstrations": ()}), names, ())
    return Prompt(
        name="examples",
        system=render("writer"),
        user=message("imagine", request, n=EXAMPLES, **shown),
        schema=schema,
        seed=0,
        max_tokens=_MOST_TOKENS,
        temperature=1.0,
    )


def _sound(given: str, output: str, spec: TaskSpec) -> Demonstration | None:
    """Return an example that a model made up, where its output can be one of the task."""
    if spec.output_schema:
        output = following(spec.output_schema, output) or ""
    elif spec.labels:
        output = spelled(output, spec.label_names)
        if output not in spec.label_names:
            return None
    return Demonstration(input=given, output=output) if given and output else None
