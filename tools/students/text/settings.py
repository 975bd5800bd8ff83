"""Hyperparameters of text students: good ones by size of model and data, and what users may fix."""

from dataclasses import dataclass
from typing import Literal

from tools.services import Json, ToolError
from tools.students.text.form import Kind

Adapter = Literal["none", "lora", "qlora"]
ADAPTERS: tuple[Adapter, ...] = ("none", "lora", "qlora")

_FULL_AT = 1e8
_FULL_RATE = 1e-4
# A rate of 1e-4 at 100 million weights, falling with their square root, gives within a factor of
# two what is used from 260 thousand (2e-3) to 7 thousand million (1e-5).
_RATES: dict[str, tuple[float, float, float]] = {
    # factor on the rate of a causal model trained in full; lowest; highest
    "full": (1.0, 1e-5, 2e-3),
    # T5 was trained with Adafactor at 1e-3 and wants larger steps (Raffel et al. 2020).
    "seq2seq": (4.0, 1e-4, 2e-3),
    # Ten times the rate of full training is best for LoRA, whatever the model (Schulman and
    # Thinking Machines, "LoRA Without Regret", 2025).
    "adapter": (10.0, 1e-4, 2e-3),
}
_SMALL = 20_000_000
_TRAINER_NAMES = {
    "num_train_epochs": "epochs",
    "per_device_train_batch_size": "batch_size",
    "warmup_ratio": "warmup",
    "warmup_steps": "warmup",
}
_SHARES = ("warmup", "adam_beta2")
_LEAST: dict[str, float] = {"epochs": 1, "batch_size": 1, "rank": 1}


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of a training.

    Attributes:
        learning_rate: Peak of a schedule that rises linearly and falls as a cosine.
        batch_size: Rows of a step, over all accumulated passes and processes.
        warmup: Share of all steps in which the learning rate rises.
        adapter: `none` trains all weights; `lora` low-rank adapters beside them (Hu et al. 2021);
            `qlora` the same beside weights of 4 bits (Dettmers et al. 2023).
        rank: Rank of the adapters.
    """

    epochs: int
    learning_rate: float
    batch_size: int
    warmup: float
    weight_decay: float
    adam_beta2: float
    adapter: Adapter
    rank: int


def usual(kind: Kind, rows: int, parameters: int, adapter: Adapter) -> Json:
    """Return the values to use where nobody asked for others.

    Args:
        kind: What the base is.
        rows: Number of rows to learn from.
        parameters: Number of weights of the base.
        adapter: How it is trained.
    """
    small = parameters < _SMALL
    batch = 32 if rows >= 1_000 or small else 16
    factor, lowest, highest = _RATES[
        "adapter" if adapter != "none" else "seq2seq" if kind == "seq2seq" else "full"
    ]
    rate = factor * _FULL_RATE * (_FULL_AT / max(parameters, 1)) ** 0.5
    # Small models see the rows more often; early stopping ends what does not help.
    seen = 40_000 if small else 10_000
    return {
        "epochs": min(30 if small else 10, max(3, round(seen / rows))),
        "learning_rate": float(f"{min(highest, max(lowest, rate)):.1e}"),
        "batch_size": min(batch, rows),
        "warmup": 0.06,
        "weight_decay": 0.01,
        "adam_beta2": 0.999,
        "adapter": adapter,
        "rank": 16,
    }


def settle(asked: Json, standard: Json) -> Settings:
    """Fill in what was not asked for.

    Args:
        asked: Values to fix, by our names.
        standard: What `usual` returned, or the recipe of an untrained base.

    Raises:
        ToolError: A hyperparameter is unknown, or its value impossible.
    """
    settings = dict(standard)
    for name, value in asked.items():
        if name not in settings:
            raise ToolError(f"a text student has no hyperparameter {name!r}; it has {[*settings]}")
        settings[name] = _checked(name, value, settings[name])
    return Settings(**settings)


def translated(recipe: Json, standard: Json) -> Json:
    """Return `standard` with what a recipe in the names of `TrainingArguments` says instead."""
    ours = {_TRAINER_NAMES.get(name, name): value for name, value in recipe.items()}
    return standard | {
        name: type(standard[name])(value) for name, value in ours.items() if name in standard
    }


def _checked(name: str, value: object, like: object) -> object:
    if name == "adapter":
        if value not in ADAPTERS:
            raise ToolError(f"adapter must be one of {', '.join(ADAPTERS)}, not {value!r}")
        return value
    whole = isinstance(like, int)
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not 0 <= value < float("inf")
        or (whole and value != int(value))
    ):
        raise ToolError(f"{name} must be a number like {like}, not {value!r}")
    if value < _LEAST.get(name, 0):
        raise ToolError(f"{name} must be at least {_LEAST[name]:g}, not {value!r}")
    if name in _SHARES and value >= 1:
        raise ToolError(f"{name} must be less than 1, not {value!r}")
    return int(value) if whole else float(value)
