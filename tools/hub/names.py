"""How alike two label names are, whatever people did to their spelling."""

import os.path
import re
import unicodedata

from tools.hub.terms import translate

_SAME = (
    (
        "positive",
        "pos",
        "positiv",
        "good",
        "favourable",
        "favorable",
        "pro",
        "pros",
        "advantage",
        "advantages",
        "strength",
        "upside",
        "vorteil",
    ),
    (
        "negative",
        "neg",
        "negativ",
        "bad",
        "unfavourable",
        "unfavorable",
        "con",
        "cons",
        "drawback",
        "drawbacks",
        "disadvantage",
        "disadvantages",
        "weakness",
        "downside",
        "nachteil",
    ),
    ("neutral", "neu", "no emotion", "no sentiment"),
    ("joy", "happiness", "happy"),
    ("out of scope", "oos", "out of domain", "ood"),
    ("ham", "not spam", "no spam", "legitimate", "legit", "normal message"),
    ("offense", "offensive", "offence", "beleidigend", "anstößig"),
    ("insult", "beleidigung"),
    ("other", "others", "sonstiges", "andere", "anderes", "miscellaneous", "none of the above"),
    ("yes", "true", "ja"),
    ("no", "false", "nein"),
)
_NEGATIONS = {"not", "no", "non", "nicht", "kein", "keine", "un", "without", "never"}
_FILLERS = {"a", "an", "the", "of", "to", "or", "and", "about", "for", "my", "in"}


def normalise(name: str) -> str:
    """Return a name in words: `AddToPlaylist`, `add_to_playlist` and `Add to playlist` agree."""
    text = unicodedata.normalize("NFKC", name).replace("&", " and ").replace("+", " plus ")
    text = re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z])", " ", text)
    return " ".join(re.sub(r"[\W_]+", " ", text).casefold().split())


def name_similarity(left: str, right: str) -> float:
    """Return how alike two names look, 0 to 1; 1 only for the same name after `normalise`."""
    from rapidfuzz import fuzz

    a, b = normalise(left), normalise(right)
    if a == b:
        return 1.0 if a else 0.0
    if translate(a) == translate(b):
        return 0.99
    if _meaning_class(a) is not None and _meaning_class(a) == _meaning_class(b):
        return 0.99
    if bool(_NEGATIONS & set(a.split())) != bool(_NEGATIONS & set(b.split())):
        return 0.0
    content_a, content_b = _content(a), _content(b)
    if _abbreviates(content_a, content_b) or _abbreviates(content_b, content_a):
        return 0.9
    joined_a, joined_b = " ".join(content_a), " ".join(content_b)
    if _shares_stem(joined_a, joined_b):
        return 0.85
    token_set = fuzz.token_set_ratio(joined_a, joined_b) / 100
    token_sort = fuzz.token_sort_ratio(joined_a, joined_b) / 100
    return 0.98 * max(token_sort, 0.7 * token_set + 0.3 * token_sort)


def _meaning_class(name: str) -> int | None:
    return next((i for i, names in enumerate(_SAME) if name in names), None)


def _content(name: str) -> list[str]:
    words = name.split()
    return [word for word in words if word not in _FILLERS] or words


def _abbreviates(short: list[str], long: list[str]) -> bool:
    """`pos` for `positive`, `sci tech` for `science technology`, `wrong item` for a longer name."""
    if len(short) == len(long):
        return all(
            b.startswith(a) and (a == b or len(a) >= 3) for a, b in zip(short, long, strict=True)
        )
    return len(short) == 1 and len(short[0]) >= 3 and short[0] == "".join(w[0] for w in long)


def _shares_stem(a: str, b: str) -> bool:
    """One word in two forms or two languages: `politics` and `Politik`."""
    stem = len(os.path.commonprefix([a, b]))
    return " " not in a + b and stem >= 4 and stem >= 0.6 * max(len(a), len(b))
