"""What a person wants done next: when it has been done, and what it rules out."""

from graph.state import Json, State, Wish
from tools.services import ToolError
from tools.splits import Fresh

WRITING = frozenset({"generate_batch", "transform_rows"})


def left_over(wishes: list[Wish], artifact: Json) -> list[Wish]:
    """Return the wishes that a tool call, whether or not it worked, leaves open.

    A round that closes has had its chance at all of them.
    """
    tool = artifact["tool"]
    if tool == "map_columns" and "error" not in artifact:
        return [wish for wish in wishes if wish["do"] != "find"]
    if tool in WRITING:
        asked = artifact["asked"]
        done = next((w for w in wishes if _serves(asked, w)), None)
        return [wish for wish in wishes if wish is not done]
    return wishes


def _serves(asked: Json, wish: Wish) -> bool:
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
