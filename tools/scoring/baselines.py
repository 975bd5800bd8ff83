"""What a score has to beat before it means anything."""

from tools.services import Call, Metric, ToolError
from tools.students import client
from tools.students.manifest import load_manifest

ALWAYS_S = 60.0
"""What a baseline may take in a run whose time is up."""


def majority(call: Call, metric: Metric) -> float | None:
    """Return the test score of always answering the most frequent training output.

    None where there are no test or no training rows.
    """
    store = call.services.store
    test, counts = store.accepted("test"), store.label_counts("train")
    if not test or not counts:
        return None
    most_frequent = next(iter(counts))
    return metric.score([e.output for e in test], [most_frequent] * len(test))


def copy(call: Call, metric: Metric) -> float | None:
    """Return the test score of giving the input as the answer; None for labels or no test rows."""
    test = call.services.store.accepted("test")
    if call.spec.output_type != "text" or not test:
        return None
    return metric.score([e.output for e in test], [e.input for e in test])


def seed_only(call: Call, metric: Metric, seconds_left: float) -> float | None:
    """Return the test score of a student trained on the user's own examples alone.

    It has the method and base of `call.best` and searches its hyperparameters anew; one of text may
    take half as long as the best did. None where there are no test rows or no best student, and
    where the user's training examples have fewer than two outputs, are too few to train on, or it
    would take longer than the run may, which is then shown as progress.

    Args:
        call: The call, with the best student.
        metric: What to score by.
        seconds_left: What is left of the run's time.
    """
    services = call.services
    gold = [e for e in services.store.accepted("train") if e.evidence == "gold"]
    test = services.store.accepted("test")
    if call.best is None or not test or len({e.output for e in gold}) < 2:
        return None
    best = load_manifest(client.folder_of(services, call.best))
    left = max(ALWAYS_S, seconds_left)
    # The very student that was trained on these rows is there already.
    if len(gold) < best.train_rows and best.seconds * len(gold) / best.train_rows > left:
        services.progress("no seed-only baseline: there is no time left to train another student")
        return None
    if call.spec.output_type == "text":
        left = min(left, max(ALWAYS_S, best.seconds) / 2)
    try:
        trained = client.train(services, call.spec, gold, best.method, best.base, {}, left)
        answers = client.predict(services, trained.student, [e.input for e in test])
    except ToolError as error:
        services.progress(f"no seed-only baseline: {error}")
        return None
    return metric.score([e.output for e in test], [answer.output for answer in answers])
