"""What a person wants done next: when it has been done, and what it rules out."""

from graph.state import Json, State, Wish
from tools.services import ToolError
from tools.splits import Fresh
from tools.task import TaskSpec

SMALL = "Train a model of at most {:g} MB."
ORDER = ("find", "write", "train")
WRITING = frozenset({"generate_batch", "transform_rows"})


def joined(open_: list[Wish], new: list[Wish], names: dict[str, str], spec: TaskSpec) -> list[Wish]:
    """Return what is wanted in all, in the order in which it is done.

    Args:
        open_: What was wanted before and has not been done.
        new: What is wanted in addition.
        names: Old → new name of the labels that are called otherwise now.
        spec: The task as it is now.
    """
    kept = []
    for wish in open_:
        labels = [names.get(name, name) for name in wish["labels"]]
        known = [name for name in labels if name in spec.label_names]
        spoken = wish["language"] in (None, *spec.languages)
        if spoken and (known or not labels):
            kept.append(wish | {"labels": known})
    wishes = {wish["why"]: wish for wish in [*kept, *new]}
    return sorted(wishes.values(), key=lambda wish: ORDER.index(wish["do"]))


def left_over(wishes: list[Wish], artifact: Json) -> list[Wish]:
    """Return the wishes that a tool call, whether or not it worked, leaves open.

    A round that closes has had its chance at all of them.
    """
    tool = artifact["tool"]
    if tool == "map_columns" and "error" not in artifact:
        return [wish for wish in wishes if wish["do"] != "find"]
    if tool in WRITING:
        asked = artifact["asked"]
        done = next((w for w in wishes if serves(asked, w)), None)
        return [wish for wish in wishes if wish is not done]
    return wishes


def serves(asked: Json, wish: Wish) -> bool:
    """Say whether a call that has rows written serves a wish for such."""
    labels = asked.get("labels") or wish["labels"]
    return wish["do"] == "write" and set(wish["labels"]) <= set(labels)


def wanted(state: State, dataset: str) -> str:
    """Return a data set's id.

    Raises:
        ToolError: The person does not want the data set.
    """
    if dataset.strip().partition("@")[0] in state.get("avoid", []):
        raise ToolError(f"the user does not want {dataset}; choose another data set")
    return dataset


def fresh(state: State) -> Fresh | None:
    """Return what no row that is held out can have, and which rows may not be held out for it."""
    new = state.get("fresh")
    if not new:
        return None
    kept = state.get("best") or state.get("earlier")
    # A student that waits to be evaluated has learned from rows of the open round, too.
    learned = len(state.get("rounds", [])) + bool(state.get("trained"))
    return Fresh(**new, learned=learned if kept or state.get("trained") else -1)


def ruled_out(state: State, call: Json) -> str | None:
    """Say why a planned call is not what the person wants; None where nothing speaks against it."""
    wishes = state.get("wishes", [])
    trains_only = bool(wishes) and all(wish["do"] == "train" for wish in wishes)
    if trains_only and call["name"] in WRITING:
        return f"The user wants only this now: {wishes[0]['why']} Nothing is to be written for it."
    return None
