"""What a score has to beat before it means anything."""

from tools.services import Call, Metric, ToolError
from tools.students import client
from tools.students.manifest import load_manifest


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


def seed_only(call: Call, metric: Metric) -> float | None:
    """Return the test score of a student trained on the user's own examples alone.

    It has the method and base of `call.best` and searches its hyperparameters anew. None where
    there are no test rows or no best student, and where the user's training examples have fewer
    than two outputs or are too few to train on, which is then shown as progress.
    """
    services = call.services
    gold = [e for e in services.store.accepted("train") if e.evidence == "gold"]
    test = services.store.accepted("test")
    if call.best is None or not test or len({e.output for e in gold}) < 2:
        return None
    best = load_manifest(client.folder_of(services, call.best))
    try:
        trained = client.train(services, call.spec, gold, best.method, best.base, {})
    except ToolError as error:
        services.progress(f"no seed-only baseline: {error}")
        return None
    answers = client.predict(services, trained.student, [e.input for e in test])
    return metric.score([e.output for e in test], [answer.output for answer in answers])
