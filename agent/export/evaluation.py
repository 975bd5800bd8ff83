"""The test score in the forms in which the Hub shows it."""

from typing import TYPE_CHECKING, Any

from agent.export.finished import Finished
from agent.export.names import COMMIT
from agent.export.rows import Selection

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

TEST_ROWS = {
    "gold": "the user's own test rows",
    "retrieved": "test rows from data that people labelled",
    "synthetic": "test rows written by a language model",
}
"""Evidence → what the test rows are."""

_ON_HUB: dict[str, tuple[str, dict[str, str] | None]] = {
    "macro_f1": ("f1", {"average": "macro"}),
    "token_f1": ("f1", {"of": "words, as in SQuAD"}),
    "squad_em": ("exact_match", {"normalisation": "SQuAD"}),
    "chrF++": ("chrf", {"word_order": "2"}),
    "BLEU": ("bleu", None),
    "ROUGE-L": ("rouge", {"rouge_types": "rougeL"}),
}


def results(
    done: Finished, data_repo: str | None, selection: Selection
) -> "list[EvalResult] | None":
    """Return the score for `model-index`; its name says the interval, which has no field there."""
    from huggingface_hub import EvalResult

    test = done.report["test"]
    if test["value"] is None:
        return None
    published = data_repo is not None and len(selection.rows.get("test", ())) == test["n"]
    sources = {example.source for example in done.rows["test"]}
    id_ = data_repo if published else next(iter(sources)) if len(sources) == 1 else "mixed"
    metric, arguments = hub_metric(test["metric"])
    return [
        EvalResult(
            task_type=done.task_id,
            dataset_type="test-rows-of-the-user" if id_ == "user" else str(id_),
            dataset_name=TEST_ROWS[done.report["evidence"]],
            dataset_split="test",
            metric_type=metric,
            metric_value=round(test["value"], 4),
            metric_name=described(test),
            metric_args=arguments,
        )
    ]


def hub_metric(name: str) -> tuple[str, dict[str, str] | None]:
    """Return a metric's id on the Hub, and its arguments there; its own name where it has none."""
    return _ON_HUB.get(name, (name, None))


def described(test: dict[str, Any]) -> str:
    """Return the metric's name with its interval and the number of rows."""
    interval = "no interval"
    if test["ci95"]:
        interval = f"95% interval {test['ci95'][0]:.3f} to {test['ci95'][1]:.3f}"
    return f"{test['metric']} ({interval}, n = {test['n']})"


def benchmark(done: Finished) -> dict[str, str]:
    """Return `.eval_results/` files: path → text; none where the test rows are no benchmark's.

    That takes that every test row comes from the test split of one data set on the Hub, and that
    nothing of that split was left out: a score on part of it could not be compared.
    """
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml
    from yaml import safe_dump

    test = done.report["test"]
    sources = {example.source for example in done.rows["test"]}
    for one in done.report["data"]["imports"]:
        split = one.get("test_split") or {"rows": None}
        whole = {one["dataset"]} == sources and split["rows"] == test["n"]
        if whole and COMMIT.fullmatch(one["revision"]):
            entry = EvalResultEntry(
                dataset_id=one["dataset"],
                task_id=one["config"],
                dataset_revision=one["revision"],
                value=round(test["value"], 4),
                notes=described(test),
            )
            name = one["dataset"].replace("/", "_")
            entries = eval_result_entries_to_yaml([entry])
            return {f".eval_results/{name}.yaml": safe_dump(entries, sort_keys=False)}
    return {}
