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
        heard: Id, in the mailbox, of the last message of the person that was taken in.
        mark: How far the stores have come.
    """

    limits: Limits
    mode: Literal["run", "chat"]
    planner: Literal["given", "rules"]
    student: str | None
    heard: NotRequired[int]
    mark: NotRequired[Mark]


class Version(TypedDict):
    """A task spec that the person has agreed to, and what was said to get it."""

    version: int
    spec: Json
    why: str


class Draft(TypedDict):
    """A task spec, or a change of how it is worked on, that is still to be agreed to.

    Attributes:
        changes: What was asked for since the last agreement, as `tools.talking.Change`.
        given: Ids of the calls under which rows of the person were stored.
        examples: `{"input", "output", "from"}` of up to three examples.
        notes: What could not be taken as it was said, in sentences.
    """

    spec: Json
    changes: list[Json]
    given: list[str]
    why: str
    examples: list[Json]
    notes: list[str]


class Wanted(TypedDict):
    """What a person has said in answer to a question, for `specify` to take in."""

    change: Json
    given: list[str]
    notes: list[str]
    words: str


class Said(TypedDict):
    """What a person has said; `id` is that of the message in the mailbox."""

    text: str
    id: int


class Wish(TypedDict):
    """Something that the person wants done next.

    Attributes:
        do: Find rows in data sets, have rows written, or train on what there is.
        labels: Labels that it is about; none where it is about all.
        language: Language that rows are to be in; None where it does not matter.
        guidance: What new rows should be like.
        hard: Whether rows are to tell the labels apart.
        why: What the person wants, in a sentence.
    """

    do: Literal["find", "write", "train"]
    labels: list[str]
    language: str | None
    guidance: str
    hard: bool
    why: str


class State(Input):
    """What a run knows so far.

    Attributes:
        used: What each tool and node has used of the LLMs.
        failed_bases: Bases that could not be had, loaded or trained here.
        written: Examples accepted of those that a teacher wrote.
        made: Calls since something last changed, as JSON; to make one of them again is pointless.
        correction: What the planner did wrong last, in words for it.
        reply: What the node that ran last says to the person, if it says anything.
        versions: Task specs that the person has agreed to.
        approved: Whether the person has approved working on the present version.
        draft: What is still to be agreed to.
        wanted: What the person wants to be different, on its way to `specify`.
        wishes: What is to be done first, see `graph.amend`.
        allotted: What one approval allows: `limits` as first given.
        began: Number of rounds that were closed when the present approval was asked for.
        avoid: Data sets that are not to be used.
        most_mb: How large a student may be.
        fresh: Labels and languages added after rows had been held out: `{"labels", "languages"}`.
        earlier: The best student before a change after which none can be compared with it.
        tested: How often test rows have been used.
        said: What a person said in the midst of the run, still to be heard.
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
    said: NotRequired[Said | None]
    strikes: NotRequired[int]
    decision: NotRequired[str]
    last_error: NotRequired[Json | None]
    stop_reason: NotRequired[StopReason | None]
    report: NotRequired[Json]
    reply: NotRequired[str | None]
    versions: NotRequired[list[Version]]
    approved: NotRequired[bool]
    draft: NotRequired[Draft | None]
    wanted: NotRequired[Wanted | None]
    wishes: NotRequired[list[Wish]]
    allotted: NotRequired[Limits]
    began: NotRequired[int]
    avoid: NotRequired[list[str]]
    most_mb: NotRequired[float | None]
    fresh: NotRequired[Json]
    earlier: NotRequired[Json | None]
    tested: NotRequired[int]


NOTHING_SPENT: Spent = {
    "seconds": 0.0,
    "usd": 0.0,
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "teacher_calls": 0,
    "cached_calls": 0,
}
