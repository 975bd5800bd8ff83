"""Settings: flags over `TASKSMITH_*` environment over tasksmith.toml over defaults."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def default_cache() -> Path:
    """Return the directory of caches that outlive a run."""
    return Path.home() / ".cache" / "tasksmith"


class Settings(BaseSettings):
    """Everything that shapes a run.

    Attributes:
        out: Directory in which runs are kept.
        datasets: Catalogue folders to search.
        planner: `rules`, or the name of a chat model behind an OpenAI-compatible endpoint.
        student: Method (`probe`, `classifier`) or base model to use; chosen if left out.
        encoder: Local path or Hub id of the text encoder; the bundled one if left out.
        patience: Rounds without a clear gain after which the loop ends.
        min_gain: Smallest gain on validation that counts.
        target: Validation score at which the loop ends.
    """

    model_config = SettingsConfigDict(
        env_prefix="TASKSMITH_", toml_file="tasksmith.toml", extra="forbid"
    )

    out: Path = Path("runs")
    cache: Path = Field(default_factory=default_cache)
    datasets: tuple[str, ...] = ()
    planner: str = "rules"
    teacher: Literal["offline"] = "offline"
    student: str | None = None
    encoder: str | None = None
    max_rounds: int = Field(default=6, ge=1, le=1000)
    budget_usd: float = Field(default=5.0, ge=0)
    budget_minutes: float = Field(default=30.0, gt=0)
    target: float | None = Field(default=None, gt=0, le=1)
    patience: int = Field(default=2, ge=1)
    min_gain: float = Field(default=0.002, ge=0)
    allow_license: tuple[str, ...] = ()
    seed: int = 0

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put flags first, then the environment, then tasksmith.toml."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
