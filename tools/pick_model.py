"""The tool `pick_model`: ranks the students that could be trained here."""

from dataclasses import dataclass

from tools.hub.licences import is_allowed
from tools.services import Call, Json, ToolError, ToolResult
from tools.students import METHODS
from tools.students.bases import Base, available
from tools.students.classifier import usual_epochs

# Rows times weights per second, forward and back; estimates, so that a plan is the same on every
# machine of a kind. An encoder only reads for a probe; fine-tuning costs three times that per pass.
_CPU_CORE_RATE = 2.5e9
_CUDA_RATE = 4e11
_FINE_TUNING = 3
_START_S = 10.0
_REGRESSION_ROWS_PER_S = 1_000.0
_ENOUGH_TO_FINE_TUNE = 1_000
_SHOWN = 5


@dataclass(frozen=True)
class _Situation:
    """What the ranking depends on beside the candidates themselves."""

    rows: int
    language: str
    cuda: bool
    cores: int

    @property
    def preferred(self) -> str:
        """The method to try first: fine-tuning pays with enough data, and time to pay with."""
        return "classifier" if self.cuda and self.rows >= _ENOUGH_TO_FINE_TUNE else "probe"


def pick_model(
    call: Call,
    max_parameters: int | None = None,
    language: str | None = None,
    licence: str | None = None,
) -> ToolResult:
    """Rank the methods and bases that fit the task and can be had on this machine.

    Args:
        call: The tool call.
        max_parameters: Leave out larger bases.
        language: BCP 47 tag of the inputs; the task's where not given.
        licence: Leave out bases with any other licence; permissive ones where not given.

    Raises:
        ToolError: No method or no base fits.
    """
    services, language = call.services, language or call.spec.language
    methods = _methods(call)
    situation = _look_around(call, language)
    bases = _fitting(max_parameters, licence, services.allowed_licences)
    pairs = [(m, b) for m in methods for b in bases if b.frozen or m != "probe"]
    if not pairs:
        raise ToolError(
            f"none of the {len(available())} bases available fits; allow more parameters or "
            "another licence, or give finetune the path of a local model"
        )
    pairs.sort(key=lambda pair: _rank(pair[0], pair[1], situation))
    candidates = [_describe(m, b, situation) for m, b in pairs]
    lines = [
        f"{i}. {c['method']} on {c['base']}, about {c['estimated_seconds']:,} s: {c['why']}"
        for i, c in enumerate(candidates[:_SHOWN], 1)
    ]
    return "\n".join(lines), {"tool": "pick_model", "candidates": candidates}


def _methods(call: Call) -> list[str]:
    """Return the methods for the task's kind of output; those built in give labels only."""
    registered = call.services.methods
    if call.spec.output_type == "label":
        return list(registered)
    own = [name for name, entry in registered.items() if entry not in METHODS.values()]
    if not own:
        raise ToolError(
            "text output needs a training method that this version does not have; if you want "
            "labels, name them in the task, or say 'Sort ... by intent' or 'by topic'"
        )
    return own


def _look_around(call: Call, language: str) -> _Situation:
    services = call.services
    machine = services.executor.run("tools.students.jobs:machine", {}, services.progress)
    rows = services.store.count("train")
    return _Situation(rows, language, machine["device"] == "cuda", machine["cores"])


def _fitting(
    max_parameters: int | None, licence: str | None, allowed: frozenset[str]
) -> list[Base]:
    def licensed(base: Base) -> bool:
        return base.licence == licence.lower() if licence else is_allowed(base.licence, allowed)

    small_enough = [
        base
        for base in available()
        if max_parameters is None or (base.parameters or 0) <= max_parameters
    ]
    return [base for base in small_enough if licensed(base)]


def _rank(method: str, base: Base, at: _Situation) -> tuple[bool, bool, int, str, str]:
    seconds = _estimated_seconds(method, base, at)
    return not base.speaks(at.language), method != at.preferred, seconds, base.name, method


def _estimated_seconds(method: str, base: Base, at: _Situation) -> int:
    rate = _CUDA_RATE if at.cuda else _CPU_CORE_RATE * at.cores
    forward = at.rows * (base.parameters or 0) / rate
    if method == "probe":
        return round(_START_S + forward + at.rows / _REGRESSION_ROWS_PER_S)
    return round(_START_S + forward * _FINE_TUNING * usual_epochs(max(1, at.rows)))


def _describe(method: str, base: Base, at: _Situation) -> Json:
    if method == "probe":
        why = "frozen encoder or character n-grams under a logistic regression; "
        why += "good from few examples on and quick on any machine"
    elif method == "classifier":
        why = "the whole encoder learns; "
        enough = at.rows >= _ENOUGH_TO_FINE_TUNE
        why += "there are rows enough for it" if enough else f"{at.rows:,} rows are few for it"
    else:
        why = "a registered method; the time is a guess"
    if not base.speaks(at.language):
        why += f"; the base was not made for {at.language!r}"
        why += ", so n-grams must carry it" if method == "probe" else ""
    return {
        "method": method,
        "base": base.name,
        "parameters": base.parameters,
        "licence": base.licence,
        "estimated_seconds": _estimated_seconds(method, base, at),
        "why": why,
    }
