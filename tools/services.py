"""What the tools need from the outside world, as Protocols that any object may satisfy."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tools.examples import ExampleStore
from tools.sources import DataSource
from tools.splits import Fresh
from tools.talking import Control, Listener
from tools.task import OutputType, TaskSpec
from tools.teaching import Annotator, Teacher, Usage

Json = dict[str, Any]
Progress = Callable[[str], None]


def silent(_message: str) -> None:
    """Show no progress."""


class ToolError(Exception):
    """A failure that the planner should read and react to; anything else is a bug and surfaces."""

    of_base = False


class UnfitBaseError(ToolError):
    """A base model cannot be had, loaded or trained on this machine; another one may do."""

    of_base = True


class EndpointError(Exception):
    """An LLM endpoint cannot be used any further: the run pauses, and the user reads the message.

    What has been answered so far is kept, so that resuming pays for none of it again.
    """


class BudgetError(Exception):
    """The next call to an LLM could cost more than is left of the budget in USD."""


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into vectors."""

    name: str

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of shape (len(texts), dimensions), in the order of `texts`."""
        ...


@runtime_checkable
class Executor(Protocol):
    """Runs work that a bigger machine could do: encode, train, predict."""

    def run(
        self, function: str, payload: Json, progress: Progress, timeout_s: float | None = None
    ) -> Json:
        """Call `module:function(payload, progress)` elsewhere and return its JSON result.

        Raises:
            ToolError: The function raised one, ran past `timeout_s`, or its process died.
        """
        ...


@runtime_checkable
class Metric(Protocol):
    """A corpus-level score; higher is better, between 0 and 1."""

    name: str
    proportion: bool
    """Whether the score is a share of right answers, so that a Wilson interval applies."""

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        """Return the score of `predicted` against `gold`, paired by position."""
        ...


@dataclass(frozen=True)
class Prediction:
    """One answer of a student; `margin` is best minus second-best probability.

    For texts, `confidence` is the geometric mean of the probabilities of the tokens, and `margin`
    the smallest lead of a token over the next likely one.
    """

    output: str
    confidence: float
    margin: float


@dataclass(frozen=True)
class TrainingSet:
    """What a student method is given; texts, outputs, weights and families are paired by position.

    Attributes:
        weights: How much each row counts in training; all alike where empty.
        instruction: The task in words, for a base that was trained to read one.
        output_type: Whether outputs are labels or texts.
        schema: JSON Schema that every output follows; None where there is none.
        seconds: How long training may take, so that a method can choose what fits; None for as long
            as it needs.
        checkpoints: Folder for what lets training go on after a crash; it outlives the process, and
            is deleted when the student is complete. None where nothing may be kept.
        curve: File to which losses and scores are written as training goes on; None for no file.
        report_to: `trackio`, to have it follow the training, too; `none` otherwise.
        families: Per row the number of its family, then those of what else it was made from. A
            method that holds rows out holds whole families out, by the first number, and learns
            from no row that has one of them among its numbers. All rows are strangers where empty.
    """

    texts: Sequence[str]
    outputs: Sequence[str]
    labels: Sequence[str] = ()
    seed: int = 0
    weights: Sequence[float] = ()
    instruction: str = ""
    output_type: OutputType = "label"
    schema: Json | None = None
    seconds: float | None = None
    checkpoints: Path | None = None
    curve: Path | None = None
    report_to: str = "none"
    families: Sequence[Sequence[int]] = ()


@dataclass(frozen=True)
class Fit:
    """What training settled on.

    Attributes:
        hyperparameters: Resolved values; training again with them searches nothing.
        parameters: Number of weights in the student, frozen ones included.
        held_out: Row number → the student's answer to it, for rows that it did not learn from but
            watched to know when to stop. Mistakes are read from these answers; without any, from
            cross-validation.
    """

    hyperparameters: Json
    parameters: int
    notes: tuple[str, ...] = ()
    held_out: Mapping[int, Prediction] = field(default_factory=dict)


@runtime_checkable
class Student(Protocol):
    """A trained model, loaded."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Return one prediction per text, in order."""
        ...


@runtime_checkable
class StudentMethod(Protocol):
    """A way to train a student. Registered by import path, since it runs in another process."""

    def fit(
        self, data: TrainingSet, base: str, hyperparameters: Json, folder: Path, progress: Progress
    ) -> Fit:
        """Train on `data` and write the weights (safetensors) into `folder`.

        Raises:
            ToolError: The data cannot train a student; the message says why.
        """
        ...

    def load(self, folder: Path) -> Student:
        """Load what `fit` wrote."""
        ...


@runtime_checkable
class TaskReader(Protocol):
    """Turns what the user said into a task spec."""

    def read(self, prompt: str, metrics: Collection[str], outputs: Sequence[str]) -> TaskSpec:
        """Return the spec; what is guessed is said in its `assumptions`.

        Args:
            prompt: Everything the user said about the task.
            metrics: Names of the metrics that the task may ask for.
            outputs: Outputs that occur in the user's examples.

        Raises:
            ToolError: The prompt holds no task.
        """
        ...


@runtime_checkable
class CallBook(Protocol):
    """The record of all calls to LLMs in a run.

    Attributes:
        cap_usd: What all calls together may cost.
    """

    cap_usd: float

    def usage(self, call: str | None = None) -> Usage:
        """Return what tool call `call` has cost, or the whole run where it is None."""
        ...


def _by_rules() -> Listener:
    """Return a listener that needs no LLM."""
    # It reads examples with what raises the errors of this module.
    from tools.talk.rules import RulesListener

    return RulesListener()


@dataclass(frozen=True)
class Services:
    """Run-scoped dependencies, passed to the graph as its context.

    Attributes:
        reader: Reads the task; rules do it where there is none.
        book: Record of the calls to LLMs; None where there are none.
        judge: Gives second opinions on labels; None where there is no LLM.
        prompted: The teacher answering inputs itself, as a baseline; None where there is no LLM.
        grader: Says whether a student's answers to test rows are right; None where nobody asked.
        workspace: The run directory.
        methods: Student method name to `module:Class`.
        allowed_licences: Licences that the user allows by name beyond the permissive ones.
        shared_cache: Directory of caches that outlive a run, such as embeddings.
        listener: Understands what a person says; rules do it where there is no LLM.
        control: Tells when a person wants the run to stop; None where nobody can ask.
        report_to: Where training reports to beside its curve file: `none` or `trackio`.
    """

    store: ExampleStore
    workspace: Path
    shared_cache: Path
    sources: Sequence[DataSource]
    teacher: Teacher
    encoder: Encoder
    executor: Executor
    methods: Mapping[str, str]
    metrics: Mapping[str, Metric]
    reader: TaskReader | None = None
    book: CallBook | None = None
    judge: Annotator | None = None
    prompted: Annotator | None = None
    grader: Annotator | None = None
    seed: int = 0
    allowed_licences: frozenset[str] = frozenset()
    report_to: str = "none"
    progress: Progress = silent
    listener: Listener = field(default_factory=_by_rules)
    control: Control | None = None


@dataclass(frozen=True)
class Call:
    """One tool call: what the planner cannot see or choose, beside the arguments it gave.

    Attributes:
        id: Id of the call; what it stores is keyed by it.
        round: Number of the round under way, from 1.
        best: Id of the best student so far, which guides where new examples should go.
        related: `owner/name@config` of data sets that were found but not imported, best first.
        fresh: What no row that is held out can have, since the task came to ask for it later.
    """

    id: str
    spec: TaskSpec
    services: Services
    round: int = 1
    best: str | None = None
    related: tuple[str, ...] = ()
    fresh: Fresh | None = None


ToolResult = tuple[str, Json]
"""What a tool returns: a short text for the planner and a JSON artifact for the state."""
