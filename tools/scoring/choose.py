"""Which metric a task is scored by."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tools.examples import Example
from tools.scoring.kinds import described
from tools.scoring.metrics import LABEL_METRICS, METRICS, TEXT_METRICS
from tools.services import Call, Metric, ToolError
from tools.task import TaskSpec

LOPSIDED = 0.8
"""Share of the most frequent label from which on accuracy hardly notices the other labels."""


def choose_metric(
    spec: TaskSpec, label_counts: Mapping[str, int], rows: Sequence[tuple[str, str]] = ()
) -> tuple[str, str]:
    """Return the name of the metric and, in a sentence, the reason.

    Args:
        spec: The task; its own metric wins.
        label_counts: Output → number of training rows.
        rows: Inputs and outputs to train on, which decide where outputs are text.
    """
    if spec.metric:
        return spec.metric, f"The task asks for {spec.metric}."
    if spec.output_type == "text":
        return _for_text(spec, rows)
    total = sum(label_counts.values())
    if not total:
        return "accuracy", "There are no training rows yet that would speak against it."
    label, n = max(label_counts.items(), key=lambda item: (item[1], item[0]))
    if n >= LOPSIDED * total:
        return "macro_f1", f"{n / total:.0%} of the training rows are {label!r}."
    return "accuracy", f"No label has {LOPSIDED:.0%} of the training rows or more."


def _for_text(spec: TaskSpec, rows: Sequence[tuple[str, str]]) -> tuple[str, str]:
    if spec.output_schema is not None:
        return "json_f1", "Outputs follow a JSON schema."
    if not rows:
        return "exact_match", "There are no training rows yet to tell what outputs are like."
    kind, why = described(rows)
    return {
        "json": "json_f1",
        "closed": "exact_match",
        "short": "token_f1",
        "long": "chrF++",
    }[kind], why


def metric_of(call: Call) -> Metric:
    """Return the metric by which this call scores students.

    Raises:
        ToolError: The task asks for a metric that is not registered.
    """
    name, _ = reasoned(call)
    try:
        return call.services.metrics[name]
    except KeyError:
        known = ", ".join(sorted(call.services.metrics))
        raise ToolError(f"there is no metric {name!r}; choose one of {known}") from None


def reasoned(call: Call) -> tuple[str, str]:
    """Return the name of the metric that this call scores students by, and why.

    Generated rows have no say while there are others: their labels are as frequent as asked for,
    and the metric must not change with them from round to round.
    """
    rows = call.services.store.accepted("train")
    real = [e for e in rows if e.evidence != "synthetic"] or rows
    counts = Counter(e.output for e in real)
    return choose_metric(call.spec, counts, [(e.input, e.output) for e in real])


def others(call: Call, metric: Metric, test: Sequence[Example]) -> dict[str, Metric]:
    """Return the other metrics that say something on these rows, by name.

    Metrics of labels do on labels, those of texts on texts, those of JSON where right outputs are
    JSON, and a user's own everywhere.
    """
    foreign = set(LABEL_METRICS if call.spec.output_type == "text" else TEXT_METRICS)
    if described([(e.input, e.output) for e in test])[0] != "json":
        foreign |= {"json_f1", "json_valid"}
    return {
        name: other
        for name, other in sorted(call.services.metrics.items())
        if name != metric.name and (name not in METRICS or name not in foreign)
    }
