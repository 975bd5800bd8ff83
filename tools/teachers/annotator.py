"""A large language model that answers inputs by itself."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from prompts import render
from tools.examples import Example
from tools.llm.asking import (
    TOO_LONG,
    Asker,
    items,
    list_schema,
    message,
    one_of,
    spelled,
    texts_of,
    tokens,
    written_out,
)
from tools.llm.prompt import Prompt, Reply
from tools.schemas import following
from tools.task import TaskSpec
from tools.teachers.showing import SCARCE, Room, about, all_labels, choose
from tools.teaching import UNCLEAR

INPUTS_PER_CALL = 20
_SMALL = 4
_MOST_CHARACTERS = 16_000
"""Characters of all inputs in a prompt, unless a single one has more."""
_TOKENS_EACH = 30
_LABELS = Room(of_a_label=3, in_all=60, characters=1_000, characters_in_all=12_000)
_TEXTS = Room(of_a_label=8, in_all=8, characters=1_500, characters_in_all=8_000)


@dataclass(frozen=True)
class _Question:
    """What every prompt of one `answer` has in common."""

    spec: TaskSpec
    labels: Sequence[str]
    shown: Sequence[Example]
    texts: Sequence[str]
    seed: int
    unclear: bool

    @property
    def answers(self) -> list[str]:
        """What an answer may be; anything where empty."""
        return [*self.labels, UNCLEAR] if self.unclear else list(self.labels)


class LLMAnnotator:
    """Gives a second opinion on labels, or answers test inputs to compare a student with.

    Args:
        asker: Sends the prompts.
        per_call: Inputs that a prompt holds at most.
    """

    def __init__(self, asker: Asker, per_call: int = INPUTS_PER_CALL) -> None:
        self.name = asker.model
        self._asker = asker
        self._per_call = per_call

    def answer(
        self,
        spec: TaskSpec,
        examples: Sequence[Example],
        texts: Sequence[str],
        *,
        call: str,
        seed: int = 0,
        unclear: bool = False,
    ) -> list[str | None]:
        """Return one answer per text, in order; None where there is none, such as past the budget.

        Args:
            spec: The task.
            examples: Answered examples; a few of each label are shown.
            texts: Inputs to answer.
            call: What the costs are booked under.
            seed: Another seed has the inputs and labels in another order, and other examples shown.
            unclear: Whether `UNCLEAR` is an answer too; of label tasks alone, and not where one of
                the labels is called so.
        """
        places = list(range(len(texts)))
        random.Random(seed).shuffle(places)
        labels = all_labels(spec, examples)
        random.Random(seed).shuffle(labels)
        shown = choose(examples, labels, _LABELS if labels else _TEXTS, seed)
        named_so = any(label.casefold() == UNCLEAR for label in labels)
        unclear = unclear and bool(labels) and not named_so
        question = _Question(spec, labels, shown, texts, seed, unclear)
        found, failed = self._round(question, groups(texts, places, self._per_call), call)
        if failed:
            shorter = replace(question, shown=choose(examples, labels, SCARCE, seed))
            found |= self._round(shorter, groups(texts, failed, _SMALL), call)[0]
        return [found.get(place) for place in range(len(texts))]

    def _round(
        self, question: _Question, asked: Sequence[Sequence[int]], call: str
    ) -> tuple[dict[int, str], list[int]]:
        """Return place → answer, and the places left open by prompts or answers too long."""
        found: dict[int, str] = {}
        open_: list[int] = []
        prompts = [_prompt(question, places) for places in asked]
        for places, reply in zip(asked, self._asker.ask(prompts, call), strict=True):
            answers = _answers(question, places, reply)
            found |= answers
            if reply.truncated or reply.problem == TOO_LONG:
                open_ += [place for place in places if place not in answers]
        return found, open_


def groups(texts: Sequence[str], places: Sequence[int], most: int) -> list[list[int]]:
    """Divide places among prompts, fewer to a prompt where their texts are long."""
    result: list[list[int]] = []
    left = 0
    for place in places:
        if not result or len(result[-1]) == most or len(texts[place]) > left:
            result.append([])
            left = _MOST_CHARACTERS
        result[-1].append(place)
        left -= len(texts[place])
    return result


def _prompt(question: _Question, places: Sequence[int]) -> Prompt:
    names = question.labels
    typical = names or [example.output for example in question.shown] or list(question.texts)
    inputs = {str(number): question.texts[place] for number, place in enumerate(places, start=1)}
    user = message(
        "annotate",
        {"inputs": inputs},
        **about(question.spec, names, question.shown),
        unclear=UNCLEAR if question.unclear else "",
    )
    return Prompt(
        name="outputs",
        system=render("annotator").strip(),
        user=user,
        schema=list_schema("outputs", id=one_of(list(inputs)), output=one_of(question.answers)),
        seed=question.seed,
        max_tokens=tokens(typical, _TOKENS_EACH, len(places)),
        temperature=0.0,
    )


def _written(output: str, question: _Question) -> str:
    """Return an answer in the spelling of the task's labels, or of its JSON."""
    schema = question.spec.output_schema
    if schema:
        return following(schema, output) or output
    return spelled(output, question.answers)


def _answers(question: _Question, places: Sequence[int], reply: Reply) -> Mapping[int, str]:
    """Return place → answer; labels are spelled as in the task, and others are none."""
    place_of = {str(number): place for number, place in enumerate(places, start=1)}
    found: dict[int, str] = {}
    for item in items(reply, "outputs"):
        texts = texts_of(written_out(item), "output")
        place = place_of.get(str(item.get("id"))) if texts else None
        if texts is None or place is None:
            continue
        output = _written(texts[0], question)
        if output in question.answers or (output and not question.labels):
            found.setdefault(place, output)
    return found
