from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file as weights

from tests.tools.students.text import bases, real
from tools.services import Json, StudentMethod, TrainingSet, UnfitBaseError, silent
from tools.students.text.seq2seq import Seq2Seq
from tools.students.text.sft import Sft

pytestmark = pytest.mark.usefixtures("libraries")
FEW: Json = {"epochs": 2, "batch_size": 8, "learning_rate": 3e-3}


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A base of each family."""
    lines = [bases.INSTRUCTION, "Input: Output:", "system user assistant", *bases.task(50)[0]] * 3
    folders = {name: tmp_path_factory.mktemp("base") for name in real.FAMILIES}
    for name, folder in folders.items():
        real.FAMILIES[name](folder, lines)
    return folders


@pytest.mark.parametrize(
    ("name", "method", "adapter"),
    [
        ("Qwen3", Sft(), "none"),
        ("Llama 3.2", Sft(), "lora"),
        ("Flan-T5", Seq2Seq(), "lora"),
        ("mT5", Seq2Seq(), "none"),
        ("ByT5", Seq2Seq(), "none"),
    ],
)
def test_trains_and_answers(
    families: dict[str, Path], name: str, method: StudentMethod, adapter: str, tmp_path: Path
) -> None:
    base, folder = families[name], tmp_path / "student"
    folder.mkdir()
    texts, outputs = bases.task(40)
    data = TrainingSet(texts, outputs, instruction=bases.INSTRUCTION, output_type="text")
    fitted = method.fit(data, str(base), FEW | {"adapter": adapter}, folder, silent)
    assert fitted.hyperparameters["adapter"] == adapter
    before, after = (weights(place / "model.safetensors") for place in (base, folder))
    assert before.keys() == after.keys()
    moved = [name for name in before if not torch.equal(before[name], after[name])]
    assert len(moved) > len(before) / 2
    answers = method.load(folder).predict(texts[:3])
    assert len(answers) == 3
    assert all(0 <= answer.margin <= answer.confidence <= 1 for answer in answers)
    assert not [*folder.glob("*.pt"), *folder.glob("*.bin"), *folder.glob("*.pth")]


def test_what_a_base_has_no_tokens_for_is_said(families: dict[str, Path], tmp_path: Path) -> None:
    texts, outputs = bases.task(40)
    asked = FEW | {"epochs": 1}

    def fit(odd: int) -> tuple[str, ...]:
        given = ["größer 東京" if i < odd else output for i, output in enumerate(outputs)]
        data = TrainingSet(texts, given, instruction=bases.INSTRUCTION, output_type="text")
        return Seq2Seq().fit(data, str(families["Flan-T5"]), asked, tmp_path, silent).notes

    assert fit(3) == (
        "3 of 40 outputs hold characters that the base has no tokens for, so it cannot write them",
    )
    with pytest.raises(UnfitBaseError, match="no tokens for characters of most outputs"):
        fit(30)
