"""Telling that a text is in another language than the task, where that can be told at all."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SHORTEST = 40
"""Fewer characters than this are not judged: names and loan words decide too much there."""
SURE = 0.9


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def is_foreign(text: str, language: str) -> bool:
    """Say whether `text` is surely in another language than `language`, a BCP 47 tag.

    Short texts, and languages that py3langid does not know, never count as foreign.
    """
    if len(text) < SHORTEST:
        return False
    wanted = language.split("-")[0].lower()
    identifier = _identifier()
    found, confidence = identifier.classify(text)
    return found != wanted and confidence >= SURE and wanted in identifier.labels
