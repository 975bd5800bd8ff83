import pytest

from tools.services import Json, ToolError
from tools.students.base import Base
from tools.students.machine import Machine
from tools.students.text.memory import way_that_fits
from tools.students.text.settings import settle, translated, usual


def test_rates_follow_size_and_adapter() -> None:
    small, large = usual("causal", 1_000, 10**6, "none"), usual("causal", 1_000, 10**9, "none")
    assert large["learning_rate"] < small["learning_rate"]
    assert usual("causal", 1_000, 10**9, "lora")["learning_rate"] > large["learning_rate"]
    assert usual("causal", 3_000, 10**9, "none")["epochs"] < large["epochs"]


def test_a_recipe_is_read_by_the_names_of_the_trainer() -> None:
    recipe = {"num_train_epochs": 7, "warmup_steps": 0.05, "lr_scheduler_type": "cosine"}
    read = translated(recipe, usual("causal", 100, 10**6, "none"))
    assert (read["epochs"], read["warmup"]) == (7, 0.05)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"depth": 3}, "no hyperparameter 'depth'"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"epochs": 1.5}, "epochs must be a number like"),
        ({"learning_rate": "fast"}, "learning_rate must be a number like"),
        ({"warmup": 1}, "warmup must be less than 1"),
        ({"adapter": "prefix"}, "adapter must be one of none, lora, qlora"),
    ],
)
def test_refuses_impossible_settings(asked: Json, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        settle(asked, usual("causal", 100, 1_000, "none"))


def test_less_memory_takes_more_passes_then_adapters_then_nothing() -> None:
    base = Base("a/b", "a/b", 10**9, ("en",), "mit", kind="causal", body=900_000_000)
    found = [
        way_that_fits(
            base, ("none", "lora", "qlora"), memory_gb=gb, cuda=True, batch=16, length=512
        )
        for gb in (80, 24, 8, 4, 1)
    ]
    adapters = [way.adapter if way else None for way in found]
    assert adapters == ["none", "none", "lora", "qlora", None]
    assert found[0]
    assert found[1]
    assert found[0].passes < found[1].passes


def test_a_machine_holds_what_can_be_trained_in_some_way() -> None:
    base = Base("a/b", "a/b", 10**9, ("en",), "mit", kind="causal")
    small = Machine("cpu", 2, ram_gb=8, gpu_gb=0, disk_gb=100)
    assert small.holds("sft", base)
    assert not small.holds("classifier", base)
