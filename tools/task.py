"""The task spec: what a student has to do."""

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

OutputType = Literal["label", "text"]


class Label(BaseModel):
    """One class of a label task.

    Attributes:
        meaning: What belongs under it.
        borderline: How to decide between it and the label it is most easily confused with.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    meaning: str = ""
    borderline: str = ""

    @field_validator("name", "meaning", "borderline")
    @classmethod
    def _on_one_line(cls, value: str) -> str:
        """Names come from data, too: none may look like a part of a prompt."""
        return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", value).strip()


class Demonstration(BaseModel):
    """One input with its output, given by the user as part of the task."""

    model_config = ConfigDict(frozen=True)

    input: str
    output: str


class TaskSpec(BaseModel):
    """What the user asked for, as far as it is known.

    Attributes:
        labels: Classes of a label task; empty while they are to come from the data.
        language: BCP 47 tag of the inputs.
        other_languages: Tags of further languages that inputs are in.
        metric: Name of a registered metric; None until the data decide.
        output_schema: JSON Schema that every output of a text task follows; None where outputs are
            free.
        assumptions: Sentences that tell the user what was guessed.
        conventions: Those of them that settle, for a text task, what its words leave open; all who
            write or answer go by them.
    """

    model_config = ConfigDict(frozen=True)

    instruction: str
    output_type: OutputType = "label"
    labels: tuple[Label, ...] = ()
    language: str = "en"
    other_languages: tuple[str, ...] = ()
    metric: str | None = None
    output_schema: dict[str, Any] | None = None
    demonstrations: tuple[Demonstration, ...] = ()
    assumptions: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()

    @field_validator("instruction")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the task is empty; say in a sentence what the model should do")
        return value.strip()

    @property
    def label_names(self) -> tuple[str, ...]:
        """The names of the labels, in the user's order."""
        return tuple(label.name for label in self.labels)

    @property
    def languages(self) -> tuple[str, ...]:
        """The tags of all languages that inputs are in, the first one first."""
        return (self.language, *self.other_languages)
