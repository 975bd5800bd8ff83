"""Classifier: an encoder fine-tuned as a whole, with a linear head on top."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.services import Fit, Json, Prediction, Progress, Student, ToolError, TrainingSet
from tools.students import bases, hub_model
from tools.students.curve import Curve, is_due, tracked
from tools.students.loading import loading
from tools.students.probe import predictions, ranked

MAX_TOKENS = 256
_PREDICT_BATCH = 64
_CLIP_NORM = 1.0
_WEIGHT_DECAY = 0.01
_SMALL_MODEL = 50_000_000
_SECONDS_BETWEEN_MESSAGES = 2.0


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of a fine-tuning; the learning rate is the peak of a linear schedule."""

    epochs: int
    learning_rate: float
    batch_size: int
    warmup: float = 0.1


def usual_epochs(rows: int) -> int:
    """Return how often to go through this many rows: more often where there are fewer."""
    return min(20, max(4, round(40_000 / rows)))


def settle(asked: Json, rows: int, parameters: int) -> Settings:
    """Fill in what was not asked for: larger steps for small models.

    Raises:
        ToolError: A hyperparameter is unknown, or its value impossible.
    """
    settings = {
        "epochs": usual_epochs(rows),
        "learning_rate": 1e-4 if parameters < _SMALL_MODEL else 3e-5,
        "batch_size": 32 if rows >= 1_000 else 16,
        "warmup": 0.1,
    }
    for name, value in asked.items():
        if name not in settings:
            raise ToolError(f"a classifier has no hyperparameter {name!r}; it has {[*settings]}")
        kind = type(settings[name])
        if not isinstance(value, int | float) or value < 0 or kind(value) != value:
            raise ToolError(f"{name} must be a number like {settings[name]}, not {value!r}")
        settings[name] = kind(value)
    if not settings["epochs"] or not settings["batch_size"]:
        raise ToolError("epochs and batch_size must be at least 1")
    return Settings(**settings)  # type: ignore[arg-type]


class Classifier:
    """Satisfies `tools.services.StudentMethod`.

    Hyperparameters: `epochs`, `learning_rate`, `batch_size`, and `warmup`, a share of all steps.
    """

    def fit(
        self, data: TrainingSet, base: str, hyperparameters: Json, folder: Path, progress: Progress
    ) -> Fit:
        """Train, and write model and tokenizer into `folder`."""
        import torch

        labels = sorted(set(data.outputs))
        if len(labels) < 2:
            raise ToolError(
                f"all training examples have label {labels[0]!r}; a classifier needs at least two"
            )
        torch.manual_seed(data.seed)
        found = bases.find(base)
        model, tokenizer = _load(str(hub_model.fetch(found, progress)), found.name, labels)
        settings = settle(hyperparameters, len(data.texts), model.num_parameters())
        targets = np.array([labels.index(output) for output in data.outputs])
        curve = Curve(data.curve, data.report_to)
        curve.go_on("", 0)
        with tracked(curve, asdict(settings)) as track:

            def note(step: int, steps: int, loss: float) -> None:
                curve.add("", step, steps, {"loss": loss})
                track({"train/loss": loss}, step)

            _train(model, tokenizer, data.texts, targets, settings, data.seed, progress, note)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return Fit(asdict(settings), model.num_parameters())

    def load(self, folder: Path) -> Student:
        """Load what `fit` wrote."""
        return _Model(*_load(str(folder), str(folder)))


class _Model:
    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order."""
        return [one for logits in self._logits(texts) for one in predictions(logits, self._labels)]

    def likely(self, texts: Sequence[str], most: int) -> list[list[tuple[str, float]]]:
        """Return per text up to `most` labels with their probabilities, best first."""
        return [one for logits in self._logits(texts) for one in ranked(logits, self._labels, most)]

    @property
    def _labels(self) -> list[str]:
        names = self._model.config.id2label
        return [names[i] for i in range(len(names))]

    def _logits(self, texts: Sequence[str]) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of some texts at a time, of shape (texts, labels)."""
        import torch

        for start in range(0, len(texts), _PREDICT_BATCH):
            batch = _batch(self._model, self._tokenizer, texts[start : start + _PREDICT_BATCH])
            with torch.inference_mode():
                logits = self._model(**batch).logits
            yield logits.float().cpu().numpy()


def load_parts(source: str, name: str, **options: Any) -> tuple[Any, Any]:
    """Load model and tokenizer on the CPU, in 32 bits.

    Args:
        source: Folder or Hub id.
        name: What errors call it.
        options: For transformers, such as labels of a new head.

    Raises:
        UnfitBaseError: They are damaged, or no classifier.
    """
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    with loading(name, "a classifier"):
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        model = AutoModelForSequenceClassification.from_pretrained(
            source, use_safetensors=True, trust_remote_code=False, dtype=torch.float32, **options
        )
    return model, tokenizer


def _load(source: str, name: str, labels: Sequence[str] = ()) -> tuple[Any, Any]:
    """Load model and tokenizer onto the best device; `labels` where the head is to be new."""
    import torch

    new_head: Json = {}
    if labels:
        names = dict(enumerate(labels))
        new_head = {"id2label": names, "label2id": {v: k for k, v in names.items()}}
    model, tokenizer = load_parts(source, name, **new_head)
    return model.to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer


def _batch(model: Any, tokenizer: Any, texts: Sequence[str]) -> Any:
    # T5 and its like have relative positions, and no limit to them.
    longest = min(MAX_TOKENS, getattr(model.config, "max_position_embeddings", MAX_TOKENS))
    encoded = tokenizer(
        list(texts), truncation=True, max_length=longest, padding=True, return_tensors="pt"
    )
    return encoded.to(model.device)


def _train(
    model: Any,
    tokenizer: Any,
    texts: Sequence[str],
    targets: NDArray[np.int_],
    settings: Settings,
    seed: int,
    progress: Progress,
    note: Callable[[int, int, float], None],
) -> None:
    """Minimise cross-entropy with AdamW under linear warm-up and decay."""
    import torch
    from transformers import get_linear_schedule_with_warmup

    rng = np.random.default_rng(seed)
    steps = -(-len(texts) // settings.batch_size)
    total = settings.epochs * steps
    peak = settings.learning_rate
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak, weight_decay=_WEIGHT_DECAY)
    schedule = get_linear_schedule_with_warmup(optimizer, int(settings.warmup * total), total)  # type: ignore[no-untyped-call]
    last = time.monotonic()
    model.train()
    for step in range(total):
        if step % steps == 0:
            order = rng.permutation(len(texts))
        rows = order[step % steps :: steps]
        batch = _batch(model, tokenizer, [texts[i] for i in rows])
        labels = torch.as_tensor(targets[rows], device=model.device)
        with torch.autocast("cuda", torch.bfloat16, enabled=model.device.type == "cuda"):
            loss = model(**batch, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), _CLIP_NORM)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if is_due(step + 1, total):
            note(step + 1, total, loss.item())
        if step + 1 == total or time.monotonic() - last > _SECONDS_BETWEEN_MESSAGES:
            last = time.monotonic()
            progress(
                f"epoch {step // steps + 1} of {settings.epochs}, "
                f"step {step + 1:,} of {total:,}, loss {loss.item():.3f}"
            )
