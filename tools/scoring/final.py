"""The number that the report leads with: the chosen student on the test rows, once."""

from tools.scoring.answers import aligned, answer_split
from tools.scoring.choose import metric_of, others
from tools.scoring.intervals import interval
from tools.services import Call, Json


def score_test(call: Call, student: str) -> Json | None:
    """Score a student on the accepted test rows; None where there are none.

    For the concluding node alone: a test score that anything is chosen by is no test score.

    Returns:
        `metric`, `value`, `ci95` (None for a single row), `n`, and under `also` what the other
        metrics give that say something on such outputs.

    Raises:
        ToolError: There is no such student.
    """
    services = call.services
    if not services.store.count("test"):
        return None
    rows, answers = answer_split(call, student, "test")
    gold, predicted = aligned(rows, answers)
    metric = metric_of(call)
    ci = interval(metric, gold, predicted, services.seed)
    return {
        "metric": metric.name,
        "value": metric.score(gold, predicted),
        "ci95": list(ci) if ci else None,
        "n": len(gold),
        "also": {
            name: other.score(gold, predicted) for name, other in others(call, metric, rows).items()
        },
    }
