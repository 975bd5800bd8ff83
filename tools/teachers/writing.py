"""One prompt that asks for new examples, and the drafts in its answer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from prompts import render
from tools.examples import Example
from tools.llm.asking import (
    TEXT,
    clipped,
    items,
    list_schema,
    message,
    one_of,
    seed_of,
    spelled,
    texts_of,
    tokens,
    written_out,
)
from tools.llm.prompt import Json, Prompt, Reply
from tools.teachers.assignments import Wanted
from tools.teachers.forms import cases, forms
from tools.teachers.grid import cell
from tools.teachers.nearness import Nearness
from tools.teachers.showing import (
    MOST_MEANINGS,
    Room,
    about,
    all_labels,
    as_data,
    choose,
    is_written,
    licence_of,
    made_from,
)
from tools.teaching import Draft, TeachingRequest

UNUSABLE = Draft("", "", problem="unusable example")
_TOKENS_EACH = 40
_OPENING = 100
"""Characters of an input that is shown for its opening and subject not to be repeated."""
_NEAREST = 10
"""Labels that are named beside those described."""


@dataclass(frozen=True)
class Order:
    """A prompt with its place among those of a wave, what it asks for and what it shows."""

    number: int
    prompt: Prompt
    wanted: Sequence[Wanted]
    shown: Sequence[Example]
    request: TeachingRequest


def order(request: TeachingRequest, number: int, wanted: Sequence[Wanted], room: Room) -> Order:
    """Return the prompt for some wanted examples; it follows from the arguments alone."""
    counts = Counter(one.label for one in wanted if one.label)
    at_issue = list(dict.fromkeys([*counts, *(one.near for one in wanted if one.near)]))
    seed = seed_of(request.seed, request.call, number)
    listed, failed = forms(request, wanted), cases(request, wanted, room)
    plain = _shown(request, at_issue or list(listed.names), room, seed)
    shown = plain + [request.cases[place].example for place in failed.names]
    asked: Json = {"write": dict(counts) or len(wanted)}
    if request.focus == "hard":
        asked["hard"] = True
    user = message(
        "write",
        asked,
        **about(request.spec, at_issue, (e for e in plain if not is_written(e)))
        | _labels(request, at_issue, list(counts)),
        written=as_data(
            replace(e, input=clipped(e.input, _OPENING)) for e in plain if is_written(e)
        ),
        guidance=request.guidance,
        wanted=wanted,
        subjects=any(one.subject for one in wanted),
        hard=request.focus == "hard",
        forms=listed,
        cases=failed,
    )
    typical = [example.input + example.output for example in shown]
    prompt = Prompt(
        name="examples",
        system=render("writer").strip(),
        user=user,
        schema=_schema(list(counts)),
        seed=seed,
        max_tokens=tokens(typical, _TOKENS_EACH, len(wanted)),
    )
    return Order(number, prompt, wanted, shown, request)


def _shown(request: TeachingRequest, sorts: Sequence[str], room: Room, seed: int) -> list[Example]:
    """Return examples of the labels, or kinds of output, at issue; a case is shown as a case."""
    if request.kinds:
        # Inputs of one kind differ as much as those of a whole task without kinds.
        room = replace(room, of_a_label=room.in_all)
    failed = {case.example.id for case in request.cases}
    examples = [example for example in request.examples if example.id not in failed]
    return choose(examples, sorts, room, seed, request.kinds.of if request.kinds else str)


def _labels(request: TeachingRequest, at_issue: Sequence[str], asked: Sequence[str]) -> Json:
    """Return the labels to describe, which of them are asked for, and names of other near ones."""
    everything = list(dict.fromkeys([*all_labels(request.spec, request.examples), *at_issue]))
    listed, others = everything, list[str]()
    if len(everything) > MOST_MEANINGS:
        near = Nearness(request.spec, request.confusions)
        listed, others = list(at_issue), near.nearest(everything, at_issue, _NEAREST)
    return {
        "labels": about(request.spec, listed, ())["labels"],
        "asked": asked if set(asked) < set(listed) else (),
        "others": others,
    }


def _schema(labels: Sequence[str]) -> Json:
    """Return the schema of the answer: label before text, text before what is made of it."""
    if labels:
        return list_schema("examples", output=one_of(labels), input=TEXT)
    return list_schema("examples", input=TEXT, output=TEXT)


def drafts(asked: Order, reply: Reply) -> Iterator[Draft]:
    """Yield the examples of an answer, and a draft with a problem for what is none."""
    kinds = asked.request.kinds
    open_: dict[str, list[Wanted]] = {}
    for one in asked.wanted:
        open_.setdefault(one.kind or one.label, []).append(one)
    spellings = kinds.themselves if kinds else open_
    licence = licence_of(asked.shown)
    for item in items(reply, "examples"):
        texts = texts_of(written_out(item), "input", "output")
        if texts is None:
            yield UNUSABLE
            continue
        output = spelled(texts[1], spellings)
        due = open_.get(kinds.of(output) if kinds else output, open_.get("", []))
        yield Draft(
            input=texts[0],
            output=output,
            parents=made_from(texts[0], asked.shown),
            licence=licence,
            cell=cell(due[0].label, due.pop(0).values) if due else "",
        )
