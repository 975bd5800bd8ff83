"""Which method and base to try first: estimates of time and fit, and what they rest on."""

from dataclasses import dataclass, field

from tools.services import Call, Json, ToolError
from tools.students import METHODS
from tools.students.base import Base, Kind
from tools.students.classifier import MAX_TOKENS, usual_epochs
from tools.students.machine import Machine
from tools.students.text import estimates
from tools.students.text.estimates import FEW_FOR_SCRATCH, Material

KINDS: dict[str, Kind] = {
    "probe": "encoder",
    "classifier": "encoder",
    "sft": "causal",
    "seq2seq": "seq2seq",
}
"""What each built-in method trains; one of a user's own may train anything."""

FOR_LABELS = ("probe", "classifier")
FOR_TEXT = ("sft", "seq2seq")
"""What writes its answers; labels are texts, too, but what is made for them is quicker."""

# Tokens times weights per second, forward; estimates, so that a plan is the same on every machine
# of a kind. An encoder only reads for a probe; fine-tuning costs three times that per pass.
_CPU_CORE_RATE = 1.9e10
_CUDA_RATE = 3.2e12
_FINE_TUNING = 3
_START_S = 10.0
_REGRESSION_ROWS_PER_S = 1_000.0
_ENOUGH_TO_FINE_TUNE = 1_000
DOWNLOAD_MB_PER_S = 10
# On a GPU larger bases come first, as long as they leave the run time for several rounds: each
# trains once, and five times more to cross-validate.
_SHARE_OF_TIME = 0.03
# A student that writes trains once a round, on any machine, and is the better the larger it is.
_SHARE_OF_TIME_TO_WRITE = 0.2
TRAINING_SHARE = 0.6
"""Share of the time left that training may take; the rest is for answering rows, for the
baselines, and for being wrong about the time."""
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
        about: What else the rows are like.
        other_languages: Tags of the languages that inputs are in beside the first one.
    """

    rows: int
    tokens: float
    longest: int
    language: str
    output_type: str
    machine: Machine
    seconds_left: float | None
    about: Material = field(default_factory=Material)
    other_languages: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Return the tokens times weights that the machine takes forward in a second."""
        return _CUDA_RATE if self.machine.cuda else _CPU_CORE_RATE * self.machine.cores

    def spoken_by(self, base: Base) -> bool:
        """Say whether a base is known to have been trained on all languages of the inputs."""
        return all(map(base.speaks, (self.language, *self.other_languages)))

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
        features: What a probe has to go by, for its student to be small; its choice where empty.
    """

    method: str
    base: Base
    place: int
    asked: bool
    downloaded: bool
    features: str = ""


def matches(method: str, base: Base) -> bool:
    """Say whether a method can train a base of this kind."""
    if method not in KINDS:
        return not base.untrained
    return KINDS[method] == base.kind and (base.frozen or method != "probe")


def seconds(candidate: Candidate, at: Situation, rows: int | None = None) -> int:
    """Estimate how long it takes to have a student, download included.

    One that writes takes its time to answer what scores it, too.
    """
    rows = at.rows if rows is None else rows
    method, base = candidate.method, candidate.base
    total = _before(candidate)
    if _writes(method, at):
        return round(total + _training(candidate, at, rows) + answering(base, at))
    limit = min(base.context or MAX_TOKENS, MAX_TOKENS) if method == "classifier" else base.context
    tokens = min(at.tokens + _SPECIAL_TOKENS, limit or at.tokens + _SPECIAL_TOKENS)
    forward = rows * tokens * (base.body or base.parameters or 0) / at.rate
    if method == "probe":
        return round(total + forward + rows / _REGRESSION_ROWS_PER_S)
    return round(total + forward * _FINE_TUNING * usual_epochs(max(1, rows)))


def answering(base: Base, at: Situation) -> float:
    """Estimate the seconds in which a student that writes answers what scores it."""
    return estimates.answering(base, at.tokens, at.about) / at.rate


def _before(candidate: Candidate) -> float:
    """Return the seconds until training begins."""
    return _START_S + (0 if candidate.downloaded else candidate.base.megabytes / DOWNLOAD_MB_PER_S)


def _training(candidate: Candidate, at: Situation, rows: int) -> float:
    return estimates.training(candidate.base, rows, at.tokens, at.about) / at.rate


def _writes(method: str, at: Situation) -> bool:
    return method in FOR_TEXT or (method not in KINDS and at.output_type == "text")


def in_time(candidate: Candidate, at: Situation) -> bool:
    """Say whether there would be a student before the run has to end."""
    left = at.seconds_left
    if left is None:
        return True
    in_share = True
    if _writes(candidate.method, at):
        until_trained = _before(candidate) + _training(candidate, at, at.rows)
        in_share = until_trained <= TRAINING_SHARE * left
    return in_share and seconds(candidate, at) <= left


def rank(candidate: Candidate, at: Situation) -> tuple[bool | float | str, ...]:
    """Return what candidates are sorted by, the best first."""
    base = candidate.base
    estimate = seconds(candidate, at)
    writes = _writes(candidate.method, at)
    share = _SHARE_OF_TIME_TO_WRITE if writes else _SHARE_OF_TIME
    quick = at.seconds_left is None or estimate <= share * at.seconds_left
    # To sort labels, nothing on a CPU is quick enough to prefer what is larger.
    by_size = at.machine.cuda or (writes and at.seconds_left is not None)
    larger = -(base.body or base.parameters or 0) if by_size and quick else 0
    return (
        not candidate.asked,
        not at.spoken_by(base),
        not at.prefers(candidate.method),
        base.untrained,
        _too_short(base, at),
        base.unproven,
        by_size and not quick,
        larger,
        estimate,
        candidate.place,
        candidate.method,
    )


def spread(ranked: list[Candidate], shown: int) -> list[Candidate]:
    """Bring the best of every method, of what nobody vouches for and of nothing at all to the top.

    The latter two are a model from the Hub's list, and one that begins untrained.
    """
    heads: dict[object, Candidate] = {}
    for candidate in ranked:
        heads.setdefault(candidate.method, candidate)
        if candidate.base.unproven:
            heads.setdefault("unproven", candidate)
        if candidate.base.untrained:
            heads.setdefault("untrained", candidate)
    kept = list(dict.fromkeys(heads.values()))[:shown]
    rest = [candidate for candidate in ranked if candidate not in kept]
    fill = shown - len(kept)
    top = [*kept, *rest[:fill]]
    return [*sorted(top, key=ranked.index), *rest[fill:]]


def described(candidate: Candidate, at: Situation) -> Json:
    """Return a candidate as the planner and the report read it."""
    base = candidate.base
    fixed = {"hyperparameters": {"features": candidate.features}} if candidate.features else {}
    return fixed | {
        "method": candidate.method,
        "base": base.name,
        "parameters": base.parameters,
        "licence": base.licence,
        "download_mb": 0 if candidate.downloaded else round(base.megabytes),
        "asked": candidate.asked,
        "estimated_seconds": seconds(candidate, at),
        "why": "; ".join(_reasons(candidate, at)),
    }


def _reasons(candidate: Candidate, at: Situation) -> list[str]:
    method, base = candidate.method, candidate.base
    reasons = [_about_scratch(at) if base.untrained else _about_method(method, at)]
    if not at.spoken_by(base):
        carried = ", so n-grams must carry it" if method == "probe" else ""
        tags = " and ".join(map(repr, (at.language, *at.other_languages)))
        reasons.append(f"the base was not made for {tags}{carried}")
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
    if method == "sft":
        return "a language model learns to answer as the rows do"
    if method == "seq2seq":
        return "an encoder reads and a decoder writes; small ones of this kind transform texts well"
    return "a registered method; the time is a guess"


def _about_scratch(at: Situation) -> str:
    known = "a small model that begins with random weights and learns from these rows alone"
    doubts = []
    if at.rows < FEW_FOR_SCRATCH:
        doubts.append(f"{at.rows:,} rows are few for it")
    if at.about.free:
        doubts.append("the outputs are long and freely worded, so expect little")
    return "; ".join([f"{known}, so for narrow tasks only", *doubts])


def _too_short(base: Base, at: Situation) -> bool:
    return base.context is not None and base.context < at.longest
