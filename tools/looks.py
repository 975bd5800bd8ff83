"""What is seen of a row: in a list, opened, beside another one."""

from dataclasses import dataclass

from tools.examples import Example


@dataclass(frozen=True)
class Listed:
    """A row in a list, texts cut to `tools.browsing.CUT` characters.

    Attributes:
        answer: What the student says, not having learned from the row; None where it was not asked.
    """

    id: int
    input: str
    output: str
    split: str
    source: str
    round: int
    evidence: str
    reason: str | None
    by: str | None
    answer: str | None
    confidence: float | None


@dataclass(frozen=True)
class Answer:
    """What a student has said about a row, in which role the row had."""

    student: str
    split: str
    output: str
    confidence: float


@dataclass(frozen=True)
class Decision:
    """What a person has done to a row."""

    at: str
    action: str
    output: str


@dataclass(frozen=True)
class Whole:
    """Everything about one row.

    Attributes:
        call: Id of the tool call that brought it, or `tools.by_hand.CALL`.
    """

    example: Example
    call: str
    by: str | None
    answers: tuple[Answer, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True)
class Near:
    """A row like another one; `similarity` is 1 where the texts count as equal."""

    example: Example
    similarity: float


@dataclass(frozen=True)
class Around:
    """The rows around a row.

    Attributes:
        repeats: The row that it repeats, in these words or nearly so: an accepted one if there is.
        like: The rows most like it, whatever became of them, best first.
    """

    repeats: Near | None
    like: tuple[Near, ...]
