"""Drawing drafts from a teacher until enough are accepted or it is not worth going on."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

from tools.curation.pipeline import Batch
from tools.reasons import Reason
from tools.services import BudgetError
from tools.teaching import Draft, Teacher, TeachingRequest

Ending = Literal["complete", "hopeless", "exhausted", "budget"]
Agree = Callable[[Sequence[Draft]], list[bool]]
"""Says of each draft whether a judge gives it the same output."""
WINDOW = 200
HOPELESS = 0.05
BARREN = 3
"""Passes in a row without an accepted draft after which a teacher counts as hopeless."""
_SMALLEST_PASS = 50
_SLACK = 1.5
"""Drafts drawn in a pass per draft wanted: an LLM's answers are paid for, so all are looked at."""


@dataclass
class Harvest:
    """Every draft with its verdict, in the order drawn, and why no more were drawn."""

    drafts: list[tuple[Draft, Reason | None]] = field(default_factory=list)
    ending: Ending = "complete"

    @property
    def accepted(self) -> int:
        """How many drafts were accepted."""
        return sum(verdict is None for _, verdict in self.drafts)

    @property
    def rejected(self) -> dict[str, int]:
        """Reason → number of drafts, most frequent first."""
        reasons = Counter(verdict for _, verdict in self.drafts if verdict is not None)
        return {str(reason): times for reason, times in reasons.most_common()}

    @property
    def is_hopeless(self) -> bool:
        """Whether of the last 200 drafts fewer than 5% were accepted."""
        recent = self.drafts[-WINDOW:]
        kept = sum(verdict is None for _, verdict in recent)
        return len(recent) == WINDOW and kept < WINDOW * HOPELESS


def harvest(
    teacher: Teacher, request: TeachingRequest, n: int, batch: Batch, agree: Agree | None = None
) -> Harvest:
    """Draw drafts until `n` are accepted, each label or kind of output up to its quota.

    A teacher does not learn what became of its drafts. So it is asked in passes, each for what is
    still missing, with a seed of its own.

    Args:
        teacher: Who writes.
        request: What for.
        n: Accepted drafts wanted.
        batch: Judges the drafts.
        agree: Asks a judge about what a pass brought; everything counts as agreed where None.
    """
    result = Harvest()
    barren = 0
    while (missing := n - result.accepted) > 0 and result.ending == "complete":
        before, had = len(result.drafts), result.accepted
        solvent = _one_pass(teacher, request, missing, batch, result)
        if agree:
            second_opinion(result, before, agree)
        barren = 0 if result.accepted > had else barren + 1
        result.ending = _ending(result, before, barren, n, solvent=solvent)
        request = _remaining(request, result.drafts[before:], n - result.accepted, batch)
    return result


def _ending(result: Harvest, before: int, barren: int, n: int, *, solvent: bool) -> Ending:
    if result.accepted >= n:
        return "complete"
    if not solvent:
        return "budget"
    if len(result.drafts) == before:
        return "exhausted"
    return "hopeless" if result.is_hopeless or barren == BARREN else "complete"


def _one_pass(
    teacher: Teacher, request: TeachingRequest, missing: int, batch: Batch, result: Harvest
) -> bool:
    """Add the drafts of one pass; return False if the budget ended it."""
    wanted = dict(request.quotas) if request.quotas else None
    try:
        most = max(round(missing * _SLACK), _SMALLEST_PASS)
        for draft in map(batch.mended, islice(teacher.write(request), most)):
            reason = batch.judge(draft, wanted)
            result.drafts.append((draft, reason))
            if reason is None:
                missing -= 1
                _count_off(wanted, batch.kind(draft.output))
            if missing <= 0 or result.is_hopeless:
                break
    except BudgetError:
        return False
    return True


def second_opinion(result: Harvest, before: int, agree: Agree) -> None:
    """Reject the accepted drafts from place `before` on that a judge answers otherwise."""
    places = [
        place
        for place, (_, verdict) in enumerate(result.drafts)
        if place >= before and verdict is None
    ]
    agreed = agree([result.drafts[place][0] for place in places])
    for place, same in zip(places, agreed, strict=True):
        if not same:
            result.drafts[place] = (result.drafts[place][0], "disagreement")


def _count_off(wanted: dict[str, int] | None, label: str) -> None:
    if wanted is not None:
        wanted[label] -= 1
        if not wanted[label]:
            del wanted[label]


def _remaining(
    request: TeachingRequest, drafts: list[tuple[Draft, Reason | None]], missing: int, batch: Batch
) -> TeachingRequest:
    """Return a request for what the drafts of the last pass left open."""
    filled = Counter(batch.kind(draft.output) for draft, verdict in drafts if verdict is None)
    drawn = {draft.input for draft, _ in drafts}
    return replace(
        request,
        n=missing,
        quotas={
            label: quota - filled[label]
            for label, quota in request.quotas.items()
            if quota > filled[label]
        },
        related=[text for text in request.related if text.text not in drawn],
        seed=request.seed + 1,
    )
