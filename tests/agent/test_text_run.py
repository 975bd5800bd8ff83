"""A whole run of a text task, taught and judged by the stand-in."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.app import finish, run
from agent.terminal import print_report
from tests.agent.llm_run import PARTS, settings
from tests.small_task import rows
from tests.standin.bank import from_pairs
from tests.standin.brain import Teacher
from tests.standin.server import StandIn

TASK = "Write the date that the question of a bank customer is about. Metric: F1"
DATES = {"card": "on 2020-01-31", "rate": "before 2021-03-01", "transfer": "N/A"}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("text")
    known = [(row.input, DATES[row.output]) for row in rows(300, "train", 7)]
    files = {}
    for name, pairs in (("examples", known[:90]), ("test", known[-40:])):
        lines = [json.dumps({"input": text, "output": output}) for text, output in pairs]
        files[name] = folder / f"{name}.jsonl"
        files[name].write_text("\n".join(lines), encoding="utf-8")
    with (
        StandIn(Teacher(from_pairs(known[90:260])), ()) as url,
        pytest.MonkeyPatch.context() as set_,
    ):
        set_.setenv("OPENAI_API_KEY", "sk-stand-in")
        set_.setenv("OPENAI_BASE_URL", url)
        wanted = settings(folder, max_rounds=1, judge_test=True)
        return finish(run(TASK, wanted, services=PARTS, **files))


def test_the_report_has_metric_baselines_and_verdict(report: dict[str, Any]) -> None:
    test, baselines = report["test"], report["baselines"]
    assert report["task"]["output_type"] == "text"
    assert (test["metric"], test["n"]) == ("token_f1", 40)
    assert test["ci95"][0] < test["value"] < test["ci95"][1]
    assert {"exact_match", "chrF++", "BLEU", "ROUGE-L"} <= test["also"].keys()
    assert baselines["copy"] < baselines["majority"] < test["value"]
    assert test["judge"].keys() == {"model", "value", "ci95", "n"}
    assert test["judge"]["n"] == 40
    assert report["spent"]["by"]["judge"]["calls"] > 0
    assert report["weak"]["regions"]


def test_report_and_terminal_speak_of_texts(
    report: dict[str, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_report(report)
    shown = capsys.readouterr().out
    facts, _, _ = shown.partition("\nNext:")
    assert max(map(len, facts.splitlines())) <= 80
    page = (Path(report["run_dir"]) / "report.md").read_text(encoding="utf-8")
    for text in (shown, page):
        assert "most frequent output" in text
        assert "input as the answer" in text
        assert "chrF++" in text
        assert "most frequent label" not in text
    assert "standin finds right" in " ".join(shown.split())
    assert "## Where it fails" in page
