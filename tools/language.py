"""Languages: the tag that stands for one, and which one a text is in."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier


def base_language(tag: str) -> str | None:
    """Return the two-letter language of `de-AT`, `deu_Latn` or `ger`; None if it is no tag."""
    import langcodes
    from langcodes.tag_parser import LanguageTagError

    try:
        language = langcodes.Language.get(tag)
    except LanguageTagError:
        return None
    return language.prefer_macrolanguage().language if language.is_valid() else None


def identify(text: str, among: tuple[str, ...] = ()) -> tuple[str, float]:
    """Return the base language that a text is most probably in, and its probability.

    Args:
        text: The longer, the surer; time grows with its length.
        among: Consider these codes of py3langid only; all where empty.
    """
    code, probability = _identifier(among).classify(text)
    return base_language(code) or code, float(probability)


@lru_cache(maxsize=1)
def identifiable() -> frozenset[str]:
    """Return the base languages that `identify` knows."""
    return frozenset(base_language(code) or code for code in _identifier(()).labels)


@lru_cache(maxsize=2)
def _identifier(among: tuple[str, ...]) -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if among:
        identifier.set_languages(among)
    return identifier
