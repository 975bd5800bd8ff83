import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PARCELS = ROOT / "examples" / "parcels"
CATALOGUE = ROOT / "examples" / "catalogue"
TASKSMITH = Path(sys.executable).with_name("tasksmith")

Done = subprocess.CompletedProcess[str]


def tasksmith(folder: Path, *arguments: str | Path, **more: Any) -> Done:
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "TASKSMITH_CACHE": str(folder / "cache"),
        "TASKSMITH_OUT": str(folder / "runs"),
        "COLUMNS": "80",
    }
    command = [str(TASKSMITH), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=280, **more
    )


def one_line(done: Done, code: int) -> str:
    """The last line of stderr of a command that failed as it should."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the bundled task has been run."""
    place = tmp_path_factory.mktemp("cli")
    shutil.copytree(CATALOGUE, place / "catalogue")
    broken = place / "catalogue" / "acme" / "broken"
    (broken / "data").mkdir(parents=True)
    (broken / "README.md").write_text("---\nlicense: mit\n---\n# Parcel messages\n")
    (broken / "data" / "train.parquet").write_bytes(b"PAR1 cut off")
    done = tasksmith(
        place,
        *("run", PARCELS / "task.md", "--examples", PARCELS / "examples.jsonl"),
        *("--test", PARCELS / "test.jsonl", "--datasets", "catalogue", "--max-rounds", "2"),
        "--json",
    )
    assert done.returncode == 0, done.stderr
    (place / "stdout.json").write_text(done.stdout, encoding="utf-8")
    (place / "stderr.txt").write_text(done.stderr, encoding="utf-8")
    return place


def test_json_prints_the_report_and_nothing_else(folder: Path) -> None:
    report = json.loads((folder / "stdout.json").read_text(encoding="utf-8"))
    (path,) = (folder / "runs").glob("*/report.json")
    assert report == json.loads(path.read_text(encoding="utf-8"))


def test_the_report_has_all_fields_of_format_1(folder: Path) -> None:
    report = json.loads((folder / "stdout.json").read_text(encoding="utf-8"))
    assert report["format"] == 1
    assert report["status"] == "done"
    assert report["evidence"] == "gold"
    assert {"metric", "value", "ci95", "n"} <= report["test"].keys()
    assert report["test"]["n"] == 80
    assert report["baselines"].keys() == {"majority", "copy", "seed_only", "teacher"}
    for round_ in report["rounds"]:
        wanted = {"round", "focus", "requested", "accepted", "rejected", "validation"}
        assert wanted | {"p_better", "seconds", "usd"} <= round_.keys()
        assert {"value", "ci95"} <= round_["validation"].keys()
    assert {"base", "method", "parameters", "size_mb", "latency_ms"} <= report["student"].keys()
    assert {"train", "validation", "test", "origins"} <= report["data"].keys()
    for origin in report["data"]["origins"]:
        assert origin.keys() == {"source", "licence", "rows"}
    for asked in report["data"]["obligations"]:
        assert asked.keys() == {"source", "licence", "terms", "rows", "duties"}
    licence = report["data"]["licence"]
    assert (licence["terms"], licence["data"]) == ("permissive", "apache-2.0")
    assert "swiftpost/helpdesk_messages (apache-2.0)" in licence["says"][0]
    assert licence["base"] == {"name": "all-MiniLM-L6-v2", "licence": "apache-2.0"}
    spent = {"usd", "prompt_tokens", "completion_tokens", "teacher_calls", "cached_calls"}
    assert spent | {"seconds"} <= report["spent"].keys()
    assert Path(folder / report["model_dir"]).is_dir()
    assert {"run", "task", "stop_reason"} <= report.keys()


def test_it_learned_something(folder: Path) -> None:
    report = json.loads((folder / "stdout.json").read_text(encoding="utf-8"))
    assert report["test"]["ci95"][0] > report["baselines"]["majority"]
    assert [i["dataset"] for i in report["data"]["imports"]] == ["swiftpost/helpdesk_messages"]


def test_the_first_line_says_what_it_works_with(folder: Path) -> None:
    first = " ".join((folder / "stderr.txt").read_text(encoding="utf-8").split()[:20])
    assert first.startswith("Planner: rules. Teacher: offline")
    assert "Hub: switched off by HF_HUB_OFFLINE" in first


def test_a_corrupt_data_set_is_named_and_left_out(folder: Path) -> None:
    stderr = " ".join((folder / "stderr.txt").read_text(encoding="utf-8").split())
    assert "acme/broken" in stderr


def test_the_model_card_says_what_it_is_and_how_to_use_it(folder: Path) -> None:
    (card,) = (folder / "runs").glob("*/models/*/README.md")
    text = card.read_text(encoding="utf-8")
    for words in ("pipeline_tag: text-classification", "damaged_parcel", "tasksmith predict"):
        assert words in text
    report = next((folder / "runs").glob("*/report.md")).read_text(encoding="utf-8")
    assert "Where is my parcel → where_is_my_parcel" in report
    for page in (text, report):
        assert "## Licences and what they ask of you" in page
        assert "keep the licence and copyright notice; say what was changed" in page


def test_predict_a_text_and_a_file(folder: Path) -> None:
    text = "the box was soaked and the vase inside is in pieces"
    done = tasksmith(folder, "predict", "last", text)
    assert done.stdout.startswith("damaged_parcel")
    file = folder / "texts.txt"
    file.write_text(f"{text}\n\nthank you so much, great driver!\n", encoding="utf-8")
    done = tasksmith(folder, "predict", "last", "--file", file)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["output"] for answer in answers] == ["damaged_parcel", "praise_or_thanks"]
    assert answers[0]["input"] == text
    assert not done.stderr


def test_show_list_and_trace(folder: Path) -> None:
    shown = tasksmith(folder, "show", "last").stdout
    assert "95% interval" in shown
    assert "licences" in shown
    listed = json.loads(tasksmith(folder, "list", "--json").stdout)
    assert [run["status"] for run in listed] == ["done"]
    trace = tasksmith(folder, "trace", "last").stdout
    for word in ("map_columns", "finetune", "decision:", "swiftpost", "stopped: rounds"):
        assert word in trace
    assert max(map(len, trace.splitlines())) <= 80


def test_resuming_a_finished_run_gives_its_report(folder: Path) -> None:
    done = tasksmith(folder, "resume", "last", "--json")
    assert json.loads(done.stdout) == json.loads((folder / "stdout.json").read_text("utf-8"))


def test_interrupting_says_how_to_go_on(tmp_path: Path) -> None:
    command = [str(TASKSMITH), "run", str(PARCELS / "task.md"), "--datasets", str(CATALOGUE)]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "TASKSMITH_CACHE": str(tmp_path / "cache")}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if "read as a task" in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "tasksmith resume last" in rest
    assert "Traceback" not in rest
    (manifest,) = (tmp_path / "runs").glob("*/run.json")
    assert json.loads(manifest.read_text("utf-8"))["status"] == "interrupted"


def test_a_damaged_run_does_not_hide_the_others(folder: Path) -> None:
    damaged = folder / "runs" / "damaged"
    damaged.mkdir()
    (damaged / "run.json").write_text("{")
    listed = json.loads(tasksmith(folder, "list", "--json").stdout)
    assert {run["status"] for run in listed} == {"damaged", "done"}
    assert "done" in tasksmith(folder, "list").stdout
    shutil.rmtree(damaged)


def test_no_data_fails_with_advice(tmp_path: Path) -> None:
    done = tasksmith(tmp_path, "run", "Sort messages into refund or charge")
    assert done.returncode == 1
    assert "--examples" in done.stdout


def test_one_label_only_fails_with_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl"
    file.write_text(
        "".join(f'{{"input": "message {i}", "output": "refund"}}\n' for i in range(6)), "utf-8"
    )
    done = tasksmith(tmp_path, "run", "Sort messages into refund or charge", "--examples", file)
    assert done.returncode == 1
    assert "at least two" in " ".join(done.stdout.split())
    assert "Traceback" not in done.stderr


def test_a_budget_that_ends_before_any_student_is_exit_3(tmp_path: Path) -> None:
    done = tasksmith(
        tmp_path,
        *("run", "Sort messages to a parcel help desk", "--datasets", CATALOGUE),
        *("--budget-minutes", "0.0001", "--json"),
    )
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["student"] is None


def test_wrong_usage_is_one_line_and_exit_2(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"input": "a", "output": "b"}\n{oops\n', encoding="utf-8")
    for arguments, words in (
        (["run", ""], "task is empty"),
        (["run", "Sort", "--examples", "nowhere.jsonl"], "'nowhere.jsonl' does not exist"),
        (["run", "Sort", "--examples", str(broken)], "broken.jsonl, line 2"),
        (["run", "Sort", "--datasets", "nowhere"], "no data sets at 'nowhere'"),
        (["run", "Sort", "--teacher", "gpt"], "the teacher 'gpt' needs an endpoint"),
        (["run", "Sort", "--planner", "gpt"], "the planner 'gpt' needs an endpoint"),
        (["run", "Sort", "--target", "7"], "setting target"),
        (["show", "nothing"], "no run 'nothing'"),
        (["resume", "nothing"], "no run 'nothing'"),
        (["predict", "nothing", "x"], "no run 'nothing'"),
        (["export", "nothing", "--to", "hub", "--repo", "a"], "no run 'nothing'"),
    ):
        assert words in one_line(tasksmith(tmp_path, *arguments), 2)
    assert not (tmp_path / "runs").exists()
    (tmp_path / "file").write_text("")
    line = one_line(tasksmith(tmp_path, "run", "Sort x into a or b", "--out", "file"), 2)
    assert "cannot write to file" in line


def test_doctor_says_what_there_is(tmp_path: Path) -> None:
    done = tasksmith(tmp_path, "doctor", "--json")
    assert "torch" in json.loads(done.stdout)


@pytest.mark.parametrize(
    "command",
    ["", "run", "resume", "list", "show", "trace", "predict", "serve", "export", "doctor"],
)
def test_help(tmp_path: Path, command: str) -> None:
    done = tasksmith(tmp_path, *([command] if command else []), "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout
