"""In what way an answer in free text is wrong, told by rules."""

import re
from collections import Counter
from collections.abc import Collection

from tools.scoring.fields import NOTHING, is_structured, parsed, same_values
from tools.scoring.overlap import token_f1
from tools.scoring.shapes import MOST_CHARACTERS, MOST_WORDS, shape
from tools.scoring.words import answer_words
from tools.text import folded

EMPTY = "empty"
COPIED = "copies the input"
CUT_OFF = "cut off"
REPEATS = "repeats itself"
NO_JSON = "no valid JSON"
OTHER_KEYS = "other fields than asked"
SPELLING = "right but for case or punctuation"
TOO_SHORT = "far too short"
TOO_LONG = "far too long"
MADE_UP = "numbers from nowhere"
NUMBERS = "wrong numbers"
CLOSE = "nearly right"
OTHER = "something else"
FORM = "in the form "
"""Followed by the form of the answer, where the right one has another."""
OTHER_FORM = "in another form"

CLOSE_F1 = 0.8
CLOSE_LETTERS = 0.85
_FAR = 2
_LOOPS = 4
"""So often a run of words has to come to be a loop."""
_MOST_LETTERS = 2_000
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def failure(given_input: str, right: str, given: str, forms: Collection[str]) -> str | None:
    """Return the kind of failure, or None for the right answer.

    Right is what exact match takes for right, and JSON with the same values.

    Args:
        given_input: The input.
        right: The right output.
        given: The answer.
        forms: Forms (see `shape`) that outputs of the task keep to; what has none of these has a
            form by chance.
    """
    if folded(right) == folded(given) or same_values(right, given):
        return None
    return (
        _broken(given_input, right, given)
        or _structure(right, given)
        or _form(right, given, forms)
        or _content(given_input, right, given)
        or OTHER
    )


def _broken(given_input: str, right: str, given: str) -> str | None:
    """Look for what is wrong whatever the task."""
    if not given.strip():
        return EMPTY
    if folded(given) == folded(given_input):
        return COPIED
    if _loops(given) and not _loops(right):
        return REPEATS
    if len(folded(given)) > 1 and folded(right).startswith(folded(given)):
        return CUT_OFF
    same = answer_words(right) == answer_words(given) != ()
    return SPELLING if same and not is_structured(right) else None


def _structure(right: str, given: str) -> str | None:
    if not is_structured(right):
        return None
    answer = parsed(given)
    if answer is NOTHING:
        return NO_JSON
    return None if shape(right) == shape(given) else OTHER_KEYS


def _form(right: str, given: str, forms: Collection[str]) -> str | None:
    """Compare forms of short answers, and lengths of long ones."""
    wanted, found = shape(right, forms), shape(given, forms)
    if wanted != found and wanted in forms and not is_structured(right):
        return FORM + found if found in forms else OTHER_FORM
    if len(right) > MOST_CHARACTERS or len(right.split()) > MOST_WORDS:
        if len(given) * _FAR < len(right):
            return TOO_SHORT
        if len(given) > _FAR * len(right):
            return TOO_LONG
    return None


def _content(given_input: str, right: str, given: str) -> str | None:
    from rapidfuzz.distance import Levenshtein

    wanted, found = Counter(_NUMBER.findall(right)), Counter(_NUMBER.findall(given))
    known = Counter(_NUMBER.findall(given_input)) | wanted
    if found - known and not wanted - Counter(_NUMBER.findall(given_input)):
        return MADE_UP
    if wanted != found:
        return NUMBERS
    near = Levenshtein.normalized_similarity(right[:_MOST_LETTERS], given[:_MOST_LETTERS])
    return CLOSE if near >= CLOSE_LETTERS or token_f1(right, given) >= CLOSE_F1 else None


def _loops(text: str) -> bool:
    """Say whether a text ends in a run of one to eight words that comes four times."""
    words = text.split()
    return any(
        len(words) >= _LOOPS * n and words[-_LOOPS * n :] == words[-n:] * _LOOPS
        for n in range(1, 9)
    )
