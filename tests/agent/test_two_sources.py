"""A second data set joins in a round of its own, and the report says what it was worth."""

import random
from pathlib import Path
from typing import Any

from agent.app import finish, run
from agent.settings import Settings
from tests.agent.light_run import PARTS
from tests.small_task import FILLER, WORDS
from tests.tools.hub.makers import class_card, write_set

LABELS = sorted(WORDS)


def questions(n: int, name: str) -> list[dict[str, Any]]:
    rng = random.Random(name)
    rows = []
    for i in range(n):
        label = i % len(LABELS)
        words = [*rng.sample(FILLER, 4), f"{name}{i}", rng.choice(WORDS[LABELS[label]])]
        rows.append({"text": " ".join(words), "label": label})
    return rows


def test_each_data_set_keeps_its_share_and_its_measured_worth(tmp_path: Path) -> None:
    for name, n in (("questions", 90), ("enquiries", 60)):
        card = class_card("text", "label", LABELS, pretty_name="Questions of bank customers")
        rows = questions(n, name)
        write_set(tmp_path / "sets", f"me/{name}", {"train": rows[10:], "test": rows[:10]}, card)
    settings = Settings(
        out=tmp_path / "runs", cache=tmp_path / "cache", datasets=(str(tmp_path / "sets"),),
        student="keywords", max_rounds=2,
    )  # fmt: skip
    task = "Sort questions of bank customers into card, rate or transfer."
    report = finish(run(task, settings, services=PARTS))
    assert [r["focus"] for r in report["rounds"]] == ["start", "import"]
    first, second = report["data"]["imports"]
    assert first["worth"] is None
    worth = second["worth"]
    assert worth["kept"] == report["rounds"][1]["kept"]
    assert worth["p_better"] == report["rounds"][1]["p_better"]
    rows_of = {origin["source"]: origin["rows"] for origin in report["data"]["origins"]}
    kept = second["imported"]["train"] if worth["kept"] else 0
    assert rows_of.get(second["dataset"], 0) == kept
    # What tests was there before the second set came, and stays as it was.
    assert second["imported"]["test"] == second["imported"]["validation"] == 0
    page = (Path(report["run_dir"]) / "report.md").read_text(encoding="utf-8")
    assert "Its worth: validation" in page
