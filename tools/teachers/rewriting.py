"""Rows of a related data set rewritten into examples of the task.

The method is DataTune (Gandhi et al., arXiv 2404.14361): a plan of how rows become examples, then
the rows themselves, several in a prompt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prompts import render
from tools.llm.asking import (
    TEXT,
    clipped,
    closed,
    items,
    line,
    list_schema,
    message,
    one_of,
    seed_of,
    spelled,
    texts_of,
    tokens,
    written_out,
)
from tools.llm.prompt import Json, Prompt, Reply
from tools.teachers.showing import AMPLE, about, all_labels, choose
from tools.teachers.writing import UNUSABLE
from tools.teaching import Draft, RewritingRequest, SourceRow

ROWS_PER_CALL = 8
_SAMPLES = 4
_LONGEST_VALUE = 2_000
_LONGEST_SAMPLE = 400
_EXAMPLES = 8
_TOKENS_EACH = 60
_TOKENS_OF_A_PLAN = 2_500
USUAL_PLAN = (
    "Take from each row what could be an input of the task and write it the way such inputs are "
    "written; work out the output by the rules of the task. Leave out rows that do not lend "
    "themselves to it."
)


def plan_prompt(request: RewritingRequest) -> Prompt:
    """Return the prompt that asks how rows of this kind become examples."""
    columns = list(request.rows[0].values)
    user = message(
        "rewriting_plan",
        {"plan": {"columns": columns}},
        **_task(request),
        title=line({"title": clipped(request.title, _LONGEST_SAMPLE)}),
        rows=[line(_values(row, _LONGEST_SAMPLE)) for row in request.rows[:_SAMPLES]],
    )
    return Prompt(
        name="plan",
        system=render("writer").strip(),
        user=user,
        schema=closed({"plan": TEXT}),
        seed=seed_of(request.seed, request.call, request.title),
        max_tokens=_TOKENS_OF_A_PLAN,
    )


@dataclass(frozen=True)
class RowOrder:
    """A prompt with the rows that it shows, by the ids that it calls them."""

    prompt: Prompt
    rows: dict[str, SourceRow]
    labels: Sequence[str]


def row_orders(request: RewritingRequest, plan: str) -> list[RowOrder]:
    """Return the prompts that have all rows rewritten."""
    starts = range(0, len(request.rows), ROWS_PER_CALL)
    return [_order(request, plan, request.rows[s : s + ROWS_PER_CALL]) for s in starts]


def _order(request: RewritingRequest, plan: str, rows: Sequence[SourceRow]) -> RowOrder:
    by_id = {str(number): row for number, row in enumerate(rows, start=1)}
    values = {id_: _values(row, _LONGEST_VALUE) for id_, row in by_id.items()}
    user = message("rewrite", {"rows": values}, **_task(request), plan=plan)
    labels = all_labels(request.spec, request.examples)
    prompt = Prompt(
        name="rewritten",
        system=render("writer").strip(),
        user=user,
        schema=list_schema("examples", row=one_of(list(by_id)), input=TEXT, output=one_of(labels)),
        seed=seed_of(request.seed, request.call, *(row.group for row in rows)),
        max_tokens=tokens([line(v) for v in values.values()], _TOKENS_EACH, len(rows)),
    )
    return RowOrder(prompt, by_id, labels)


def _task(request: RewritingRequest) -> Json:
    """Return what both prompts say about the task."""
    names = all_labels(request.spec, request.examples)
    shown = choose(request.examples, [], AMPLE, request.seed)
    return about(request.spec, names, shown[:_EXAMPLES])


def _values(row: SourceRow, most: int) -> Json:
    return {
        column: clipped(value if isinstance(value, str) else line(value), most)
        for column, value in row.values.items()
        if value is not None
    }


def rewritten(asked: RowOrder, reply: Reply) -> Iterator[Draft]:
    """Yield what became of the rows, and a draft with a problem for what is no example."""
    for item in items(reply, "examples"):
        texts = texts_of(written_out(item), "input", "output")
        row = asked.rows.get(str(item.get("row"))) if texts else None
        if texts is None or row is None:
            yield UNUSABLE
            continue
        yield Draft(
            input=texts[0],
            output=spelled(texts[1], asked.labels),
            source=row.source,
            licence=row.licence,
            group=row.group,
        )
