"""How the page writes numbers, times and ends of runs; what is unknown is a dash, no guess."""

from collections.abc import Sequence
from datetime import UTC, datetime

UNKNOWN = "–"
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))

_ENDINGS = {
    "plateau": "Validation has stopped improving.",
    "target": "The score asked for has been reached.",
    "rounds": "As many rounds as allowed have been done.",
    "minutes": "The time is used up.",
    "usd": "The money is used up.",
    "steps": "As many steps as allowed have been taken.",
    "planner": "The planner has nothing more to propose.",
    "user": "A person asked for it.",
    "nothing to train": "There are no rows to train on.",
}


def ending(reason: str) -> str:
    """Return why a run has stopped, as a sentence; a reason without one as it is."""
    return _ENDINGS.get(reason, reason)


def score(value: float | None) -> str:
    """Return a score with three decimals."""
    return UNKNOWN if value is None else f"{value:.3f}"


def interval(ci95: Sequence[float] | None) -> str:
    """Return a 95% interval."""
    return UNKNOWN if ci95 is None else f"{ci95[0]:.3f} to {ci95[1]:.3f}"


def usd(value: float | None) -> str:
    """Return an amount of money; small ones with four decimals."""
    if value is None:
        return UNKNOWN
    return f"{value:.4f} USD" if 0 < value < 0.01 else f"{value:.2f} USD"


def span(seconds: float | None) -> str:
    """Return a length of time in its largest unit but one: `1 min 5 s`."""
    if seconds is None:
        return UNKNOWN
    whole = round(seconds)
    for size, unit in _UNITS:
        if whole >= size:
            below, name = _below(unit)
            rest = whole % size // below
            return f"{whole // size} {unit}" + (f" {rest} {name}" if rest else "")
    return f"{seconds:.1f} s" if 0 < seconds < 10 else f"{whole} s"


def minutes(value: float | None) -> str:
    """Return a length of time given in minutes."""
    return span(None if value is None else value * 60)


def _below(unit: str) -> tuple[int, str]:
    units = [*_UNITS, (1, "s")]
    return units[[name for _, name in units].index(unit) + 1]


def count(value: int | None) -> str:
    """Return a number of things."""
    return UNKNOWN if value is None else f"{value:,}"


def ago(at: str, now: datetime | None = None) -> str:
    """Return how long ago an ISO 8601 time was, in its largest unit."""
    try:
        then = datetime.fromisoformat(at)
    except ValueError:
        return UNKNOWN
    passed = ((now or datetime.now(UTC)) - then.replace(tzinfo=then.tzinfo or UTC)).total_seconds()
    for size, unit in _UNITS:
        if passed >= size:
            return f"{int(passed // size)} {unit} ago"
    return "just now"


def clock(at: str) -> str:
    """Return the time of day of an ISO 8601 time in UTC, to the minute."""
    return at[11:16]


def megabytes(value: float | None) -> str:
    """Return a size."""
    return UNKNOWN if value is None else f"{value:,.0f} MB"


def milliseconds(value: float | None) -> str:
    """Return a short time."""
    return UNKNOWN if value is None else f"{value:,.1f} ms"
