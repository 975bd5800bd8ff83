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
    """Say of each draft whether most of one to three independent answers equal its output.

    That the task does not settle the output is an answer too, and none that equals it. A draft that
    gets no answer at all counts as agreed: that the judge is silent says nothing about it.
    """
    pairs = [(draft.input, draft.output) for draft in drafts]
    cast = ballots(judge, spec, examples, pairs, call)
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
    pairs: Sequence[tuple[str, str]],
    call: str,
) -> list[Ballot]:
    """Have inputs answered by a judge that does not know their outputs.

    Whoever gave the output has spoken for it. So one answer will do where it is the same; where it
    is not, there is a second; and where the two differ, a third.

    Args:
        judge: Answers the inputs.
        spec: The task.
        examples: Answered examples for the judge to go by.
        pairs: Inputs to answer, each with the output that it has.
        call: What the answers are booked under.
    """
    cast: list[Ballot] = [Counter() for _ in pairs]
    open_ = list(range(len(pairs)))
    for seed in (_FIRST, _SECOND, _THIRD):
        if not open_:
            break
        texts = [pairs[place][0] for place in open_]
        answers = judge.answer(spec, examples, texts, call=call, seed=seed, unclear=True)
        for place, answer in zip(open_, answers, strict=True):
            cast[place].update([folded(answer)] if answer is not None else [])
        if seed == _FIRST:
            open_ = [i for i in open_ if winner(cast[i]) != folded(pairs[i][1])]
        else:
            open_ = [i for i in open_ if winner(cast[i]) is None]
    return cast
