"""Telling that a text is in another language than the task, where that can be told at all."""

from tools.language import base_language, identifiable, identify

SHORTEST = 40
"""Fewer characters than this are not judged: names and loan words decide too much there."""
SURE = 0.9


def is_foreign(text: str, language: str) -> bool:
    """Say whether `text` is surely in another language than `language`, a BCP 47 tag.

    Short texts, and languages that cannot be identified, never count as foreign.
    """
    wanted = base_language(language)
    if len(text) < SHORTEST or wanted not in identifiable():
        return False
    found, probability = identify(text)
    return found != wanted and probability >= SURE
