"""The slips of real users: typing errors, words left out, no capitals, no punctuation."""

import random
from collections.abc import Callable

from tools.teachers.recombine import Pool, Variation
from tools.teachers.tokens import is_spaced, is_word

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for row in _KEYS for i, key in enumerate(row)
}
_CHARACTERS_PER_SLIP = 20
_SHORT_WORD = 3
_FEWEST_WORDS = 4
Slip = Callable[[list[str], random.Random], list[str]]


def perturb(pool: Pool, rng: random.Random) -> Variation | None:
    """Make about one slip per 20 characters in an example of a spaced script.

    Fewer would leave a near-duplicate, which curation turns down.
    """
    index = rng.randrange(len(pool))
    example = pool.examples[index]
    if not is_spaced(example.input):
        return None
    row = pool.tokens[index]
    for _ in range(1 + len(example.input) // _CHARACTERS_PER_SLIP):
        row = rng.choice(_SLIPS)(row, rng)
    return Variation("".join(row).strip(), (example.id,))


def _mistype(row: list[str], rng: random.Random) -> list[str]:
    """Hit the key beside the right one."""
    places = _letters(row)
    if not places:
        return row
    word, letter = rng.choice(places)
    typed = rng.choice(_NEIGHBOURS.get(row[word][letter].lower(), row[word][letter]))
    return _replaced(row, word, row[word][:letter] + typed + row[word][letter + 1 :])


def _transpose(row: list[str], rng: random.Random) -> list[str]:
    """Type two letters in the wrong order."""
    places = [(w, i) for w, i in _letters(row) if i + 1 < len(row[w])]
    if not places:
        return row
    word, i = rng.choice(places)
    old = row[word]
    return _replaced(row, word, old[:i] + old[i + 1] + old[i] + old[i + 2 :])


def _leave_out(row: list[str], rng: random.Random) -> list[str]:
    """Leave out a short word, which seldom carries the meaning."""
    short = [i for i, t in enumerate(row) if is_word(t) and len(t.strip()) <= _SHORT_WORD]
    if not short or len(row) <= _FEWEST_WORDS:
        return row
    gone = rng.choice(short)
    return [*row[:gone], *row[gone + 1 :]]


def _no_punctuation(row: list[str], _rng: random.Random) -> list[str]:
    return [token for token in row if is_word(token)]


def _no_capitals(row: list[str], _rng: random.Random) -> list[str]:
    return [token.lower() for token in row]


_SLIPS: tuple[Slip, ...] = (_mistype, _transpose, _leave_out, _no_punctuation, _no_capitals)


def _letters(row: list[str]) -> list[tuple[int, int]]:
    """Return (token, letter) of the letters after the first in words of more than three."""
    return [
        (w, i)
        for w, token in enumerate(row)
        if len(token.strip()) > _SHORT_WORD
        for i in range(len(token) - len(token.lstrip()) + 1, len(token))
    ]


def _replaced(row: list[str], index: int, token: str) -> list[str]:
    return [*row[:index], token, *row[index + 1 :]]
