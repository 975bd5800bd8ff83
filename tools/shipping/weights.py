"""Students that label, as safetensors with all that answering takes."""

from pathlib import Path

from tools.services import silent
from tools.shipping.parts import ProbeParts, write_classifier
from tools.shipping.shipped import OF_THE_RUN, Shipped, copy_files
from tools.students import hub_model
from tools.students.classifier import load_parts

_CLASSIFIER = Shipped(
    "classifier_torch", ("command_line",), ("safetensors", "torch", "transformers")
)
_PROBE = Shipped(
    "probe_torch", ("command_line", "ngrams"),
    ("numpy", "safetensors", "sentence-transformers", "torch", "transformers"),
)  # fmt: skip


def ship_classifier(student: Path, target: Path) -> Shipped:
    """Copy a classifier."""
    model, _ = load_parts(str(student), str(student))
    copy_files(student, target, leave=OF_THE_RUN)
    write_classifier(model.config, target)
    return _CLASSIFIER


def ship_probe(student: Path, target: Path) -> Shipped:
    """Write the weights of a probe, and copy the encoder that it stands on."""
    from safetensors.numpy import save_file

    parts = ProbeParts.read(student)
    head = {"dense": parts.dense, "ngrams": parts.grams, "intercept": parts.intercept}
    save_file(head, target / "head.safetensors")
    parts.write(target, 0)
    if parts.base:
        source = hub_model.fetch(parts.base, silent)
        copy_files(source, target / "encoder", leave=("README.md",))
    return _PROBE
