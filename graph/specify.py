"""The node in which the task spec comes to be: read at first, amended by what is said later."""

import time
from typing import cast

from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from graph.amend import amend
from graph.budget import at_most, booked, fund, uncharged
from graph.hearing import Message, clean, hear
from graph.restate import beside, imagined
from graph.state import Draft, Json, State, Wanted
from tools.reading.labels import labels_in_prose
from tools.reading.reader import read_task
from tools.services import Services, ToolError
from tools.splits import GIVEN
from tools.talk.change import amended
from tools.talk.given import read_files, store_rows
from tools.talk.phrases import GREETING, is_greeting
from tools.talk.versions import compare
from tools.talking import Change
from tools.task import Label, TaskSpec

MOST_LABELS = 200
FIRST = "first"
MOST_KEPT = 2_000
"""Characters of a later message that are kept with the run's state."""
WHICH_LABELS = (
    "Which labels should there be? Name them, such as 'Labels: refund, charge, other', or give"
    " some examples with theirs."
)


def specify(state: State, runtime: Runtime[Services]) -> Json:
    """Read the task spec out of the conversation, or change it as the person says.

    In a conversation it asks where neither the words nor any data say what the labels are; an
    autonomous run lets the data decide and says so.
    """
    if "spec" in state and (wanted := state.get("wanted")):
        return {"wanted": None} | _drafted(state, runtime.context, wanted)
    if state["mode"] == "run":
        return _read_once(state, runtime.context)
    if "spec" not in state:
        return _first(state, runtime.context)
    return _later(state, runtime.context)


def _read_once(state: State, services: Services) -> Json:
    start = time.monotonic()
    spec = _read(_words(state), services)
    used = uncharged(state, services, "specify", "specify")
    return {
        "spec": spec.model_dump(mode="json"),
        "decision": _understood(spec),
    } | booked(state, "specify", time.monotonic() - start, used)


def _words(state: State) -> str:
    words = [message.text for message in state["messages"] if isinstance(message, HumanMessage)]
    return "\n\n".join(words)


def _described(state: State) -> str:
    """Return what of a conversation so far describes the task."""
    words = [clean(m.text) for m in state["messages"] if isinstance(m, HumanMessage)]
    said = [text for text in words if not is_greeting(text)]
    return "\n\n".join(said or words[-1:])


def _first(state: State, services: Services) -> Json:
    """Read the task of a conversation, and the examples that came with it."""
    start = time.monotonic()
    fund(services, state)
    words = _described(state)
    if is_greeting(words):
        return {"reply": GREETING, "decision": "greeted"}
    try:
        spec, given, notes = _with_rows(state, services, words)
    except ToolError as error:
        return {"reply": f"{error}.", "decision": "no task yet"}
    if spec.output_type == "label" and not spec.labels and not services.sources:
        return _ask_labels()
    draft: Draft = {
        "spec": spec.model_dump(mode="json"),
        "changes": [],
        "given": given,
        "why": FIRST,
        "examples": imagined(spec, services),
        "notes": notes,
    }
    used = uncharged(state, services, "specify", "specify")
    return {
        "spec": draft["spec"],
        "draft": draft,
        "reply": None,
        "decision": _understood(spec),
    } | booked(state, "specify", time.monotonic() - start, used)


def _with_rows(
    state: State, services: Services, words: str
) -> tuple[TaskSpec, list[str], list[str]]:
    """Return the task, the calls under which the person's examples are stored, and notes."""
    ruled = read_task(words, services.metrics.keys())
    files = [
        str(file)
        for message in state["messages"]
        for file in message.additional_kwargs.get("files", ())
    ]
    pairs, notes = read_files(services.workspace, files, ruled)
    pairs = [*ruled.demonstrations, *pairs]
    given: list[str] = []
    if pairs:
        given = [f"{GIVEN}-{state.get('heard', 0)}"]
        notes += store_rows(services.store, given[0], pairs, ruled, 1).notes
    return _read(words, services), given, notes


def _ask_labels() -> Json:
    """Ask for the labels; what names none is asked about again."""
    question = {"ask": "labels", "kind": "question", "text": WHICH_LABELS, "data": {}}
    answer = Message.answer(interrupt(question))
    named = bool(labels_in_prose(answer.text) or read_task(answer.text or "-").labels)
    listed = answer.text if named else f"Labels: {answer.text}"
    update: Json = {"decision": "asked for the labels", "reply": None, "heard": answer.id}
    if answer.files or named or labels_in_prose(listed):
        files = {"files": list(answer.files)}
        return update | {"messages": [HumanMessage(listed, additional_kwargs=files)]}
    return update | {"reply": "I could not make out two labels or more in that."}


def _read(prompt: str, services: Services) -> TaskSpec:
    """Read the task; what the user's own examples say about its labels counts more than words."""
    counts = services.store.label_counts("train")
    if services.reader:
        spec = services.reader.read(prompt, services.metrics.keys(), list(counts))
    else:
        spec = read_task(prompt, services.metrics.keys())
    return _with_labels(spec, services)


def _with_labels(spec: TaskSpec, services: Services) -> TaskSpec:
    """Take the labels of the user's examples where the task names none."""
    counts = services.store.label_counts("train")
    if spec.output_type != "label" or spec.labels or not 2 <= len(counts) <= MOST_LABELS:
        return spec
    note = f"The {len(counts)} labels are those of your examples."
    labels = tuple(Label(name=name) for name in sorted(counts))
    return spec.model_copy(update={"labels": labels, "assumptions": (*spec.assumptions, note)})


def _understood(spec: TaskSpec) -> str:
    """Return in a line how the task was read, and what was guessed, for the user to put right."""
    labels = f"{len(spec.labels)} labels" if spec.labels else "labels to come from the data"
    what = "text as output" if spec.output_type == "text" else labels
    read = f"read as a task with {what}, inputs in {spec.language!r}"
    return ". Assumed: ".join(filter(None, (read, " ".join(spec.assumptions))))


def _later(state: State, services: Services) -> Json:
    """Hear what is said after all is done."""
    said = [m for m in state["messages"] if isinstance(m, HumanMessage)][-1]
    files = tuple(map(str, said.additional_kwargs.get("files", ())))
    message = Message(clean(said.text), state.get("heard", 0), files)
    known = hear(state, services, message)
    update = known.update
    # Only the task's words are kept for good: examples pasted into a message may be many.
    update["messages"] = [HumanMessage(message.text[:MOST_KEPT], id=said.id)]
    if known.intent == "go on" and not known.wanted:
        more = Change(more_rounds=_allotted(state)["max_rounds"]).model_dump(mode="json")
        go_on: Wanted = {"change": more, "given": [], "notes": [], "words": message.text}
        return update | _drafted(cast(State, state | update), services, go_on)
    if known.wanted:
        return update | _drafted(cast(State, state | update), services, known.wanted)
    reply = AT_REST.get(known.intent) or known.heard.reply or ONCE_MORE
    return update | {"reply": reply, "decision": "answered"}


AT_REST = {
    "agree": "There is nothing to agree to: say what should be different, or ask.",
    "decline": "All right, it stays as it is.",
    "stop round": "Nothing is going on, so there is nothing to stop.",
    "stop now": "Nothing is going on, so there is nothing to stop.",
}
"""What is said to a message, by its intent, while nothing is asked and nothing goes on."""
ONCE_MORE = "Say it in other words, please."


def _before_any_round(state: State, change: Change) -> Change:
    """Make rules of wishes for new rows, while there is no model yet that they could mend."""
    if state.get("rounds") or not (change.confused or change.guidance):
        return change
    apart = [
        f"{a} and {b} are easily confused: make plain which it is." for a, b in change.confused
    ]
    rules = (*change.conventions, *apart, *filter(None, [change.guidance]))
    return change.model_copy(update={"conventions": rules, "confused": (), "guidance": None})


def _allotted(state: State) -> Json:
    return cast(Json, state.get("allotted") or state["limits"])


def _drafted(state: State, services: Services, wanted: Wanted) -> Json:
    """Make a change to the draft, or to the task as agreed.

    What leaves the task itself as it is, such as another round or a smaller model, is not asked
    about twice: it is done, and the proposal that follows says what it is. An autonomous run asks
    about nothing, but says what is different and what that may take.
    """
    change = _before_any_round(state, Change.model_validate(wanted["change"]))
    before = state.get("draft")
    agreed = TaskSpec.model_validate(state["spec"])
    old = TaskSpec.model_validate(before["spec"]) if before else agreed
    spec = _with_labels(amended(old, change), services)
    draft: Draft = {
        "spec": spec.model_dump(mode="json"),
        "changes": [*(before["changes"] if before else []), change.model_dump(mode="json")],
        "given": [*(before["given"] if before else []), *wanted["given"]],
        "why": " / ".join(filter(None, [before["why"] if before else "", wanted["words"]])),
        "examples": [],
        "notes": wanted["notes"],
    }
    alone = state["mode"] == "run"
    changed = compare(agreed, spec)
    if alone or not (before or changed or change.avoid_datasets):
        update = amend(state, services, draft)
        changed += beside(draft["changes"])
        said = [*draft["notes"], *changed, *(wish["why"] for wish in update["wishes"])]
        said += [at_most(cast(State, state | update))] * alone
        return update | {"reply": "\n".join(said) or None, "decision": " ".join(said)}
    draft["examples"] = imagined(spec, services)
    return {"draft": draft, "reply": None, "decision": _understood(spec)}
