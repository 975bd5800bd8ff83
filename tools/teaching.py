"""What is asked of a teacher and what it gives back, as Protocols that any object may satisfy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from tools.curation.kinds import Kinds
from tools.examples import Example
from tools.reasons import Reason
from tools.task import TaskSpec

Focus = Literal["cover", "hard", "balance", "repair"]
Confusion = tuple[str, str, int]
"""Right label, label it is taken for, how often."""
UNCLEAR = "unclear"
"""Answer of an annotator that the task settles no other."""


@dataclass(frozen=True)
class Draft:
    """An example as a teacher proposes it, before curation.

    Attributes:
        parents: Ids of the training examples it was made from; it never serves to score those.
        source: Where it comes from; the teacher's name where empty.
        licence: Licence of the text it derives from; that of the parents where empty.
        cell: Combination of attributes that it was written for, so that later batches differ.
        group: Drafts of one source text share it.
        problem: Why there is no example at all, where an answer could not be used.
    """

    input: str
    output: str
    parents: tuple[int, ...] = ()
    source: str = ""
    licence: str = ""
    cell: str = ""
    group: str = ""
    problem: Reason | None = None


@dataclass(frozen=True)
class RelatedText:
    """A sentence of a related data set with the student's opinion of it."""

    text: str
    source: str
    licence: str
    label: str
    confidence: float


@dataclass(frozen=True)
class Case:
    """A training row of a text task that the best student, not having seen it, answered wrongly."""

    example: Example
    said: str


@dataclass(frozen=True)
class TeachingRequest:
    """What a teacher is asked for. It holds nothing of the validation or test split.

    Attributes:
        call: Id of the tool call that asks; what it costs is booked under it.
        n: Number of accepted examples still wanted.
        asked: Number wanted in the whole batch, of which this may be a later wave.
        quotas: Label, or kind of output in a text task, to number of examples wanted; empty where
            outputs have no kinds.
        confusions: The best student's, most frequent first.
        examples: Accepted training examples to learn from.
        related: Unlabelled sentences of related data, each with its source and licence.
        cells: Number of examples that there are of each cell, see `Draft.cell`.
        kinds: How outputs of a text task divide into the kinds of `quotas`.
        cases: What to write variations of, where the focus of a text task is hard.
    """

    spec: TaskSpec
    focus: Focus
    quotas: Mapping[str, int]
    examples: Sequence[Example]
    seed: int
    n: int
    call: str = ""
    asked: int = 0
    guidance: str = ""
    confusions: Sequence[Confusion] = ()
    related: Sequence[RelatedText] = ()
    cells: Mapping[str, int] | None = None
    kinds: Kinds | None = None
    cases: Sequence[Case] = ()


@dataclass(frozen=True)
class SourceRow:
    """A row of a related data set, to be rewritten into the task's form.

    Attributes:
        values: Column to value, as stored.
        group: Names the row; what is made from it shares this group.
    """

    values: Mapping[str, Any]
    source: str
    licence: str
    group: str


@dataclass(frozen=True)
class RewritingRequest:
    """Rows of a related data set and how they should become examples.

    Attributes:
        call: Id of the tool call that asks.
        title: What the data set is, in a line.
        plan: How to rewrite a row, in words; made up by the teacher where empty.
        examples: Accepted training examples, to show the form.
    """

    spec: TaskSpec
    rows: Sequence[SourceRow]
    examples: Sequence[Example]
    seed: int
    call: str = ""
    title: str = ""
    plan: str = ""


@dataclass(frozen=True)
class Usage:
    """What a teacher has cost so far; `usd` is None where a price is unknown."""

    calls: int = 0
    cached_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0

    def since(self, before: "Usage") -> "Usage":
        """Return what came on top of `before`."""
        known = self.usd is not None and before.usd is not None
        return Usage(
            calls=self.calls - before.calls,
            cached_calls=self.cached_calls - before.cached_calls,
            prompt_tokens=self.prompt_tokens - before.prompt_tokens,
            completion_tokens=self.completion_tokens - before.completion_tokens,
            usd=(self.usd or 0.0) - (before.usd or 0.0) if known else None,
        )

    def plus(self, other: "Usage") -> "Usage":
        """Return both together."""
        known = self.usd is not None and other.usd is not None
        return Usage(
            calls=self.calls + other.calls,
            cached_calls=self.cached_calls + other.cached_calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            usd=(self.usd or 0.0) + (other.usd or 0.0) if known else None,
        )


@runtime_checkable
class Teacher(Protocol):
    """Writes new examples."""

    name: str

    def write(self, request: TeachingRequest) -> Iterator[Draft]:
        """Yield drafts for as long as the caller keeps asking and ideas last."""
        ...

    def usage(self) -> Usage:
        """Return what all calls so far have cost, those in the run's call book left out."""
        ...


@runtime_checkable
class Rewriter(Protocol):
    """A teacher that can also turn rows of related data into examples."""

    def rewrite(self, request: RewritingRequest) -> Iterator[Draft]:
        """Yield what became of the rows; a row that does not fit yields nothing."""
        ...


@runtime_checkable
class Annotator(Protocol):
    """Answers inputs by itself: a judge's second opinion, or the teacher as a baseline."""

    name: str

    def answer(
        self,
        spec: TaskSpec,
        examples: Sequence[Example],
        texts: Sequence[str],
        *,
        call: str,
        seed: int = 0,
        unclear: bool = False,
    ) -> list[str | None]:
        """Return one answer per text, in order; None where there is none.

        Args:
            spec: The task.
            examples: Answered examples to go by.
            texts: Inputs to answer.
            call: What the costs are booked under.
            seed: Another seed gives an independent answer.
            unclear: Whether `UNCLEAR` is an answer too, unless a label of the task is called so.
        """
        ...
