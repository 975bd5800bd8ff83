"""Words of texts in any script, for metrics that compare them."""

import re
import string
import unicodedata
from functools import lru_cache

_WITHOUT_SPACES = frozenset(
    {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO", "IDEOGRAPHIC", "HANGUL"}
    | {"THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"}
)
"""First words of the names of characters that are a word each. Scripts that put no spaces between
words, and Hangul, whose particles are written onto the word (as KorQuAD's own script does)."""
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def is_alone(character: str) -> bool:
    """Say whether a character is of a script that is compared character by character."""
    return unicodedata.name(character, "").split(" ")[0] in _WITHOUT_SPACES


class _Apart(dict[int, str]):
    """What `str.translate` makes of every character, worked out when it first occurs."""

    def __init__(self, between: str, dropped: str) -> None:
        super().__init__()
        self._between, self._dropped = between, dropped

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = unicodedata.category(character)[0]
        if kind in "LNM":  # marks are vowels in many scripts
            new = f" {character} " if is_alone(character) else character
        elif kind == "P" or character in string.punctuation:
            new = self._dropped
        else:
            new = character if kind == "S" else " "
            new = self._between or new
        self[code] = new
        return new


_ANSWER = _Apart(between="", dropped="")
_PLAIN = _Apart(between=" ", dropped=" ")


@lru_cache(maxsize=1 << 14)
def answer_words(text: str) -> tuple[str, ...]:
    """Return words as SQuAD's script compares them (Rajpurkar et al. 2016).

    Lower case, without punctuation and English articles. Characters of scripts without spaces are
    a word each, as in MLQA's script (Lewis et al. 2020).
    """
    text = unicodedata.normalize("NFKC", text).lower().translate(_ANSWER)
    return tuple(_ARTICLES.sub(" ", text).split())


@lru_cache(maxsize=1 << 14)
def plain_words(text: str) -> tuple[str, ...]:
    """Return runs of letters and digits in lower case, as ROUGE's script does for a to z.

    Characters of scripts without spaces are a word each.
    """
    return tuple(unicodedata.normalize("NFKC", text).lower().translate(_PLAIN).split())
