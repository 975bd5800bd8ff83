"""How large a model may be, how many rounds are wanted, and what may be spent, in words for it."""

import re
from typing import Any

NUMBERS = {
    "a": 1, "an": 1, "one": 1, "another": 1, "two": 2, "three": 3, "four": 4, "five": 5,
    "ten": 10,
    "ein": 1, "eine": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
    "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
    "due": 2, "tre": 3, "quattro": 4, "cinque": 5,
}  # fmt: skip
_NUMBER = rf"(\d{{1,3}}|{'|'.join(NUMBERS)})"
_MB = re.compile(r"(?P<n>\d+(?:[.,]\d+)?)\s*(?P<unit>[mg])i?b(?:yte)?s?\b", re.IGNORECASE)
_SHARES = (
    (re.compile(r"\bhal(?:b|f|v)\w*|\bhälfte\b|\bmoitié|\bmitad\b|\bmetà\b|\b50 ?%", re.I), 0.5),
    (re.compile(r"\bthird\b|\bdrittel\b|\btiers\b|\btercio\b", re.I), 1 / 3),
    (re.compile(r"\bquarter\b|\bviertel\b|\bquart\b|\bcuarto\b", re.I), 0.25),
)  # fmt: skip
_SIZE = re.compile(
    r"\b(?:size|small(?:er)?|large|big|klein(?:er)?|groß|größe|taille|petit|tamaño|pequeño|dimension\w|"
    r"piccol\w+)\b",
    re.IGNORECASE,
)
_SMALLER = re.compile(r"\b(?:smaller|kleiner|plus petit|más pequeño|più piccol\w)\b", re.IGNORECASE)
_TIMES = re.compile(r"(?P<n>\d+|two|three|four|five|ten)\s*(?:x|times|mal)\b.*\bsmaller", re.I)
_MORE_ROUNDS = re.compile(
    rf"\b(?:{_NUMBER}\s+(?:more|further|weitere|other)\s+(?:rounds?|runden?)|another round|"
    rf"noch {_NUMBER}\s+runden?|"
    rf"(?:encore|otras?|(?:un )?altr[oi])(?:\s+{_NUMBER})?\s+(?:tours?|rondas?|gir[oi])|"
    rf"{_NUMBER}\s+(?:tours?|rondas?|gir[oi])\s+(?:de plus|más|in più))\b",
    re.IGNORECASE,
)
_MAY = re.compile(
    r"(?:please |bitte )?(?:(?:it|you|this) (?:may|can|should) |du (?:darfst|kannst) |tu peux |"
    r"puedes |puoi )?(?:spend|use|take|cost|budget|have|at most|not? more than|up to|gib|"
    r"höchstens|maximal|bis zu|nimm|dépense\w*|prends?|au plus|au maximum|gast\w+|usar?|"
    r"como máximo|spend\w+|al massimo|usa\w*)",
    re.IGNORECASE,
)
_USD = re.compile(r"(?:\$|usd)\s*(\d+(?:[.,]\d+)?)|(\d+(?:[.,]\d+)?)\s*(?:\$|usd\b|d[oó]l)", re.I)
_MINUTES = re.compile(r"(\d+(?:[.,]\d+)?)\s*min(?:ut\w*)?\b", re.IGNORECASE)
_HOURS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:h|hours?|stunden?|heures?|horas?|or[ae])\b", re.I)


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
    return {"more_rounds": _number(next(filter(None, match.groups()), "one"))}


def budget_in(said: str) -> dict[str, Any] | None:
    """Return what a sentence that says so allows to be spent, as fields of a change."""
    if not _MAY.match(said):
        return None
    found = {}
    if usd := _USD.search(said):
        found["usd"] = _amount(usd)
    if time := _MINUTES.search(said):
        found["minutes"] = _amount(time)
    elif time := _HOURS.search(said):
        found["minutes"] = 60 * _amount(time)
    return found or None


def _amount(match: re.Match[str]) -> float:
    return float(next(filter(None, match.groups())).replace(",", "."))


def _number(said: str) -> int:
    return int(said) if said.isdigit() else NUMBERS[said.casefold()]
