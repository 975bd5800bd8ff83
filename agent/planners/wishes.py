"""How the rules planner acts on what a person wants done next."""

from typing import Any, Literal

Json = dict[str, Any]

TRAIN: Literal["train"] = "train"
"""Train on the rows there are."""
MOST_TRIES = 3
ENOUGH_OF_A_LABEL = 20
"""Training rows of a new label from which on none has to be written for it."""
EACH_LABEL, IN_ALL = 20, 60
"""Rows asked of a teacher: for each label, or where it is about all of them."""


def next_wish(s: Json) -> tuple[str, Json] | Literal["train"] | None:
    """Return the tool with its arguments, or `TRAIN`, that serves the first wish that can be.

    None where no wish is open, or none can be served.
    """
    serve = {"find": _find, "write": _write}
    for wish in s.get("wishes", []):
        if wish["do"] == "train":
            return TRAIN if s["rows"]["train"] else None
        if step := serve[wish["do"]](s, wish):
            return step
    return None


def _find(s: Json, wish: Json) -> tuple[str, Json] | None:
    if not s["sources"]:
        return None
    if not s["searched"]:
        language = wish["language"] or s["task"]["language"]
        query = " ".join([*wish["labels"], s["instruction"]])[:300]
        return "search_hf_datasets", {"query": query, "language": language}
    for found in s["datasets"] if len(s["tried"]) < MOST_TRIES else []:
        if found["plausible"] and found["allowed"] and found["id"] not in s["tried"]:
            return "map_columns", {"dataset": found["id"]}
    return None


def _write(s: Json, wish: Json) -> tuple[str, Json] | None:
    labels = wish["labels"]
    writes = s["teacher"]["writes"]
    best = s["best"]
    contrasts = bool(wish["hard"] and best and _confuses(best, labels))
    # Without an LLM, only variations of rows that there are can be made.
    made = contrasts or not (wish["language"] or s["task"]["output_type"] == "text")
    rows = s["rows_of_label"]
    if not writes and (not made or any(not rows.get(name, 1) for name in labels)):
        return None
    if not wish["hard"] and labels and min(_rows(s, n) for n in labels) >= ENOUGH_OF_A_LABEL:
        return None
    n = max(IN_ALL // 2, EACH_LABEL * len(labels)) if labels else IN_ALL
    args: Json = {"n": n, "focus": "hard" if contrasts else "cover", "guidance": wish["guidance"]}
    return "generate_batch", args | ({"labels": labels} if labels else {})


def _rows(s: Json, label: str) -> int:
    """Return the training rows of a label; of those that have many, the standing does not tell."""
    return int(s["rows_of_label"].get(label, ENOUGH_OF_A_LABEL))


def _confuses(best: Json, labels: list[str]) -> bool:
    return any(right in labels or taken in labels for right, taken, _ in best["confusions"])
