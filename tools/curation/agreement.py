"""Agreement: whether a judge that sees only the input arrives at the output of a draft."""

from collections import Counter
from collections.abc import Sequence

from tools.examples import Example
from tools.task import TaskSpec
from tools.teaching import Annotator, Draft
from tools.text import folded

_FIRST, _SECOND, _THIRD = 1, 2, 3
"""Seeds of the answers, for them to be independent."""
Ballot = Counter[str]
"""Answer, folded → how often it was given."""


def agree(
    judge: Annotator,
    spec: TaskSpec,
    examples: Sequence[Example],
    drafts: Sequence[Draft],
    call: str,
) -> list[bool]:
    """Say of each draft whether most of two or three independent answers equal its output.

    A draft that gets no answer at all counts as agreed: that the judge is silent says nothing
    about it.
    """
    cast = ballots(judge, spec, examples, [draft.input for draft in drafts], call)
    return [
        not ballot or winner(ballot) == folded(draft.output)
        for draft, ballot in zip(drafts, cast, strict=True)
    ]


def winner(ballot: Ballot) -> str | None:
    """Return the answer that more than half of the votes are for, folded, or None."""
    for answer, votes in ballot.most_common(1):
        return answer if votes * 2 > ballot.total() else None
    return None


def ballots(
    judge: Annotator,
    spec: TaskSpec,
    examples: Sequence[Example],
    texts: Sequence[str],
    call: str,
) -> list[Ballot]:
    """Have each text answered twice, and a third time where the two answers differ.

    Args:
        judge: Answers the inputs.
        spec: The task.
        examples: Answered examples for the judge to go by.
        texts: Inputs to answer.
        call: What the answers are booked under.
    """
    first = judge.answer(spec, examples, texts, call=call, seed=_FIRST)
    second = judge.answer(spec, examples, texts, call=call, seed=_SECOND)
    cast = [_counted([a, b]) for a, b in zip(first, second, strict=True)]
    split = [place for place, ballot in enumerate(cast) if winner(ballot) is None]
    if split:
        more = judge.answer(spec, examples, [texts[i] for i in split], call=call, seed=_THIRD)
        for place, answer in zip(split, more, strict=True):
            cast[place] += _counted([answer])
    return cast


def _counted(answers: Sequence[str | None]) -> Ballot:
    return Counter(folded(answer) for answer in answers if answer is not None)
