"""The graph's state: JSON values and ids only, since every step is checkpointed.

Everything large (examples, vectors, models) lives in the run directory.
"""

from typing import Any, Literal, NotRequired

from langgraph.graph import MessagesState
from langgraph.managed import RemainingSteps
from typing_extensions import TypedDict  # pydantic asks for it below Python 3.12

Json = dict[str, Any]
StopReason = Literal[
    "plateau", "target", "rounds", "minutes", "usd", "steps", "planner", "user", "nothing to train"
]


class Limits(TypedDict):
    """When a run has to end; `target` is None where there is none."""

    max_rounds: int
    minutes: float
    usd: float
    patience: int
    min_gain: float
    target: float | None


class Spent(TypedDict):
    """What a run has used up so far; `usd` is None once a price was unknown."""

    seconds: float
    usd: float | None
    prompt_tokens: int
    completion_tokens: int
    teacher_calls: int
    cached_calls: int


class Used(TypedDict):
    """What one tool or node has used of the LLMs so far."""

    calls: int
    cached_calls: int
    prompt_tokens: int
    completion_tokens: int
    usd: float | None


class Mark(TypedDict):
    """Positions in the store's journal and in the book of LLM calls."""

    data: int
    book: int


class Round(TypedDict):
    """One pass of generate, fine-tune, evaluate.

    Attributes:
        focus: What the new data aimed at: a teacher's focus, or `import` for rows found or given.
        dropped: Training rows taken out as doubtful.
        foci: Every focus asked for, also those that yielded nothing.
        calls: Ids of the tool calls that changed the data, so that the round can be undone.
        validation: Value and 95% interval; None until evaluated.
        kept: Whether its data stayed.
    """

    round: int
    focus: str
    requested: int
    accepted: int
    dropped: int
    foci: list[str]
    calls: list[str]
    validation: Json | None
    p_better: float | None
    gain: float | None
    student: str | None
    kept: bool
    seconds: float
    usd: float | None
    tokens: int


class Input(MessagesState):
    """What a caller provides; the messages hold the task in the user's words.

    Attributes:
        mark: How far the stores have come.
    """

    limits: Limits
    mode: Literal["run", "chat"]
    planner: Literal["given", "rules"]
    student: str | None
    mark: NotRequired[Mark]


class State(Input):
    """What a run knows so far.

    Attributes:
        used: What each tool and node has used of the LLMs.
        failed_bases: Bases that could not be had, loaded or trained here.
        written: Examples accepted of those that a teacher wrote.
        made: Calls since something last changed, as JSON; to make one of them again is pointless.
        correction: What the planner did wrong last, in words for it.
        said: What a person said in the midst of the run, in that person's words.
    """

    remaining_steps: RemainingSteps
    spec: NotRequired[Json]
    datasets: NotRequired[list[Json]]
    searched: NotRequired[bool]
    tried: NotRequired[list[str]]
    imports: NotRequired[list[Json]]
    bases: NotRequired[list[Json]]
    failed_bases: NotRequired[list[str]]
    trained: NotRequired[Json | None]
    best: NotRequired[Json | None]
    round: NotRequired[Round | None]
    rounds: NotRequired[list[Round]]
    spent: NotRequired[Spent]
    used: NotRequired[dict[str, Used]]
    written: NotRequired[int]
    made: NotRequired[list[str]]
    correction: NotRequired[str | None]
    said: NotRequired[str]
    strikes: NotRequired[int]
    decision: NotRequired[str]
    last_error: NotRequired[Json | None]
    stop_reason: NotRequired[StopReason | None]
    report: NotRequired[Json]


NOTHING_SPENT: Spent = {
    "seconds": 0.0,
    "usd": 0.0,
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "teacher_calls": 0,
    "cached_calls": 0,
}
