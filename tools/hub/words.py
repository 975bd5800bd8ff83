"""The words of a text that say what it is about, each in one form."""

import re
import unicodedata
from functools import lru_cache

_IRREGULAR = {"movies": "movie", "cookies": "cookie"}
_SINGULAR = frozenset(
    ["news", "series", "politics", "physics", "economics", "mathematics", "statistics"]
)
_HISSING = ("sses", "shes", "ches", "xes", "zzes", "oes")

_GENERIC_WORDS = """
    approach assign based belong build category categorise categorize class classify collect data
    dataset decide detect determine different do express fine find flag forward framework get give
    grained group help identify introduce keep kind know label language legitimate like line look
    make many map mark method model need new notice novel one onto pick predict present propose
    recognise recognize request right route run say sentence short small something sort spot system
    task technique tell text thing turn two three four five six seven eight nine ten type
    understand use user using various want whether word write writer written
"""
"""Words, in the singular, that say that something is done and not what it is about."""
_GENERIC = frozenset(_GENERIC_WORDS.split())


@lru_cache(maxsize=1)
def stopwords() -> frozenset[str]:
    """Return the English words that are in every text."""
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    return frozenset(STOPWORDS_EN_PLUS)


def singular(word: str) -> str:
    """Return an English noun in the singular, by rules after Harman (JASIS 42, 1991)."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    ends_otherwise = not word.endswith("s") or word.endswith(("ss", "us", "is"))
    if ends_otherwise or len(word) <= 3 or word in _SINGULAR:
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(_HISSING) else word[:-1]


def words_of(text: str) -> list[str]:
    """Return the words of two characters or more, in lower case, possessive endings left out."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.findall(r"[^\W_]{2,}", re.sub(r"['’]s\b", "", folded))


def content_words(text: str) -> list[str]:
    """Return the words that are no stopwords, in the singular, in order."""
    return [singular(word) for word in words_of(text) if word not in stopwords()]


def tells(word: str) -> bool:
    """Whether a word says what a query is about."""
    return word not in stopwords() and singular(word) not in _GENERIC


def gist(text: str) -> str:
    """Return the words of a query that tell what it is about; the whole text if none does."""
    return " ".join(word for word in words_of(text) if tells(word)) or text
