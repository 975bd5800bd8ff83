"""What each change to a task keeps of a run, and what is done again.

Rows in the store, data sets found, rounds and their memory stay unless said otherwise.

| change | rows | best student | done next |
|---|---|---|---|
| other words, rules, conventions | stay | stays | rounds as usual |
| meaning or border of a label; labels confused; how new rows should be | stay | stays | rows for
  these labels are written, with that as guidance |
| new label | stay; people's rows that had it come in | incomparable | found, then written for it |
| label that was removed | its rows come back | incomparable | trained with them |
| label removed | its rows go | incomparable | trained on the rest |
| label renamed | are relabelled | incomparable | trained on them |
| language added | stay | incomparable | found, then written in it |
| language replaced | those surely in another language go | incomparable | likewise |
| smaller model | stay, none is written | steps back | trained on them within the size |
| other metric | stay | is scored anew, where nothing else makes it incomparable | |
| data set not wanted | what comes from it goes | incomparable if any did | others are found |
| rows given | join, some held out where people's do not test yet | stays | trained with them |
| more rounds | stay | stays | rounds as usual |
| other amounts to spend | stay | stays | rounds as usual, for as much from now on |

An incomparable student was measured on another task or on other rows: the next one that is
evaluated takes its place, whatever its score. It comes back where none can be trained.
"""

from typing import cast

from graph.effects import EFFECTS, Effects, take_rows
from graph.state import NOTHING_SPENT, Draft, Json, Limits, State, Version
from tools.services import Services
from tools.talk.change import amended
from tools.talk.versions import compare
from tools.talking import Change
from tools.task import TaskSpec

FEW_ROUNDS = 2
"""Rounds that a change is given which asks for one thing only."""


def amend(state: State, services: Services, draft: Draft) -> Json:
    """Return the update of the state that makes an agreed draft the task.

    Rows are rejected, relabelled or accepted in the store on the way; to repeat it changes nothing.

    Args:
        state: The state, with the task as it was.
        services: Those of the run.
        draft: What was agreed to.
    """
    old = spec = TaskSpec.model_validate(state["spec"])
    versions = state.get("versions", [])
    effects = Effects(state, services, f"amend-{state.get('heard', 0)}-{len(versions)}")
    for number, change in enumerate(map(Change.model_validate, draft["changes"])):
        after = amended(spec, change)
        with services.store.once(f"{effects.by}-{number}") as effects.first:
            for effect in EFFECTS:
                effect(effects, spec, after, change)
        spec = after
    take_rows(effects, draft)
    final = TaskSpec.model_validate(draft["spec"])
    same_labels = old.label_names == final.label_names
    update = effects.update | _forgotten(state, effects, same_labels=same_labels)
    update |= _stretch(state, effects, draft)
    update |= {"spec": draft["spec"], "draft": None, "wanted": None, "approved": False}
    if not versions and state.get("rounds"):
        # A run that began without a conversation has a task that nobody was asked about.
        versions = [Version(version=1, spec=state["spec"], why="first")]
    if not versions or compare(old, final):
        new = Version(version=len(versions) + 1, spec=draft["spec"], why=draft["why"])
        versions = [*versions, new]
    update["versions"] = versions
    return update


def _forgotten(state: State, effects: Effects, *, same_labels: bool) -> Json:
    """Return what is no longer known of planning and students once the task has changed."""
    fresh_start: Json = {
        "stop_reason": None,
        "strikes": 0,
        "correction": None,
        "last_error": None,
        "made": [],
        "began": len(state.get("rounds", [])),
        "wishes": effects.wishes,
    }
    if state.get("stop_reason"):
        # What a round that never closed has brought was taken out again.
        fresh_start["round"] = None
    if effects.comparable and not effects.rescored:
        return fresh_start
    earlier = state.get("best") or state.get("earlier")
    return fresh_start | {
        "best": None,
        "earlier": earlier if same_labels else None,
        # Scored by another metric, it closes a round of its own.
        "trained": state["best"] if effects.comparable else None,
    }


def _stretch(state: State, effects: Effects, draft: Draft) -> Json:
    """Return the limits of the work to be approved: what is spent already, and as much again."""
    allotted = cast(Limits, (state.get("allotted") or state["limits"]) | effects.allowed)
    spent, done = state.get("spent", NOTHING_SPENT), len(state.get("rounds", []))
    rounds = effects.rounds or _usual_rounds(effects, draft, allotted["max_rounds"])
    limits: Limits = {
        **allotted,
        "max_rounds": done + rounds + (effects.comparable and effects.rescored),
        "minutes": round(allotted["minutes"] + spent["seconds"] / 60, 3),
        "usd": round(allotted["usd"] + (spent["usd"] or 0.0), 9),
    }
    return {"limits": limits, "allotted": allotted}


def _usual_rounds(effects: Effects, draft: Draft, most: int) -> int:
    """Return how many rounds a change takes at most: one thing asked for takes few."""
    if not effects.state.get("rounds") or not effects.wishes or draft["given"]:
        return most
    if all(wish["do"] == "train" for wish in effects.wishes):
        return 1
    written = all(wish["do"] == "write" for wish in effects.wishes)
    return min(most, FEW_ROUNDS) if written and effects.comparable else most
