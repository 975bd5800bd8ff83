"""Which metric a task is scored by."""

from collections import Counter
from collections.abc import Mapping

from tools.services import Call, Metric, ToolError
from tools.task import TaskSpec

LOPSIDED = 0.8
"""Share of the most frequent label from which on accuracy hardly notices the other labels."""


def choose_metric(spec: TaskSpec, label_counts: Mapping[str, int]) -> tuple[str, str]:
    """Return the name of the metric and, in a sentence, the reason.

    Args:
        spec: The task; its own metric wins.
        label_counts: Output → number of training rows.
    """
    if spec.metric:
        return spec.metric, f"The task asks for {spec.metric}."
    if spec.output_type == "text":
        return "exact_match", "The output is free text."
    total = sum(label_counts.values())
    if not total:
        return "accuracy", "There are no training rows yet that would speak against it."
    label, n = max(label_counts.items(), key=lambda item: (item[1], item[0]))
    if n >= LOPSIDED * total:
        return "macro_f1", f"{n / total:.0%} of the training rows are {label!r}."
    return "accuracy", f"No label has {LOPSIDED:.0%} of the training rows or more."


def metric_of(call: Call) -> Metric:
    """Return the metric by which this call scores students.

    Generated rows have no say while there are others: their labels are as frequent as asked for,
    and the metric must not change with them from round to round.

    Raises:
        ToolError: The task asks for a metric that is not registered.
    """
    rows = call.services.store.accepted("train")
    real = [e for e in rows if e.evidence != "synthetic"]
    name, _ = choose_metric(call.spec, Counter(e.output for e in real or rows))
    try:
        return call.services.metrics[name]
    except KeyError:
        known = ", ".join(sorted(call.services.metrics))
        raise ToolError(f"there is no metric {name!r}; choose one of {known}") from None
