from pathlib import Path
from typing import Any, cast

from graph.standing import MOST_BASES, _bases, minutes_for_another
from graph.state import State
from tests.small_task import make_call, rows
from tools.students.text.tuning import Tuned


def candidate(method: str, base: str, megabytes: int) -> dict[str, Any]:
    return {"method": method, "base": base, "parameters": 1, "download_mb": megabytes, "why": ""}


def test_what_needs_no_download_is_shown_with_the_best() -> None:
    far = [candidate("probe", f"far{i}", 400) for i in range(8)]
    here = candidate("probe", "bundled", 0)
    bases = [*far[:2], candidate("classifier", "bundled", 0), *far[2:], here]
    shown = _bases(cast(State, {"bases": bases, "failed_bases": ["far0"]}))
    assert [base["base"] for base in shown[:MOST_BASES]][:2] == ["far1", "bundled"]
    assert (shown[-1]["method"], shown[-1]["base"]) == ("probe", "bundled")
    assert len(shown) == MOST_BASES + 1
    assert _bases(cast(State, {})) == []


def test_another_takes_as_long_as_one_training_of_a_search(tmp_path: Path) -> None:
    services = make_call(tmp_path).services
    services.store.write("all", [*rows(60, "train", 0), *rows(20, "test", 0)])
    note = Tuned({}, 0.5, 4, 0).note
    best = {"seconds": 400, "train_rows": 30, "evaluation": {"elapsed": 60.0}}
    searched = minutes_for_another(best | {"notes": [note]}, services)
    assert searched == round((100 * 2 + 60) / 60, 1)
    assert minutes_for_another(best | {"notes": []}, services) == round((400 * 2 + 60) / 60, 1)
    services.store.close()
