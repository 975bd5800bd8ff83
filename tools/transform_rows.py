"""Tool: have the teacher rewrite rows of a related data set into examples of the task."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from tools.curation.agreement import agree
from tools.curation.pipeline import Batch, curator
from tools.examples import Example
from tools.hub.licences import classify, how_to_allow, is_allowed
from tools.hub.lookup import Found, find
from tools.reasons import Reason
from tools.services import BudgetError, Call, ToolError, ToolResult
from tools.splits import hold_out_fresh, settle, written_rows_will_test
from tools.task import Label
from tools.teachers.harvest import Agree, Harvest, second_opinion
from tools.teachers.requests import call_seed, known_labels, one_line, shown
from tools.teachers.source_rows import source_rows
from tools.teaching import Draft, Rewriter, RewritingRequest, SourceRow

MOST = 1_000
ROWS_PER_EXAMPLE = 2
"""Rows that are shown to the teacher at most, for every example wanted."""
_SMALLEST_WAVE = 16


@dataclass
class _Yield(Harvest):
    """What became of the rows shown so far."""

    shown: int = 0
    diagnosis: str | None = None


def transform_rows(call: Call, dataset: str, n: int, plan: str = "") -> ToolResult:
    """Rewrite rows of a related data set until n examples are accepted or 2n rows were tried.

    Args:
        call: The tool call.
        dataset: Id such as `owner/name` or `owner/name@config`.
        n: Accepted examples wanted, 1 to 1,000.
        plan: How a row becomes an example, in words; the teacher makes one up where empty.

    Raises:
        ToolError: Unknown data set, licence not allowed, or a teacher that cannot rewrite.
    """
    services = call.services
    if not 1 <= n <= MOST:
        raise ToolError(f"n is {n}; ask for 1 to {MOST} examples at a time")
    teacher = _rewriter(call)
    found = _found(call, dataset)
    # A repeated call must not take rows of its first try for those of someone else.
    services.store.write(call.id, [])
    settle(services.store, services.seed, written=call.spec.output_type == "text")
    hold_out_fresh(services.store, call.fresh, services.seed)
    labels = known_labels(call)
    batch = curator(services.store).batch(call.id, call.spec, labels)
    rows = islice(source_rows(call, found, batch.holds_out), n * ROWS_PER_EXAMPLE)
    request = _request(call, found, plan, labels)
    result = _rewrite(teacher, request, rows, n, batch, _agreement(call, request))
    services.store.write(call.id, [_example(call, *judged) for judged in result.drafts])
    services.progress(f"{result.accepted} of {n} new examples accepted")
    return _report(call, found, n, result)


def _agreement(call: Call, request: RewritingRequest) -> Agree | None:
    """Return how to have a judge check what may come to validate and test."""
    judge = call.services.judge
    if judge is None or not written_rows_will_test(call.services.store):
        return None
    return lambda drafts: agree(judge, request.spec, request.examples, drafts, call.id)


def _rewriter(call: Call) -> Rewriter:
    teacher = call.services.teacher
    if not isinstance(teacher, Rewriter):
        raise ToolError(
            f"{teacher.name} cannot rewrite rows, which needs an LLM teacher;"
            " use map_columns or generate_batch"
        )
    return teacher


def _found(call: Call, dataset: str) -> Found:
    found = find(call.services.sources, dataset, None, call.spec.language)
    licence = found.info.licence
    if not is_allowed(licence, call.services.allowed_licences):
        raise ToolError(
            f"{found.info.repo_id} has licence {licence!r} ({classify(licence)});"
            f" {how_to_allow(licence)}"
        )
    return found


def _request(call: Call, found: Found, plan: str, labels: Sequence[str]) -> RewritingRequest:
    """Return a request without rows that holds nothing of the validation or test split."""
    info = found.info
    named = tuple(Label(name=label) for label in labels)
    return RewritingRequest(
        # Demonstrations count as examples, and may be held out by now.
        spec=call.spec.model_copy(
            update={"demonstrations": (), "labels": call.spec.labels or named}
        ),
        rows=(),
        examples=shown(call, call.services.store.accepted("train")),
        seed=call_seed(call),
        call=call.id,
        title=info.title or info.repo_id,
        plan=one_line(plan),
    )


def _rewrite(
    teacher: Rewriter,
    request: RewritingRequest,
    rows: Iterator[SourceRow],
    n: int,
    batch: Batch,
    agree_on: Agree | None,
) -> _Yield:
    """Show rows in waves, each as large as what is missing seems to need."""
    result = _Yield()
    while (missing := n - result.accepted) > 0:
        wave = list(islice(rows, _wave(missing, result)))
        if not wave:
            result.diagnosis = f"Stopped: all {result.shown} rows that may be shown were tried."
            break
        before, drawn = result.accepted, len(result.drafts)
        result.shown += len(wave)
        try:
            _judge(teacher.rewrite(replace(request, rows=wave)), missing, batch, result)
        except BudgetError:
            result.diagnosis = "Stopped: the budget in USD allows no further call."
            break
        if agree_on:
            second_opinion(result, drawn, agree_on)
        if result.accepted == before:
            result.diagnosis = f"Stopped: of {len(wave)} rows none became an accepted example."
            break
    return result


def _wave(missing: int, so_far: _Yield) -> int:
    if not so_far.accepted:
        return max(_SMALLEST_WAVE, missing)
    return max(_SMALLEST_WAVE, -(-missing * so_far.shown // so_far.accepted))


def _judge(drafts: Iterator[Draft], missing: int, batch: Batch, result: _Yield) -> None:
    for draft in map(batch.mended, drafts):
        reason = batch.judge(draft)
        result.drafts.append((draft, reason))
        missing -= reason is None
        if not missing:
            return


def _example(call: Call, draft: Draft, reason: Reason | None) -> Example:
    return Example(
        input=draft.input,
        output=draft.output,
        split="train",
        source=draft.source,
        licence=draft.licence,
        evidence="synthetic",
        round=call.round,
        group=draft.group,
        reason=reason,
    )


def _report(call: Call, found: Found, n: int, result: _Yield) -> ToolResult:
    reasons = Counter(str(reason) for _, reason in result.drafts if reason is not None)
    artifact = {
        "tool": "transform_rows",
        "focus": "transform",
        "dataset": found.info.repo_id,
        "requested": n,
        "accepted": result.accepted,
        "rejected": dict(reasons.most_common()),
        "dropped": 0,
        "diagnosis": result.diagnosis,
        "call": call.id,
    }
    text = f"{result.accepted} of {n} examples accepted out of {result.shown} rows."
    return f"{text} {result.diagnosis}" if result.diagnosis else text, artifact
