from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.tools.students.text import bases
from tools.services import ToolError, TrainingSet, silent
from tools.students.bases import find
from tools.students.text import launch, planning
from tools.students.text.watch import best


@pytest.mark.parametrize(
    ("met", "error", "message"),
    [("memory", MemoryError, "^$"), ("death", ToolError, "a process that trained died")],
)
def test_what_any_process_meets_with_ends_all_of_them(
    met: str, error: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "_MODULE", "tests.tools.students.text.lonely_rank")
    # What others have set for accelerate is not for us.
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    (tmp_path / "plan.json").write_text(met)
    heard: list[str] = []
    with pytest.raises(error, match=message):
        launch.together(tmp_path, None, False, heard.append, 2)
    assert heard in ([], ["0 of 2"])


def test_two_processes_learn_together(tmp_path: Path) -> None:
    base = find(str(bases.llama(tmp_path / "base")))
    texts, outputs = bases.task(110)
    data = TrainingSet(texts, outputs, instruction=bases.INSTRUCTION, output_type="text")
    planning.make(base, data, {"epochs": 1, "batch_size": 50}, tmp_path, silent)
    heard: list[str] = []
    # Rows are held out, so that processes add up what they counted.
    assert launch.together(tmp_path, None, False, heard.append, 2) == []
    assert heard[-1].startswith("epoch 1 of 1, step 2 of 2, loss ")
    before = load_file(tmp_path / "base/model.safetensors")
    after = load_file(best(tmp_path) / "model.safetensors")
    assert any(not np.array_equal(before[name], after[name]) for name in before)
