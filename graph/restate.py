"""The task in other words, with examples: what a person is asked to agree to."""

from graph.state import Json, State
from tools.examples import ExampleStore
from tools.services import Services
from tools.talk.versions import compare, language_name
from tools.task import Demonstration, Label, TaskSpec
from tools.text import one_line

EXAMPLES = 3
LONGEST_EXAMPLE, LONGEST_TASK, MOST_LABELS = 300, 600, 60


def imagined(spec: TaskSpec, services: Services) -> list[Json]:
    """Return up to three examples of what was understood, of the person's own if need be."""
    own = known_rows(spec, services.store)
    made = services.listener.imagine(spec, own)[:EXAMPLES]
    ours = {(pair.input, pair.output) for pair in own}
    return [
        {
            "input": one_line(pair.input, LONGEST_EXAMPLE),
            "output": one_line(pair.output, LONGEST_EXAMPLE),
            "from": "yours" if (pair.input, pair.output) in ours else "imagined",
        }
        for pair in made
    ]


def known_rows(spec: TaskSpec, store: ExampleStore) -> list[Demonstration]:
    """Return people's own training rows, one of each label before a second of any."""
    seen: dict[str, int] = {}
    ranked = []
    for place, row in enumerate(store.accepted("train")):
        if row.evidence == "gold" and (not spec.labels or row.output in spec.label_names):
            seen[row.output] = seen.get(row.output, 0) + 1
            ranked.append((seen[row.output], place, row))
    ranked.sort(key=lambda one: one[:2])
    return [Demonstration(input=row.input, output=row.output) for _, _, row in ranked]


def understood(state: State) -> Json:
    """Return the interrupt that asks whether the draft is what the person means."""
    draft = state.get("draft")
    assert draft  # the graph comes here with a draft only
    spec = TaskSpec.model_validate(draft["spec"])
    versions = state.get("versions", [])
    # What the data has settled since the last version, such as the metric, is no change.
    before = state["spec"] if versions or state.get("rounds") else None
    changed = compare(TaskSpec.model_validate(before), spec) if before else []
    # A run that began without a conversation has a first version that nobody was asked about.
    agreed = len(versions) or int(before is not None)
    version = agreed + 1 if changed or not agreed else agreed
    changed += beside(draft["changes"])
    questions = _questions(spec)
    data: Json = {
        "version": version,
        "spec": draft["spec"],
        "examples": draft["examples"],
        "questions": questions,
        "changed": changed,
    }
    text = "\n".join(_lines(spec, data, draft["notes"]))
    return {"ask": "agree", "kind": "understood", "text": text, "data": data}


def beside(changes: list[Json]) -> list[str]:
    """Return what changes about the work, but not about the task itself, a sentence each."""
    said = []
    for change in changes:
        said += [f"Not used any more: {name}." for name in change["avoid_datasets"]]
        said += [f"At most {usd:.2f} USD may be spent." for usd in [change["usd"]] if usd]
        said += [f"It may take at most {time:g} minutes." for time in [change["minutes"]] if time]
    return said


def _questions(spec: TaskSpec) -> list[str]:
    if spec.output_type == "label" and not spec.labels:
        return ["Which labels should there be? Without any named, data sets decide."]
    return []


def _lines(spec: TaskSpec, data: Json, notes: list[str]) -> list[str]:
    lines = [f"This is what I understood (version {data['version']}):", ""]
    lines += [f"  {one_line(spec.instruction, LONGEST_TASK)}", ""]
    lines += _about(spec)
    for title, items in (
        ("Changed:", data["changed"]),
        ("Assumed:", spec.assumptions),
        ("Please note:", notes),
    ):
        lines += [title, *(f"  - {one_line(item, LONGEST_TASK)}" for item in items)] * bool(items)
    lines += _examples(data["examples"])
    lines += [f"Question: {question}" for question in data["questions"]]
    return [*lines, "", 'Is this right? Say "yes", or say what is wrong, in your own words.']


def _about(spec: TaskSpec) -> list[str]:
    names = " and ".join(language_name(tag) for tag in spec.languages)
    lines = [f"Inputs: texts in {names}."]
    if spec.output_type == "text":
        form = "JSON that follows your schema" if spec.output_schema else "a text"
        lines += [f"Output: {form}."]
    elif spec.labels:
        lines += [f"Output: exactly one of {len(spec.labels)} labels:"]
        lines += [f"  - {_label(label)}" for label in spec.labels[:MOST_LABELS]]
        more = len(spec.labels) - MOST_LABELS
        lines += [f"  and {more} more."] * (more > 0)
    else:
        lines += ["Output: a label; which there are is still open."]
    if spec.metric:
        lines.append(f"Measured by: {spec.metric}.")
    if spec.conventions:
        lines += ["Rules:", *(f"  - {one_line(rule, LONGEST_TASK)}" for rule in spec.conventions)]
    return lines


def _label(label: Label) -> str:
    told = ". ".join(filter(None, [label.meaning, label.borderline]))
    return one_line(f"{label.name}: {told}" if told else label.name, LONGEST_EXAMPLE)


def _examples(examples: list[Json]) -> list[str]:
    if not examples:
        return ["Examples: none yet; a few of yours would help (such as: text -> answer)."]
    yours = all(example["from"] == "yours" for example in examples)
    title = "Examples, of yours:" if yours else "Examples, made up by me:"
    return [title, *(f"  - {e['input']}\n    → {e['output']}" for e in examples)]
