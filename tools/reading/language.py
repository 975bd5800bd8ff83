"""The language of a task's inputs, as a BCP 47 tag."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from tools.language import identify
from tools.task import Demonstration

# The languages py3langid tells apart well. Its other hundred, such as Walloon or Latgalian, mostly
# take short texts away from these.
_TAGS = """
    ar bg bn ca cs da de el en es et fa fi fr gu he hi hr hu hy id is it ja ka kn ko lt lv ml mr nl
    no pl pt ro ru sk sl sq sr sv sw ta te th tr uk ur vi zh
"""
LANGUAGES = tuple(_TAGS.split())
_NAMED_IN = ("en", "de", "ja", "fr", "es", "it")
_SURE = 0.6
_SHORTEST = 20
"""Characters below which a guess about Latin script says little."""
_TARGET_BEFORE = re.compile(
    r"\b(?:into|to|nach|ins|en|vers|al)\s+(?:(?:an?|plain|simple|good|easy|proper|formal|informal|"
    r"einfaches|gutes|correct)\s+)*$|"
    r"\b(?:answer|reply|respond|write|output|return|translat\w*|antworte|schreib\w*|"
    r"übersetze?|gib)\b[^.;:!?\n]*\b(?:in|auf)\s+(?:(?:plain|simple|good|einfachem)\s+)*$",
    re.IGNORECASE,
)
_TARGET_AFTER = re.compile(r"\s*(?:の文)?(?:へ|に(?:翻訳|訳|変換|直|し))")
_SOURCE_BEFORE = re.compile(r"\b(?:from|aus dem|aus|vom|de l'|du)\s+$", re.IGNORECASE)
_NOT_AN_ADJECTIVE = re.compile(r"\s+(?:the|this|that|these|my|our|your|each|every|an?|it)\b")


def input_language(
    prose: str, demonstrations: Sequence[Demonstration], label_names: Collection[str] = ()
) -> tuple[str, str | None]:
    """Return the tag, and a sentence for the user where it is only a guess.

    A language that the prose names wins; then that of the demonstrations, then that of the prose.
    """
    if tag := named_language(prose, label_names):
        return tag, None
    shown = "\n".join(pair.input for pair in demonstrations)
    if shown:
        tag, sure = _guess(shown)
        if sure:
            return tag, None
    tag, sure = _guess(prose)
    if not sure:
        return "en", "I could not tell the language of the inputs and took it to be English."
    return tag, f"No language is named, so I took the inputs to be in {_name(tag)}, as the task is."


def _guess(text: str) -> tuple[str, bool]:
    """Guess the language of a text, and whether the guess can be relied on."""
    tag, probability = identify(text[:5_000], LANGUAGES)
    long_enough = len(text) >= _SHORTEST or not text.isascii()
    return tag, probability >= _SURE and long_enough


def named_language(prose: str, label_names: Collection[str] = ()) -> str | None:
    """Return the language that the prose names for the inputs.

    One to translate into or to answer in is not it, nor is one that is a label.
    """
    found: list[tuple[bool, int, str]] = []
    for match in _pattern().finditer(prose):
        before, after = prose[: match.start()][-80:], prose[match.end() :]
        target = _TARGET_BEFORE.search(before) or _TARGET_AFTER.match(after)
        if match[0] in label_names:
            continue
        if not target and not _NOT_AN_ADJECTIVE.match(after):
            source = bool(_SOURCE_BEFORE.search(before)) or after.startswith("から")
            found.append((not source, match.start(), _names()[_stem(match[0])]))
    return min(found)[2] if found else None


def _stem(name: str) -> str:
    folded = name.casefold()
    return folded if folded in _names() else re.sub(r"e[nrsm]?$|s$", "", folded)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    names = sorted(_names(), key=lambda name: (-len(name), name))
    spaced = "|".join(re.escape(name) for name in names if name.isascii() or name[0] < "\u3000")
    joined = "|".join(re.escape(name) for name in names if name[0] >= "\u3000")
    return re.compile(rf"\b(?:{spaced})(?:e[nrsm]?|s)?\b|{joined}", re.IGNORECASE)


def languages_named(text: str) -> list[str]:
    """Return the tags of all languages that a text names, in whatever role, in order."""
    found = (_names()[_stem(match[0])] for match in _pattern().finditer(text))
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Return language name, in several languages, to tag."""
    import langcodes

    names: dict[str, str] = {}
    for tag in LANGUAGES:
        language = langcodes.get(tag)
        for name in [*(language.display_name(other) for other in _NAMED_IN), language.autonym()]:
            names.setdefault(name.casefold(), tag)
    return names


def _name(tag: str) -> str:
    import langcodes

    return langcodes.get(tag).display_name()
