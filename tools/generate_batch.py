"""generate_batch: have the teacher write examples until enough are accepted."""

from collections.abc import Mapping, Sequence
from typing import get_args

from tools.curation.doubts import wrong_labels
from tools.curation.pipeline import curator
from tools.examples import Example
from tools.reasons import Reason
from tools.services import Call, Draft, Focus, Json, ToolError, ToolResult
from tools.splits import settle
from tools.teachers.harvest import WINDOW, Harvest, harvest
from tools.teachers.requests import teaching_request, training_rows

MOST = 2_000


def generate_batch(
    call: Call,
    n: int,
    focus: Focus,
    guidance: str = "",
    labels: Sequence[str] | None = None,
) -> ToolResult:
    """Write new training examples until n are accepted or the yield is hopeless.

    Args:
        call: The tool call.
        n: Accepted examples wanted, 1 to 2,000.
        focus: cover: all labels alike. hard: labels that the best student confuses. balance:
            labels that have few rows. repair: write nothing, drop rows with a doubtful label.
        guidance: What the examples should be about or look like, in plain words.
        labels: Write for these labels only.
    """
    known = _known_labels(call)
    _check(call, n, focus, labels or (), known)
    services = call.services
    settle(services.store, services.seed)
    if focus == "repair":
        return _repair(call, n)
    batch = curator(services.store).batch(call.id, call.spec, known)
    request = teaching_request(call, n, focus, guidance, labels or known, batch)
    result = harvest(services.teacher, request, n, batch)
    licences = {example.id: example.licence for example in request.examples}
    rows = [_row(call, draft, reason, licences) for draft, reason in result.drafts]
    services.store.write(call.id, rows)
    services.progress(f"{result.accepted} of {n} new examples accepted")
    return _report(call, n, focus, result)


def _known_labels(call: Call) -> tuple[str, ...]:
    if call.spec.output_type == "text":
        return ()
    return call.spec.label_names or tuple(sorted(call.services.store.label_counts("train")))


def _check(call: Call, n: int, focus: str, labels: Sequence[str], known: Sequence[str]) -> None:
    if not 1 <= n <= MOST:
        raise ToolError(f"n is {n}; ask for 1 to {MOST} examples at a time")
    if focus not in get_args(Focus):
        raise ToolError(f"unknown focus {focus!r}; use one of {', '.join(get_args(Focus))}")
    if call.spec.output_type == "text":
        if focus != "cover" or labels:
            raise ToolError("a text task has no labels; use focus 'cover' without labels")
        return
    if not known:
        raise ToolError("no labels are known yet; import a data set or name the labels first")
    unknown = sorted(set(labels) - set(known))
    if unknown:
        raise ToolError(f"unknown labels {unknown}; the task has {', '.join(known)}")


def _row(call: Call, draft: Draft, reason: Reason | None, licences: Mapping[int, str]) -> Example:
    return Example(
        input=draft.input.strip(),
        output=draft.output,
        split="train",
        source=draft.source or call.services.teacher.name,
        licence=draft.licence or _joined_licence(draft, licences),
        evidence="synthetic",
        round=call.round,
        parents=draft.parents,
        reason=reason,
    )


def _joined_licence(draft: Draft, licences: Mapping[int, str]) -> str:
    parts = {
        part for parent in draft.parents for part in licences.get(parent, "unknown").split(" AND ")
    }
    return " AND ".join(sorted(parts)) or "unknown"


def _artifact(call: Call, n: int, focus: Focus, diagnosis: str | None) -> Json:
    return {
        "tool": "generate_batch",
        "focus": focus,
        "requested": n,
        "accepted": 0,
        "rejected": {},
        "dropped": 0,
        "diagnosis": diagnosis,
        "call": call.id,
    }


def _report(call: Call, n: int, focus: Focus, result: Harvest) -> ToolResult:
    diagnosis = _diagnosis(result)
    artifact = _artifact(call, n, focus, diagnosis)
    artifact |= {"accepted": result.accepted, "rejected": result.rejected}
    text = f"{result.accepted} of {n} examples accepted out of {len(result.drafts)} drafts."
    return f"{text} {diagnosis}" if diagnosis else text, artifact


def _diagnosis(result: Harvest) -> str | None:
    if result.ending == "complete":
        return None
    why = {
        "hopeless": f"Stopped: of the last {WINDOW} drafts almost none were accepted.",
        "exhausted": "Stopped: the teacher had no more ideas.",
    }[result.ending]
    main = ", ".join(f"{reason} ({times})" for reason, times in list(result.rejected.items())[:3])
    return f"{why} Main reasons for rejection: {main}." if main else why


def _repair(call: Call, n: int) -> ToolResult:
    """Reject training rows whose label is doubtful; a repeated call decides the same again."""
    store = call.services.store
    if call.best is None:
        raise ToolError("focus 'repair' needs an evaluated student; train one first")
    store.restore(call.id)
    doubtful = wrong_labels(
        training_rows(call), store.predictions(call.best, "oof"), call.services.encoder
    )
    store.reject(call.id, doubtful, "label doubt")
    diagnosis = None if doubtful else "No training row has a label to doubt."
    artifact = _artifact(call, n, "repair", diagnosis) | {"dropped": len(doubtful)}
    return f"{len(doubtful)} training rows with a doubtful label dropped.", artifact
