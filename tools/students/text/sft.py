"""Sft: a causal language model fine-tuned on prompts and completions with TRL's SFTTrainer."""

from pathlib import Path

from tools.services import Fit, Json, Progress, Student, TrainingSet
from tools.students.text.fitting import fit
from tools.students.text.models import quiet
from tools.students.text.writer import load_writer


class Sft:
    """Satisfies `tools.services.StudentMethod`; hyperparameters are those of `Settings`."""

    def fit(
        self, data: TrainingSet, base: str, hyperparameters: Json, folder: Path, progress: Progress
    ) -> Fit:
        """Train, and write model, tokenizer and form into `folder`."""
        return fit("causal", data, base, hyperparameters, folder, progress)

    def load(self, folder: Path) -> Student:
        """Load what `fit` wrote."""
        with quiet():
            return load_writer(folder)
