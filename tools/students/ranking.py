"""Which method and base to try first: estimates of time and fit, and what they rest on."""

from dataclasses import dataclass

from tools.services import Call, Json, ToolError
from tools.students import METHODS
from tools.students.base import Base, Kind
from tools.students.classifier import MAX_TOKENS, usual_epochs
from tools.students.machine import Machine

KINDS: dict[str, Kind] = {
    "probe": "encoder",
    "classifier": "encoder",
    "sft": "causal",
    "seq2seq": "seq2seq",
}
"""What each built-in method trains; one of a user's own may train anything."""

FOR_LABELS = ("probe", "classifier")

# Tokens times weights per second, forward; estimates, so that a plan is the same on every machine
# of a kind. An encoder only reads for a probe; fine-tuning costs three times that per pass.
_CPU_CORE_RATE = 1.9e10
_CUDA_RATE = 3.2e12
_FINE_TUNING = 3
_EPOCHS = {"sft": 3, "seq2seq": 5}
_START_S = 10.0
_REGRESSION_ROWS_PER_S = 1_000.0
_ENOUGH_TO_FINE_TUNE = 1_000
DOWNLOAD_MB_PER_S = 10
# On a GPU larger bases come first, as long as they leave the run time for several rounds: each
# trains once, and five times more to cross-validate.
_SHARE_OF_TIME = 0.03
_SPECIAL_TOKENS = 2


def able_methods(call: Call) -> list[str]:
    """Return the methods for the task's kind of output; some give labels only.

    Raises:
        ToolError: There is none.
    """
    registered = call.services.methods
    if call.spec.output_type == "label":
        return list(registered)
    labelling = {METHODS[name] for name in FOR_LABELS}
    able = [name for name, entry in registered.items() if entry not in labelling]
    if not able:
        raise ToolError(
            "text output needs a training method that this version does not have; if you want "
            "labels, name them in the task, or say 'Sort ... by intent' or 'by topic'"
        )
    return able


@dataclass(frozen=True)
class Situation:
    """What the ranking depends on beside the candidates themselves.

    Attributes:
        rows: Number of training rows.
        tokens: Estimated length of a mean input.
        longest: Estimated length that 95% of the inputs do not exceed.
        seconds_left: What is left of the run's time; None where it has no end.
    """

    rows: int
    tokens: float
    longest: int
    language: str
    output_type: str
    machine: Machine
    seconds_left: float | None

    def prefers(self, method: str) -> bool:
        """Say whether to try a method first: fine-tuning pays with enough data, and time for it."""
        if self.output_type == "text":
            return method not in FOR_LABELS
        enough = self.machine.cuda and self.rows >= _ENOUGH_TO_FINE_TUNE
        return method == ("classifier" if enough else "probe")


@dataclass(frozen=True)
class Candidate:
    """A method on a base.

    Attributes:
        place: Place of the base among all, which decides where all else is equal.
        asked: Whether the user asked for the method or the base.
        downloaded: Whether the weights are on this machine.
    """

    method: str
    base: Base
    place: int
    asked: bool
    downloaded: bool


def matches(method: str, base: Base) -> bool:
    """Say whether a method can train a base of this kind."""
    if method not in KINDS:
        return True
    return KINDS[method] == base.kind and (base.frozen or method != "probe")


def seconds(candidate: Candidate, at: Situation, rows: int | None = None) -> int:
    """Estimate how long training takes, download included."""
    rows = at.rows if rows is None else rows
    method, base = candidate.method, candidate.base
    rate = _CUDA_RATE if at.machine.cuda else _CPU_CORE_RATE * at.machine.cores
    limit = min(base.context or MAX_TOKENS, MAX_TOKENS) if method == "classifier" else base.context
    tokens = min(at.tokens + _SPECIAL_TOKENS, limit or at.tokens + _SPECIAL_TOKENS)
    forward = rows * tokens * (base.body or base.parameters or 0) / rate
    total = _START_S + (0 if candidate.downloaded else base.megabytes / DOWNLOAD_MB_PER_S)
    if method == "probe":
        return round(total + forward + rows / _REGRESSION_ROWS_PER_S)
    return round(total + forward * _FINE_TUNING * _EPOCHS.get(method, usual_epochs(max(1, rows))))


def in_time(candidate: Candidate, at: Situation) -> bool:
    """Say whether training would end before the run has to."""
    return at.seconds_left is None or seconds(candidate, at) <= at.seconds_left


def rank(candidate: Candidate, at: Situation) -> tuple[bool | float | str, ...]:
    """Return what candidates are sorted by, the best first."""
    base = candidate.base
    estimate = seconds(candidate, at)
    quick = at.seconds_left is None or estimate <= _SHARE_OF_TIME * at.seconds_left
    # Nothing on a CPU is quick enough to prefer what is larger.
    larger = -(base.body or base.parameters or 0) if at.machine.cuda and quick else 0
    return (
        not candidate.asked,
        not base.speaks(at.language),
        not at.prefers(candidate.method),
        _too_short(base, at),
        base.unproven,
        at.machine.cuda and not quick,
        larger,
        estimate,
        candidate.place,
        candidate.method,
    )


def spread(ranked: list[Candidate], shown: int) -> list[Candidate]:
    """Bring the best of every method, and of what nobody vouches for, among those shown."""
    heads: dict[object, Candidate] = {}
    for candidate in ranked:
        heads.setdefault(candidate.method, candidate)
        if candidate.base.unproven:
            heads.setdefault("unproven", candidate)
    kept = list(dict.fromkeys(heads.values()))[:shown]
    rest = [candidate for candidate in ranked if candidate not in kept]
    fill = shown - len(kept)
    top = [*kept, *rest[:fill]]
    return [*sorted(top, key=ranked.index), *rest[fill:]]


def described(candidate: Candidate, at: Situation) -> Json:
    """Return a candidate as the planner and the report read it."""
    base = candidate.base
    return {
        "method": candidate.method,
        "base": base.name,
        "parameters": base.parameters,
        "licence": base.licence,
        "download_mb": 0 if candidate.downloaded else round(base.megabytes),
        "estimated_seconds": seconds(candidate, at),
        "why": "; ".join(_reasons(candidate, at)),
    }


def _reasons(candidate: Candidate, at: Situation) -> list[str]:
    method, base = candidate.method, candidate.base
    reasons = [_about_method(method, at)]
    if not base.speaks(at.language):
        carried = ", so n-grams must carry it" if method == "probe" else ""
        reasons.append(f"the base was not made for {at.language!r}{carried}")
    if _too_short(base, at):
        reasons.append(f"it reads {base.context} tokens, and long inputs have {at.longest:,}")
    if not candidate.downloaded:
        reasons.append(f"{base.megabytes:,.0f} MB to download")
    if base.unproven:
        reasons.append("nobody has vouched for it")
    if not in_time(candidate, at):
        reasons.append("it may not end in time")
    return reasons


def _about_method(method: str, at: Situation) -> str:
    if method == "probe":
        return (
            "frozen encoder or character n-grams under a logistic regression; "
            "good from few examples on and quick on any machine"
        )
    if method == "classifier":
        enough = at.rows >= _ENOUGH_TO_FINE_TUNE
        many = "there are rows enough for it" if enough else f"{at.rows:,} rows are few for it"
        return f"the whole encoder learns; {many}"
    return "a registered method; the time is a guess"


def _too_short(base: Base, at: Situation) -> bool:
    return base.context is not None and base.context < at.longest
