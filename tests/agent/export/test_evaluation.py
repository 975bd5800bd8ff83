from dataclasses import replace
from typing import Any

import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries
from huggingface_hub.repocard_data import model_index_to_eval_results

from agent.export.cards import model_card
from agent.export.evaluation import benchmark
from agent.export.finished import Finished
from agent.export.rows import Selection, select
from tools.examples import Example

COMMIT = "0123456789abcdef0123456789abcdef01234567"
IMPORT: dict[str, Any] = {
    "dataset": "a/b", "config": "default", "revision": COMMIT, "label_map": {}, "licence": "mit",
    "test_split": {"name": "test", "rows": 3},
}  # fmt: skip


def as_if_tested_on(done: Finished, source: str, **more: Any) -> Finished:
    """The run as if it had been tested on three rows of a data set."""
    rows = [
        Example(f"t{i}", "refund_request", "test", source, "mit", "retrieved") for i in range(3)
    ]
    test = done.report["test"] | {"n": 3, "metric": "macro_f1"}
    data = done.report["data"] | {"imports": [IMPORT | more]}
    report = done.report | {"test": test, "data": data, "evidence": "retrieved"}
    return replace(done, report=report, rows=done.rows | {"test": rows})


def test_a_score_on_a_whole_test_split_is_one_for_its_leaderboard(done: Finished) -> None:
    files = benchmark(as_if_tested_on(done, "a/b"))
    assert list(files) == [".eval_results/a_b.yaml"]
    (entry,) = parse_eval_result_entries(yaml.safe_load(files[".eval_results/a_b.yaml"]))
    assert (entry.dataset_id, entry.dataset_revision) == ("a/b", COMMIT)
    assert entry.value == round(done.report["test"]["value"], 4)
    assert "95% interval" in str(entry.notes)


def test_any_other_score_is_not(done: Finished) -> None:
    assert benchmark(done) == {}
    assert benchmark(as_if_tested_on(done, "c/d")) == {}
    for more in (
        {"test_split": {"name": "test", "rows": 4}},  # a row was left out
        {"test_split": None},  # rows held out of the training split
        {"revision": "of a local catalogue"},
    ):
        assert benchmark(as_if_tested_on(done, "a/b", **more)) == {}


def test_the_card_names_the_data_that_the_score_is_on(done: Finished) -> None:
    for run, data_repo, chosen, name in (
        (done, "me/x-data", select(done, my_rows=True), "me/x-data"),
        (done, "me/x-data", select(done, my_rows=False), "test-rows-of-the-user"),
        (as_if_tested_on(done, "a/b"), None, Selection({}, {}), "a/b"),
    ):
        about: Any = ModelCard(model_card(run, "me/x", data_repo, chosen)).data
        (result,) = about.eval_results
        assert result.dataset_type == name
        index = about.to_dict()["model-index"]
        assert model_index_to_eval_results(index)[1] == [result]
    assert (result.metric_type, result.metric_args) == ("f1", {"average": "macro"})
