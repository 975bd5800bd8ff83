"""Bind the plain tools to LangChain's tool protocol; the only file that knows both.

The docstrings here are what a planner reads as the tools' descriptions.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, Literal

from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, tool
from langgraph.prebuilt import ToolNode, ToolRuntime

from graph import budget
from graph.budget import Deadline
from graph.mark import mark
from graph.state import NOTHING_SPENT, State
from graph.wishes import fresh, wanted
from tools import evaluate as evaluating
from tools import finetune as finetuning
from tools import generate_batch as generating
from tools import map_columns as mapping
from tools import pick_model as picking
from tools import search_hf_datasets as searching
from tools import transform_rows as transforming
from tools.services import Call, Services, ToolError, ToolResult
from tools.task import TaskSpec
from tools.teaching import Focus, Usage
from tools.text import one_line, printable

Runtime = ToolRuntime[Services, State]
LONGEST_ERROR = 2_000


@tool(parse_docstring=True)
def search_hf_datasets(
    query: str,
    runtime: Runtime,
    language: str | None = None,
    limit: int = 5,
    licence: str | None = None,
    min_rows: int = 0,
) -> ToolMessage:
    """Search the Hugging Face Hub and local catalogues for data sets that fit the task.

    Args:
        query: Words that describe the data.
        language: BCP 47 tag of the inputs; the task's own language if left out.
        limit: How many data sets to return.
        licence: Only data sets under this licence, such as "mit".
        min_rows: Only data sets with at least so many rows.
    """
    return _answer(
        runtime,
        "search_hf_datasets",
        lambda call: searching.search_hf_datasets(call, query, language, limit, licence, min_rows),
    )


@tool(parse_docstring=True)
def map_columns(
    dataset: str,
    runtime: Runtime,
    config: str | None = None,
    split: str | None = None,
    input: str | None = None,
    output: str | None = None,
    label_map: dict[str, str] | None = None,
    per_label: int | None = None,
) -> ToolMessage:
    """Import a data set: check on sample rows which columns serve, then take what fits.

    Inputs and outputs may be columns, paths such as answers.text[0], templates that join them such
    as "context: {context} question: {question}", or functions: first(long_text, text) takes the
    first that is not empty, entities(tokens, ner_tags) and pairs(spans.kind, spans.value) give
    "person: Alan Turing; place: Paris". Left out, they are chosen where that is clear.

    Args:
        dataset: Id of the data set, as search_hf_datasets gives it.
        config: Config of the data set, where it has several.
        split: Take this split only, or several with commas between.
        input: Where the input is.
        output: Where the label or answer is.
        label_map: Label in the data to label of the task, several to one if need be, or to "" to
            leave its rows out; the rest is matched by name.
        per_label: Take at most so many training rows of each label.
    """
    return _answer(
        runtime,
        "map_columns",
        lambda call: mapping.map_columns(
            call, wanted(runtime.state, dataset), config, split, input, output, label_map, per_label
        ),
        dataset=dataset,
    )


@tool(parse_docstring=True)
def generate_batch(
    n: int,
    focus: Focus,
    runtime: Runtime,
    guidance: str = "",
    labels: list[str] | None = None,
) -> ToolMessage:
    """Have the teacher write examples until n are accepted or the yield is hopeless.

    Args:
        n: How many accepted examples are wanted.
        focus: cover (all labels alike), hard (labels that the best student confuses), balance
            (labels that have few rows) or repair (write nothing, look again at doubtful labels).
            In text tasks kinds of output stand for labels, and repair does not exist.
        guidance: What the examples should be like, in a sentence.
        labels: Write for these labels only; none in text tasks.
    """
    return _answer(
        runtime,
        "generate_batch",
        lambda call: generating.generate_batch(call, n, focus, guidance, labels),
        focus=focus,
        labels=labels or [],
    )


@tool(parse_docstring=True)
def transform_rows(dataset: str, n: int, runtime: Runtime, plan: str = "") -> ToolMessage:
    """Have the teacher rewrite rows of a related data set into examples of the task.

    For data sets that are about the right thing in another form, which map_columns cannot import.

    Args:
        dataset: Id of the data set, as search_hf_datasets gives it.
        n: How many accepted examples are wanted.
        plan: How a row becomes an example, in a few sentences; left out, the teacher makes one.
    """
    return _answer(
        runtime,
        "transform_rows",
        lambda call: transforming.transform_rows(call, wanted(runtime.state, dataset), n, plan),
        dataset=dataset,
        focus="transform",
    )


@tool(parse_docstring=True)
def pick_model(
    runtime: Runtime,
    max_parameters: int | None = None,
    language: str | None = None,
    licence: str | None = None,
    race: bool = False,
    also: list[str] | None = None,
) -> ToolMessage:
    """Rank base models and training methods that fit the task, the machine and the budget.

    Args:
        max_parameters: Upper bound on the size of the base.
        language: BCP 47 tag that the base must know.
        licence: Licence that the base must have.
        race: Train the best two or three briefly on some training rows and put the winner first;
            takes up to a fifth of the time left.
        also: Bases to consider first, such as Hugging Face Hub ids or paths of local models.
    """
    state = runtime.state
    student = state.get("student")
    return _answer(
        runtime,
        "pick_model",
        lambda call: picking.pick_model(
            call,
            max_parameters,
            language,
            licence,
            race,
            asked=[*(also or []), *([student] if student else [])],
            seconds_left=_seconds_left(state),
            most_mb=state.get("most_mb"),
        ),
    )


@tool(parse_docstring=True)
def finetune(
    runtime: Runtime,
    model: str | None = None,
    method: str | None = None,
    hyperparameters: dict[str, Any] | None = None,
) -> ToolMessage:
    """Train a student on all accepted training examples and return its id.

    Args:
        model: Base model, as pick_model gives it.
        method: Training method, as pick_model gives it.
        hyperparameters: Settings of the method; it chooses the rest itself.
    """
    return _answer(
        runtime,
        "finetune",
        lambda call: finetuning.finetune(
            call,
            model,
            method,
            hyperparameters,
            seconds_left=_seconds_left(runtime.state),
            most_mb=runtime.state.get("most_mb"),
        ),
        model=model,
    )


@tool(parse_docstring=True)
def evaluate(runtime: Runtime, student: str | None = None) -> ToolMessage:
    """Score a student on validation and compare it with the best so far.

    Args:
        student: Id of the student, as finetune gives it; the one trained last if left out.
    """
    trained = runtime.state.get("trained") or runtime.state.get("best")
    id_ = student or (trained["student"] if trained else "")
    return _answer(
        runtime,
        "evaluate",
        lambda call: evaluating.evaluate(call, id_, seconds_left=_seconds_left(runtime.state)),
    )


TOOLS: Sequence[BaseTool] = (
    search_hf_datasets,
    map_columns,
    transform_rows,
    generate_batch,
    pick_model,
    finetune,
    evaluate,
)


def tool_node() -> ToolNode:
    """Return the node that runs one tool call.

    Arguments that do not fit a tool's schema go back to the planner as text; a bug surfaces.
    """
    return ToolNode(TOOLS)


def _answer(
    runtime: Runtime, name: str, run: Callable[[Call], ToolResult], **asked: Any
) -> ToolMessage:
    """Run a tool and wrap what it returns, or the error it reports, for the planner."""
    start = time.monotonic()
    services = runtime.context
    budget.fund(services, runtime.state)
    before = services.teacher.usage()
    status: Literal["success", "error"] = "success"
    try:
        text, artifact = run(_call(runtime))
    except ToolError as error:
        # What it quotes may come from anywhere, and must not pass for several lines.
        text, status = one_line(str(error), LONGEST_ERROR), "error"
        artifact = {"tool": name, "error": text, "of_base": error.of_base}
    artifact |= {"asked": asked, "elapsed": round(time.monotonic() - start, 3)}
    artifact["call"] = runtime.tool_call_id
    used = services.teacher.usage().since(before)
    # The book knows the call by its id, so that what was paid before a crash is counted too.
    booked = services.book.usage(runtime.tool_call_id) if services.book else Usage()
    artifact["usage"] = asdict(used.plus(booked))
    artifact["mark"] = mark(services)
    shown, id_ = printable(text), runtime.tool_call_id
    return ToolMessage(shown, name=name, artifact=artifact, status=status, tool_call_id=id_)


def _seconds_left(state: State) -> float:
    return budget.seconds_left(state["limits"], state.get("spent", NOTHING_SPENT))


def _call(runtime: Runtime) -> Call:
    """Gather what the planner does not choose: spec, services, round, best student."""
    state = runtime.state
    left = _seconds_left(state)

    def progress(message: str) -> None:
        runtime.stream_writer({"progress": message})

    services = replace(
        runtime.context,
        executor=Deadline(runtime.context.executor, time.monotonic() + left),
        progress=progress,
    )
    imported = {i["dataset"] for i in state.get("imports", [])}
    found = state.get("datasets", [])
    return Call(
        id=str(runtime.tool_call_id),
        spec=TaskSpec.model_validate(state["spec"]),
        services=services,
        round=len(state.get("rounds", [])) + 1,
        best=(state.get("best") or {}).get("student"),
        related=tuple(d["id"] for d in found if d["allowed"] and d["repo_id"] not in imported),
        fresh=fresh(state),
    )
