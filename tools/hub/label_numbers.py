"""Labels that are numbers: what they stand for, by the card or by counting."""

import re
from collections.abc import Mapping, Sequence

from tools.hub.names import normalise

_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_LONGEST = 40
_YES = frozenset({"yes", "true", "ja", "はい"})
_NO = frozenset({"no", "false", "nein", "いいえ"})


def are_numbers(names: Sequence[str]) -> bool:
    """Whether all labels are whole numbers."""
    return all(re.fullmatch(r"-?\d+", name) for name in names)


def names_in_card(card: str, numbers: Sequence[str]) -> dict[str, str]:
    """Return number → name where a card explains each: `0: negative, 1: positive`, `ham (0)`.

    Empty unless every number has one name, and no two the same.
    """
    for pattern in (
        r"(?<![\w.])[`'\"]?{}[`'\"]?\s*(?::|=|->|→|\bis\b|\bfor\b|\bmeans\b|\()\s*"
        r"[`'\"*]*([^\W\d_][^,;.|()\n`'\"*]*)",
        r"([^\W\d_][\w -]*?)[`'\"*]*\s*[(=:]\s*[`'\"]?{}[`'\"]?(?![\w.])",
    ):
        found = {n: _named(card, pattern.replace("{}", re.escape(n))) for n in numbers}
        names = {n: name for n, name in found.items() if name}
        if len(names) == len(numbers) == len({name.casefold() for name in names.values()}):
            return names
    return {}


def _named(card: str, pattern: str) -> str:
    found = (re.sub(r"^(?:and|or|und|oder)\s+", "", m.strip()) for m in re.findall(pattern, card))
    one = list({name.casefold(): name for name in found}.values())
    return one[0] if len(one) == 1 and len(one[0]) <= _LONGEST else ""


def match_numbers(theirs: Sequence[str], ours: Sequence[str]) -> Mapping[str, str]:
    """Return theirs → ours where both count alike (`4 stars`, `four`), or 1 is yes and 0 no."""
    if set(theirs) == {"0", "1"} and len(ours) == 2:
        yes = [name for name in ours if normalise(name) in _YES]
        no = [name for name in ours if normalise(name) in _NO]
        return {"1": yes[0], "0": no[0]} if yes and no else {}
    mine = {_number(name): name for name in ours}
    found = [_number(name) for name in theirs]
    if None in mine or None in found or len(mine) < len(ours) or len(set(found)) < len(theirs):
        return {}
    return {t: mine[n] for t, n in zip(theirs, found, strict=True) if n in mine}


def _number(name: str) -> int | None:
    """Return the only number in a name."""
    words = normalise(name).split()
    found = [int(w) for w in words if w.isdigit()] + [_WORDS.index(w) for w in words if w in _WORDS]
    return found[0] if len(found) == 1 else None
