"""generate_batch: have the teacher write examples until enough are accepted."""

from collections.abc import Mapping, Sequence
from typing import get_args

from tools.curation.agreement import agree
from tools.curation.pipeline import Batch, curator
from tools.curation.repair import repair
from tools.examples import Example
from tools.reasons import Reason
from tools.services import Call, Json, ToolError, ToolResult
from tools.splits import hold_out_fresh, settle, written_rows_will_test
from tools.teachers.harvest import BARREN, Agree, Harvest, harvest
from tools.teachers.offline import OfflineTeacher
from tools.teachers.requests import known_labels, shown, teaching_request, training_rows
from tools.teaching import Draft, Focus, TeachingRequest

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
            labels that have few rows. repair: write nothing, look again at up to n training rows
            with a doubtful label. In text tasks cover writes kinds of output as often as real rows
            have them, balance those that have fewer rows than their share, hard variations of what
            the best student got wrong.
        guidance: What the examples should be about or look like, in plain words.
        labels: Write for these labels only.
    """
    known = known_labels(call)
    _check(call, n, focus, labels or (), known)
    services = call.services
    # What an earlier try of this call stored must not decide anything in this one.
    services.store.write(call.id, [])
    settle(services.store, services.seed, written=call.spec.output_type == "text")
    hold_out_fresh(services.store, call.fresh, services.seed)
    if focus == "repair":
        return _repair(call, n)
    batch = curator(services.store).batch(call.id, call.spec, known)
    if focus == "balance" and batch.outputs and not batch.outputs.kinds:
        raise ToolError(
            "the outputs of this text task have no kinds to balance; use focus 'cover' or 'hard'"
        )
    request = teaching_request(call, n, focus, guidance, labels or known, batch)
    result = harvest(services.teacher, request, n, batch, _agreement(call, focus, request, batch))
    licences = {example.id: example.licence for example in request.examples}
    rows = [_row(call, draft, reason, licences) for draft, reason in result.drafts]
    services.store.write(call.id, rows)
    services.progress(f"{result.accepted} of {n} new examples accepted")
    return _report(call, n, focus, result)


def _agreement(call: Call, focus: Focus, request: TeachingRequest, batch: Batch) -> Agree | None:
    """Return how to have a judge check labels, where that pays.

    It does where labels are hard to tell apart, and where what is written will validate and test.
    Of free texts there are many right ones, so nobody would agree.
    """
    judge = call.services.judge
    if judge is None or (batch.outputs and not batch.outputs.kinds):
        return None
    if not (focus == "hard" or written_rows_will_test(call.services.store)):
        return None
    return lambda drafts: agree(judge, call.spec, request.examples, drafts, call.id)


def _check(call: Call, n: int, focus: str, labels: Sequence[str], known: Sequence[str]) -> None:
    if not 1 <= n <= MOST:
        raise ToolError(f"n is {n}; ask for 1 to {MOST} examples at a time")
    if focus not in get_args(Focus):
        raise ToolError(f"unknown focus {focus!r}; use one of {', '.join(get_args(Focus))}")
    if call.spec.output_type == "text":
        if focus == "repair" or labels:
            raise ToolError(
                "a text task has no labels to name or repair; use focus 'cover', 'hard' or "
                "'balance', without labels"
            )
        return
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
        group=draft.group,
        reason=reason,
        cell=draft.cell,
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
        "ending": "complete",
        "diagnosis": diagnosis,
        "call": call.id,
    }


def _report(call: Call, n: int, focus: Focus, result: Harvest) -> ToolResult:
    diagnosis = _diagnosis(call, result)
    artifact = _artifact(call, n, focus, diagnosis)
    artifact |= {"accepted": result.accepted, "rejected": result.rejected}
    artifact["ending"] = result.ending
    text = f"{result.accepted} of {n} examples accepted out of {len(result.drafts)} drafts."
    return f"{text} {diagnosis}" if diagnosis else text, artifact


def _diagnosis(call: Call, result: Harvest) -> str | None:
    if result.ending == "complete":
        return None
    if call.spec.output_type == "text" and isinstance(call.services.teacher, OfflineTeacher):
        return "The offline teacher writes no texts: that needs a language model as teacher."
    why = {
        "hopeless": f"Stopped: almost no draft was accepted in {BARREN} passes or 200 drafts.",
        "exhausted": "Stopped: the teacher had no more ideas.",
        "budget": "Stopped: the budget in USD allows no further call.",
    }[result.ending]
    main = ", ".join(f"{reason} ({times})" for reason, times in list(result.rejected.items())[:3])
    return f"{why} Main reasons for rejection: {main}." if main else why


def _repair(call: Call, n: int) -> ToolResult:
    """Relabel or reject doubtful training rows; a repeated call decides the same again."""
    store = call.services.store
    if call.best is None:
        raise ToolError("focus 'repair' needs an evaluated student; train one first")
    store.restore(call.id)
    done = repair(call, shown(call, training_rows(call)), n)
    store.reject(call.id, done.dropped, "label doubt")
    store.write(call.id, done.relabelled)
    diagnosis = None if done.dropped else "No training row has a label to doubt."
    changed = {"dropped": len(done.dropped), "accepted": len(done.relabelled)}
    text = f"{len(done.dropped)} training rows with a doubtful label dropped"
    if done.relabelled:
        text += f", {len(done.relabelled)} of them kept under another label"
    return f"{text}.", _artifact(call, n, "repair", diagnosis) | changed
