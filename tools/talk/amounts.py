"""How large a model may be, and how many rounds are wanted, in the words for it."""

import re
from typing import Any

NUMBERS = {
    "a": 1, "an": 1, "one": 1, "another": 1, "two": 2, "three": 3, "four": 4, "five": 5,
    "ten": 10,
    "ein": 1, "eine": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5,
}  # fmt: skip
_NUMBER = rf"(?P<n>\d{{1,3}}|{'|'.join(NUMBERS)})"
_MB = re.compile(r"(?P<n>\d+(?:[.,]\d+)?)\s*(?P<unit>[mg])i?b(?:yte)?s?\b", re.IGNORECASE)
_SHARES = (
    (re.compile(r"\bhal(?:b|f|v)\w*|\bmoitié|\bmitad\b|\bmetà\b|\b50 ?%", re.I), 0.5),
    (re.compile(r"\bthird\b|\bdrittel\b|\btiers\b|\btercio\b", re.I), 1 / 3),
    (re.compile(r"\bquarter\b|\bviertel\b|\bquart\b|\bcuarto\b", re.I), 0.25),
)  # fmt: skip
_SIZE = re.compile(
    r"\b(?:size|small(?:er)?|large|big|klein(?:er)?|groß|größe|taille|petit|tamaño|pequeño|piccol\w+)\b",
    re.IGNORECASE,
)
_SMALLER = re.compile(r"\b(?:smaller|kleiner|plus petit|más pequeño|più piccol\w)\b", re.IGNORECASE)
_TIMES = re.compile(r"(?P<n>\d+|two|three|four|five|ten)\s*(?:x|times|mal)\b.*\bsmaller", re.I)
_MORE_ROUNDS = re.compile(
    rf"\b(?:{_NUMBER}\s+(?:more|further|weitere|other)\s+rounds?|another round|"
    rf"noch (?P<m>\d{{1,3}}|{'|'.join(NUMBERS)})\s+runden?)\b",
    re.IGNORECASE,
)


def size_in(said: str) -> dict[str, Any] | None:
    """Return what a sentence says of the size of the model, as fields of a change."""
    if match := _MB.search(said):
        factor = 1000.0 if match["unit"].casefold() == "g" else 1.0
        return {"most_mb": float(match["n"].replace(",", ".")) * factor}
    if match := _TIMES.search(said):
        return {"size_factor": 1 / max(1, _number(match["n"]))}
    if _SIZE.search(said):
        for pattern, share in _SHARES:
            if pattern.search(said):
                return {"size_factor": share}
    return {"size_factor": 0.5} if _SMALLER.search(said) else None


def rounds_in(said: str) -> dict[str, Any] | None:
    """Return how many rounds a sentence asks for, as a field of a change."""
    match = _MORE_ROUNDS.search(said)
    if not match:
        return None
    return {"more_rounds": _number(match["n"] or match["m"] or "one")}


def _number(said: str) -> int:
    return int(said) if said.isdigit() else NUMBERS[said.casefold()]
