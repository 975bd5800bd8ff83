"""What is going to be done and what it may cost: what a person is asked to approve."""

from graph.budget import seconds_left
from graph.standing import minutes_for_another
from graph.state import NOTHING_SPENT, Json, State, Wish
from graph.wishes import SMALL, WRITING, serves
from tools.services import Services
from tools.teaching import Rewriter
from tools.text import one_line

MOST_DATASETS, LONGEST_LINE = 6, 200
LONG = 60
"""Minutes."""


def proposal(state: State, services: Services, calls: list[Json]) -> Json:
    """Return the interrupt that asks whether to begin.

    Args:
        state: The state so far.
        services: Those of the run.
        calls: Planned calls that have not been made.
    """
    limits, spent = state["limits"], state.get("spent", NOTHING_SPENT)
    rounds = limits["max_rounds"] - len(state.get("rounds", []))
    minutes = round(seconds_left(limits, spent) / 60, 1)
    usd = round(limits["usd"] - (spent["usd"] or 0.0), 4)
    data: Json = {
        "calls": [{"name": call["name"], "args": call["args"]} for call in calls],
        "steps": _steps(state, services, calls),
        "datasets": _datasets(state, {str(call["args"].get("dataset")) for call in calls}),
        "usd": {"expected": _expected_usd(state, services, calls, rounds), "most": usd},
        "minutes": {"expected": _expected_minutes(state, services, rounds), "most": minutes},
        "rounds": rounds,
        "rows": {split: services.store.count(split) for split in ("train", "validation", "test")},
    }
    return {"ask": "approve", "kind": "proposal", "text": "\n".join(_lines(data)), "data": data}


def _steps(state: State, services: Services, calls: list[Json]) -> list[str]:
    """Return what is done in order: what is wished for, and what is planned where that is less."""
    wishes = state.get("wishes", [])
    rows = [_wished(w, state, services, calls) for w in wishes if w["do"] != "train"]
    trains = [w["why"] for w in wishes if w["do"] == "train"]
    written = [call for call in calls if not any(_is_for(call, wish) for wish in wishes)]
    planned = [_step(c, services) for c in written if not trains or c["name"] in WRITING]
    most = state.get("most_mb")
    small = [f"Keep the model within {most:g} MB."] if most else []
    small = [] if most and SMALL.format(most) in trains else small
    rounds = state["limits"]["max_rounds"] - len(state.get("rounds", []))
    begins = "finetune" in {call["name"] for call in calls} or bool(trains)
    first = "Then get better data" if begins else "Train and measure a model, then get better data"
    more = [f"{first}, train and measure again, for as long as it pays."] * (rounds > 1)
    steps = dict.fromkeys([*rows, *planned, *small, *trains, *more])
    return [step for step in steps if step]


def _is_for(call: Json, wish: Wish) -> bool:
    """Say whether a planned call only does what is wished for, and so is no step of its own."""
    told = bool(wish["labels"] or wish["language"])
    return call["name"] == "generate_batch" and told and serves(call["args"], wish)


def _wished(wish: Wish, state: State, services: Services, calls: list[Json]) -> str:
    """Return what is done about a wish; nothing where it cannot be, or that it takes examples."""
    if wish["do"] == "find" and not services.sources:
        return ""
    new = {*state.get("fresh", {}).get("labels", [])} & {*wish["labels"]} or wish["language"]
    if wish["do"] == "write" and new and not isinstance(services.teacher, Rewriter):
        of = wish["language"] or ", ".join(wish["labels"])
        return f"There is no LLM to write rows for {of}: some examples of yours would help."
    written = sum(int(call["args"].get("n", 0)) for call in calls if _is_for(call, wish))
    return f"{wish['why'].rstrip('.')}: about {written}." if written else wish["why"]


def _step(call: Json, services: Services) -> str:
    args = call["args"]
    name = str(call["name"])
    if name == "generate_batch":
        of = f" for {', '.join(args['labels'])}" if args.get("labels") else ""
        return f"Have {services.teacher.name} write about {args.get('n')} examples{of}."
    if name == "transform_rows":
        name = str(args.get("dataset")).partition("@")[0]
        about = f"into about {args.get('n')} examples"
        return f"Have {services.teacher.name} rewrite rows of {name} {about}."
    if name == "finetune":
        on = f" on {args['model']}" if args.get("model") else ""
        rows = services.store.count("train")
        return (
            f"Train a model ({args.get('method') or 'method to be chosen'}{on}) on {rows:,} rows."
        )
    if name == "pick_model" and args.get("race"):
        return "Try the likeliest base models briefly on some training rows."
    return ""


def _datasets(state: State, planned: set[str]) -> list[Json]:
    """Return the data sets imported, then those found that may still be or are `planned`."""
    imports = {i["dataset"]: i for i in state.get("imports", [])}
    used = [
        {
            "id": name,
            "licence": one["licence"],
            "rows": sum(one["imported"].values()),
            "imported": True,
        }
        for name, one in imports.items()
    ]
    found = [
        {"id": d["id"], "licence": d["licence"], "rows": d["rows"], "imported": False}
        for d in state.get("datasets", [])
        if (d["plausible"] or planned & {d["id"], d["repo_id"]})
        and d["allowed"]
        and d["repo_id"] not in imports
    ]
    return [*used, *found][: max(MOST_DATASETS, len(used))]


def _expected_usd(state: State, services: Services, calls: list[Json], rounds: int) -> float | None:
    """Return what the rounds will probably cost, by what examples have cost so far."""
    if not isinstance(services.teacher, Rewriter) and state["planner"] == "rules":
        return 0.0
    if state.get("wishes") and not any(call["name"] in WRITING for call in calls):
        return None
    used = [state.get("used", {}).get(name) for name in WRITING]
    paid = [one["usd"] for one in used if one]
    written = state.get("written", 0)
    if not written or not paid or None in paid:
        return None
    each = sum(usd for usd in paid if usd) / written
    asked = max((int(c["args"].get("n", 0)) for c in calls if c["name"] in WRITING), default=0)
    return round(each * asked * rounds, 4) if asked else None


def _expected_minutes(state: State, services: Services, rounds: int) -> float | None:
    """Return how long training will take, going by the last student, or by estimates."""
    if best := state.get("best"):
        return round(rounds * minutes_for_another(best, services), 1)
    if bases := state.get("bases"):
        return round(rounds * float(bases[0]["estimated_seconds"]) / 60, 1)
    return None


def _lines(data: Json) -> list[str]:
    lines = ["This is what I am going to do:"]
    lines += [f"  {n}. {one_line(step, LONGEST_LINE)}" for n, step in enumerate(data["steps"], 1)]
    if data["datasets"]:
        lines.append("Data sets:")
        lines += [f"  - {_dataset(one)}" for one in data["datasets"]]
    rows = ", ".join(f"{n:,} {split}" for split, n in data["rows"].items() if n)
    lines.append(f"Rows so far: {rows or 'none'}.")
    lines.append(f"Cost: {_amount(data['usd'], '{:.2f} USD')}.")
    lines.append(f"Time: {_minutes(data['minutes'])}.")
    lines.append(f"Rounds: at most {data['rounds']}.")
    return [*lines, "", 'Shall I go ahead? Say "yes", or say what should be different.']


def _dataset(one: Json) -> str:
    rows = "rows unknown" if one["rows"] is None else f"{one['rows']:,} rows"
    name = one_line(str(one["id"]).removesuffix("@default"), 80)
    licence = one_line(str(one["licence"]), 40)
    return f"{name} ({licence}; {rows}; {'imported' if one['imported'] else 'found'})"


def _minutes(amount: Json) -> str:
    """Return a time; what is long is not told to the tenth of a minute."""
    return _amount(amount, "{:.0f} min" if amount["most"] > LONG else "{:.1f} min")


def _amount(amount: Json, form: str) -> str:
    most = f"at most {form.format(amount['most'])}"
    if amount["expected"] is None:
        return f"{most}; how much of it is not known yet"
    return f"{form.format(min(amount['expected'], amount['most']))} expected, {most}"
