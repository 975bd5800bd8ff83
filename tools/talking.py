"""What a person says in a conversation about a task, and what it means for the task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict

from tools.task import Demonstration, Label, TaskSpec

Json = dict[str, Any]
TALK = "talk"
"""What a listener's calls to an LLM are booked under."""
Intent = Literal["agree", "decline", "amend", "question", "stop round", "stop now", "go on"]


class Change(BaseModel):
    """What a person wants to be different; what is left out stays as it is.

    Attributes:
        instruction: The task in new words; None where they stay.
        add_labels: New labels, or known ones with a new meaning or border.
        remove_labels: Labels that are no more.
        rename_labels: Old name → new name.
        language: New language of the inputs.
        add_languages: Languages of inputs beside the first one.
        metric: Name of another metric.
        conventions: Sentences that settle what the task leaves open.
        confused: Pairs of labels that the model takes for each other too often.
        guidance: What new examples should be like, in a sentence.
        size_factor: How large the model may be, as a share of the present one.
        most_mb: How large the model may be, in MB.
        avoid_datasets: Ids of data sets that are not to be used.
        rows: Examples given in the message itself.
        more_rounds: Rounds to go on for beyond those agreed.
        usd: What the work that is approved next may cost.
        minutes: How long it may take.
    """

    model_config = ConfigDict(frozen=True)

    instruction: str | None = None
    add_labels: tuple[Label, ...] = ()
    remove_labels: tuple[str, ...] = ()
    rename_labels: dict[str, str] = {}
    language: str | None = None
    add_languages: tuple[str, ...] = ()
    metric: str | None = None
    conventions: tuple[str, ...] = ()
    confused: tuple[tuple[str, str], ...] = ()
    guidance: str | None = None
    size_factor: float | None = None
    most_mb: float | None = None
    avoid_datasets: tuple[str, ...] = ()
    rows: tuple[Demonstration, ...] = ()
    more_rounds: int | None = None
    usd: float | None = None
    minutes: float | None = None


@dataclass(frozen=True)
class Heard:
    """What a message means.

    Attributes:
        change: What is to be different; None unless the intent is `amend`.
        reply: What to say to the person, in the person's language; the answer to a question.
    """

    intent: Intent
    reply: str = ""
    change: Change | None = None


@runtime_checkable
class Listener(Protocol):
    """Understands what a person says while a task is specified, worked on, or done."""

    def hear(self, text: str, situation: Json) -> Heard:
        """Return what a message means.

        Args:
            text: The message.
            situation: Where the conversation and the run stand: see `graph.situation`.
        """
        ...

    def imagine(self, spec: TaskSpec, known: Sequence[Demonstration]) -> list[Demonstration]:
        """Return up to three examples of what was understood; of `known` where none can be made."""
        ...


@runtime_checkable
class Control(Protocol):
    """Lets a person steer a run that is under way."""

    def stop_asked(self) -> Literal["round", "now"] | None:
        """Say whether the run is to stop after the round under way, or at once."""
        ...
