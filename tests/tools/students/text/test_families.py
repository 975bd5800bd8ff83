from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.tools.students.text import bases
from tools.services import Json, StudentMethod, TrainingSet, silent
from tools.students.text.seq2seq import Seq2Seq
from tools.students.text.sft import Sft

pytestmark = pytest.mark.usefixtures("libraries")
FEW: Json = {"epochs": 2, "batch_size": 8, "learning_rate": 3e-3}


@pytest.mark.parametrize(
    ("make", "method", "adapter"),
    [
        (bases.llama, Sft(), "none"),
        (bases.llama, Sft(), "lora"),
        (bases.qwen, Sft(), "none"),
        (bases.flan, Seq2Seq(), "none"),
        (bases.flan, Seq2Seq(), "lora"),
        (bases.byt5, Seq2Seq(), "none"),
    ],
)
def test_trains_and_answers(
    make: Callable[[Path], Path], method: StudentMethod, adapter: str, tmp_path: Path
) -> None:
    base, folder = make(tmp_path / "base"), tmp_path / "student"
    folder.mkdir()
    texts, outputs = bases.task(40)
    data = TrainingSet(texts, outputs, instruction=bases.INSTRUCTION, output_type="text")
    fitted = method.fit(data, str(base), FEW | {"adapter": adapter}, folder, silent)
    assert fitted.hyperparameters["adapter"] == adapter
    before, after = load_file(base / "model.safetensors"), load_file(folder / "model.safetensors")
    assert before.keys() == after.keys()
    moved = [name for name in before if not np.array_equal(before[name], after[name])]
    assert len(moved) > len(before) / 2
    answers = method.load(folder).predict(texts[:3])
    assert len(answers) == 3
    assert all(0 <= answer.margin <= answer.confidence <= 1 for answer in answers)
    assert not [*folder.glob("*.pt"), *folder.glob("*.bin"), *folder.glob("*.pth")]
