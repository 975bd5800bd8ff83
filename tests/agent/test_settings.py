from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.compose import check
from agent.errors import UserError
from agent.settings import Settings, load_settings


def test_flags_over_environment_over_file_over_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tasksmith.toml").write_text("max_rounds = 2\nseed = 2\npatience = 7\n")
    monkeypatch.setenv("TASKSMITH_MAX_ROUNDS", "3")
    monkeypatch.setenv("TASKSMITH_SEED", "3")
    settings = Settings(seed=4)
    assert (settings.seed, settings.max_rounds, settings.patience) == (4, 3, 7)
    assert settings.budget_usd == 5.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_rounds": 0},
        {"target": 2},
        {"concurrency": 0},
        {"unknown": 1},
        {"budget_minutes": 0},
        {"budget_minutes": "inf"},
        {"budget_usd": "inf"},
        {"seed": -1},
        {"seed": 2**32},
    ],
)
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)  # type: ignore[arg-type]


def test_survives_the_manifest() -> None:
    settings = Settings(datasets=("a", "b"), allow_license=("other",), target=0.9)
    assert Settings(**settings.model_dump(mode="json")) == settings


def test_lists_in_the_environment_are_comma_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKSMITH_DATASETS", "one,two")
    monkeypatch.setenv("TASKSMITH_ALLOW_LICENSE", "other")
    settings = Settings()
    assert (settings.datasets, settings.allow_license) == (("one", "two"), ("other",))


def test_a_broken_file_or_variable_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tasksmith.toml").write_text("max_rounds = \n")
    with pytest.raises(UserError, match=r"tasksmith\.toml"):
        load_settings()
    Path("tasksmith.toml").unlink()
    monkeypatch.setenv("TASKSMITH_SEED", "x")
    with pytest.raises(UserError, match="setting seed"):
        load_settings()


def test_trackio_that_is_not_installed_is_said_before_a_run_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.compose.find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"pip install 'tasksmith\[curves\]'"):
        check(Settings(cache=tmp_path, report_to="trackio"))
