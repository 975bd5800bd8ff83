"""Telling that a text is in another language than the task, where that can be told at all."""

from collections.abc import Sequence

from tools.language import base_language, identifiable, identify

SHORTEST = 40
"""Fewer characters than this are not judged: names and loan words decide too much there."""
SURE = 0.9


def is_foreign(text: str, languages: Sequence[str]) -> bool:
    """Say whether `text` is surely in none of `languages`, which are BCP 47 tags.

    Short texts never count as foreign, nor any where one of the languages cannot be identified.
    """
    wanted = {base_language(tag) for tag in languages}
    if len(text) < SHORTEST or not wanted <= identifiable():
        return False
    found, probability = identify(text)
    return found not in wanted and probability >= SURE


def is_in(text: str, language: str) -> bool:
    """Say whether `text` is most probably in a language, be it a short text."""
    return identify(text)[0] == base_language(language)
