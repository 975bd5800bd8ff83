"""Seq2Seq: a model of the T5 family fine-tuned on inputs and outputs with Seq2SeqTrainer."""

from pathlib import Path

from tools.services import Fit, Json, Progress, Student, TrainingSet
from tools.students.text.fitting import fit
from tools.students.text.models import quiet
from tools.students.text.writer import load_writer


class Seq2Seq:
    """Satisfies `tools.services.StudentMethod`; hyperparameters are those of `Settings`."""

    def fit(
        self, data: TrainingSet, base: str, hyperparameters: Json, folder: Path, progress: Progress
    ) -> Fit:
        """Train, and write model, tokenizer and form into `folder`."""
        return fit("seq2seq", data, base, hyperparameters, folder, progress)

    def load(self, folder: Path) -> Student:
        """Load what `fit` wrote."""
        with quiet():
            return load_writer(folder)
