"""Drawing drafts from a teacher until enough are accepted or it is not worth going on."""

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

from tools.curation.pipeline import Batch
from tools.reasons import Reason
from tools.services import Draft, Teacher, TeachingRequest

Ending = Literal["complete", "hopeless", "exhausted"]
WINDOW = 200
HOPELESS = 0.05
_SMALLEST_PASS = 50


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


def harvest(teacher: Teacher, request: TeachingRequest, n: int, batch: Batch) -> Harvest:
    """Draw drafts until `n` are accepted, each label up to its quota.

    A teacher does not learn what became of its drafts. So it is asked in passes, each for what is
    still missing, with a seed of its own.
    """
    result = Harvest()
    seed = request.seed
    while (missing := n - result.accepted) > 0:
        before = len(result.drafts)
        _one_pass(teacher, request, missing, batch, result)
        if len(result.drafts) == before:
            result.ending = "exhausted"
            break
        if result.is_hopeless:
            result.ending = "hopeless"
            break
        seed += 1
        request = _remaining(request, result.drafts[before:], seed)
    return result


def _one_pass(
    teacher: Teacher, request: TeachingRequest, missing: int, batch: Batch, result: Harvest
) -> None:
    wanted = dict(request.quotas) if request.quotas else None
    for draft in islice(teacher.write(request), max(missing, _SMALLEST_PASS)):
        reason = batch.judge(draft, wanted)
        result.drafts.append((draft, reason))
        if reason is None:
            missing -= 1
            _count_off(wanted, draft.output)
        if missing <= 0 or result.is_hopeless:
            return


def _count_off(wanted: dict[str, int] | None, label: str) -> None:
    if wanted is not None:
        wanted[label] -= 1
        if not wanted[label]:
            del wanted[label]


def _remaining(
    request: TeachingRequest, drafts: list[tuple[Draft, Reason | None]], seed: int
) -> TeachingRequest:
    """Return a request for what the drafts of the last pass left open."""
    filled = Counter(draft.output for draft, verdict in drafts if verdict is None)
    drawn = {draft.input for draft, _ in drafts}
    return replace(
        request,
        quotas={
            label: quota - filled[label]
            for label, quota in request.quotas.items()
            if quota > filled[label]
        },
        related=[text for text in request.related if text.text not in drawn],
        seed=seed,
    )
