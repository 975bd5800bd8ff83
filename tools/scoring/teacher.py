"""The teacher itself on the test rows: what the student has to stand comparison with."""

import random
import time

from tools.examples import Example, Scored
from tools.scoring.answers import aligned
from tools.scoring.choose import metric_of
from tools.scoring.compare import compare
from tools.scoring.intervals import interval
from tools.services import Call, EndpointError, Json
from tools.teaching import Usage

BASELINE = "baseline"
"""What the calls are booked under."""
TEST_ROWS = 200
"""More would narrow the interval a little and could cost more than all the teaching."""
_MILLION = 1_000_000


def against_teacher(call: Call, student: str) -> Json | None:
    """Compare the student with its teacher, prompted with the user's examples, on test rows.

    For the concluding node alone, when nothing can be learned from these answers any more. None
    where there is no LLM that teaches, no test row, or no answer that the budget allows. Where the
    endpoint fails, `value` is None and `why` says so.

    Returns:
        The teacher's `value`, `ci95` and `n`; the `student`'s score on the same rows with `gain`
        and `p_better`; seconds and USD for `per_million` answers, None where unknown: USD without
        a price, seconds where answers from the cache took none.
    """
    services, prompted = call.services, call.services.prompted
    test = services.store.accepted("test")
    if prompted is None or services.book is None or not test:
        return None
    rows = random.Random(services.seed).sample(test, min(TEST_ROWS, len(test)))
    services.progress(f"asking the teacher about {len(rows)} test rows")
    start = time.monotonic()
    try:
        answers = prompted.answer(
            call.spec,
            [e for e in services.store.accepted("train") if e.evidence == "gold"],
            [row.input for row in rows],
            call=BASELINE,
            seed=services.seed,
        )
    except EndpointError as error:
        services.progress(f"no baseline by the teacher: {error}")
        return {"value": None, "why": str(error)}
    known = {row.id: answer for row, answer in zip(rows, answers, strict=True) if answer}
    if not known:
        return None
    seconds = (time.monotonic() - start) / len(known)
    used = services.book.usage(BASELINE)
    answered = [row for row in rows if row.id in known]
    return _compared(call, student, answered, known) | {
        "model": prompted.name,
        "per_million": _per_million(used, len(known), seconds),
    }


def _compared(call: Call, student: str, rows: list[Example], known: dict[int, str]) -> Json:
    services, metric = call.services, metric_of(call)
    theirs = {id_: Scored(id_, output, 1.0, 1.0) for id_, output in known.items()}
    gold, taught = aligned(rows, theirs)
    _, own = aligned(rows, services.store.predictions(student, "test"))
    ci = interval(metric, gold, taught, services.seed)
    verdict = compare(metric, gold, own, taught, services.seed)
    return {
        "value": metric.score(gold, taught),
        "ci95": list(ci) if ci else None,
        "n": len(rows),
        "student": metric.score(gold, own),
        "gain": verdict.gain,
        "p_better": verdict.p_better,
    }


def _per_million(used: Usage, answers: int, seconds: float) -> Json:
    usd = None if used.usd is None else used.usd * _MILLION / answers
    tokens = (used.prompt_tokens + used.completion_tokens) * _MILLION // answers
    measured = None if used.cached_calls else seconds * _MILLION
    return {"usd": usd, "tokens": tokens, "seconds": measured}
