"""What is known about a trained student: `manifest.json` in its folder."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tools.hub.licence_names import UNKNOWN
from tools.services import Json, ToolError
from tools.task import OutputType

MANIFEST = "manifest.json"


class StudentManifest(BaseModel):
    """Written last, so that a folder which has one is complete.

    Attributes:
        student: Id of the student; the name of its folder.
        entry: `module:Class` of the method.
        base: Name of the base model.
        reference: What gives the very same base again, with its commit if it is of the Hub; the
            name where empty.
        licence: That of the base as it was trained on.
        hyperparameters: Resolved values; training again with them searches nothing.
        labels: Names of the labels that the task asks for.
        parameters: Number of weights, frozen ones included.
        size_mb: Megabytes on disk, the weights of a frozen base included.
        latency_ms: Median time of answering one text where it was trained.
        seconds: Training time.
        output_schema: JSON Schema of the outputs; None where there is none.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    student: str
    method: str
    entry: str
    base: str
    reference: str = ""
    licence: str = UNKNOWN
    hyperparameters: dict[str, Any]
    seed: int
    labels: tuple[str, ...]
    parameters: int
    size_mb: float
    latency_ms: float
    train_rows: int
    seconds: float
    notes: tuple[str, ...]
    language: str
    instruction: str
    output_type: OutputType = "label"
    output_schema: Json | None = None


def load_manifest(folder: Path) -> StudentManifest:
    """Read the manifest of the student in `folder`.

    Raises:
        ToolError: There is none, or it is not one that this version can read.
    """
    path = folder / MANIFEST
    try:
        return StudentManifest.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ToolError(f"there is no student in {folder}: {path} is missing") from error
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        reason = _reason(error)
        raise ToolError(f"{path} cannot be read ({reason}); train the student again") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first: Json = dict(error.errors()[0])
        where = ".".join(str(part) for part in first["loc"])
        return f"{where}: {first['msg']}" if where else str(first["msg"])
    return str(error)
