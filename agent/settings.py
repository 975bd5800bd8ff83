"""Settings: flags over `TASKSMITH_*` environment over tasksmith.toml over defaults."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from agent.errors import UserError


def _listed(value: object) -> object:
    """Split what a variable of the environment holds: `a,b`."""
    return tuple(filter(None, value.split(","))) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


def default_cache() -> Path:
    """Return the directory of caches that outlive a run."""
    return Path.home() / ".cache" / "tasksmith"


class Settings(BaseSettings):
    """Everything that shapes a run.

    Attributes:
        out: Directory in which runs are kept.
        datasets: Catalogue folders to search; `hub` is the Hugging Face Hub.
        viewer_url: Dataset viewer of a mirror named by HF_ENDPOINT; the Hub's own is known.
        planner: `rules`, or the name of a chat model behind an OpenAI-compatible endpoint.
        teacher: `offline`, or the name of a chat model.
        judge: Chat model that gives second opinions; the teacher's where left out.
        judge_test: Have the judge grade answers to test rows, where outputs are text.
        model: Chat model of every role that none is named for.
        planner_url: Endpoint of the planner; OPENAI_BASE_URL where left out. Likewise the others.
        prices: TOML file with prices of models in USD per million tokens.
        concurrency: Calls to the teacher in flight to begin with; it adapts to the server.
        call_timeout: Seconds after which a call to an LLM is given up.
        student: Method (`probe`, `classifier`; `sft` or `seq2seq`, which write texts), base model,
            or `scratch`, a small model without a base; chosen if left out.
        encoder: Local path or Hub id of the text encoder; the bundled one if left out.
        patience: Rounds without a clear gain after which the loop ends.
        min_gain: Smallest gain on validation that counts.
        idle_minutes: How long a conversation is waited in before its process ends; what is said
            later starts another.
        report_to: Where training reports its losses beside the run's own files: `trackio`.
        target: Validation score at which the loop ends.
    """

    model_config = SettingsConfigDict(
        env_prefix="TASKSMITH_", toml_file="tasksmith.toml", extra="forbid"
    )

    out: Path = Path("runs")
    cache: Path = Field(default_factory=default_cache)
    datasets: Names = ()
    viewer_url: str | None = None
    planner: str | None = None
    teacher: str | None = None
    judge: str | None = None
    judge_test: bool = False
    model: str | None = None
    planner_url: str | None = None
    teacher_url: str | None = None
    judge_url: str | None = None
    prices: Path | None = None
    concurrency: int = Field(default=32, ge=1, le=256)
    call_timeout: float = Field(default=120.0, gt=0, allow_inf_nan=False)
    student: str | None = None
    encoder: str | None = None
    max_rounds: int = Field(default=6, ge=1, le=1000)
    budget_usd: float = Field(default=5.0, ge=0, allow_inf_nan=False)
    budget_minutes: float = Field(default=30.0, gt=0, allow_inf_nan=False)
    target: float | None = Field(default=None, gt=0, le=1)
    patience: int = Field(default=2, ge=1)
    min_gain: float = Field(default=0.002, ge=0, allow_inf_nan=False)
    allow_license: Names = ()
    report_to: Literal["none", "trackio"] = "none"
    seed: int = Field(default=0, ge=0, lt=2**32)
    idle_minutes: float = Field(default=10.0, ge=0, allow_inf_nan=False)

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


def load_settings(**flags: Any) -> Settings:
    """Return the settings, with the flags that were given over all else.

    Raises:
        UserError: A value is out of place; the message names the setting or the file.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]) or "settings"
        raise UserError(f"setting {name}: {first['msg']}") from None
    except ValueError as error:
        raise UserError(f"tasksmith.toml or a TASKSMITH_ variable is broken: {error}") from None
