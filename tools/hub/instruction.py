"""What an instruction says about the columns of a data set: which it names, and as what."""

import os.path
import re
from collections.abc import Collection
from functools import lru_cache

from tools.hub.names import normalise
from tools.language import base_language, identifiable

_OUT_WORDS = """
    write writing give giving generate produce create invent find extract list name return
    predict output print spell repeat into as with by using schreibe schreib gib nenne
    finde erzeuge ins escribe
"""
_OUT = frozenset(_OUT_WORDS.split())
"""Words before what is wanted."""
_IN_WORDS = """
    explain explains describe describes summarise summarize translate simplify rewrite turn
    convert answer answers solve solves split join merge mask classify read negate for from about
    given on erkläre beantworte übersetze für aus von über anhand responde
"""
_IN = frozenset(_IN_WORDS.split())
"""Words before what is given."""
_AND = frozenset({"and", "then", "und", "dann"})
_TURNS_WORDS = """
    translate turn convert rewrite change transform map paraphrase from übersetze aus von
"""
_TURNS = frozenset(_TURNS_WORDS.split())
"""Words after which `to` leads to what is wanted; `reply to` leads to what is given."""
_MADE_OF_WORDS = "sequence list series set pair number kind kinds couple group string row"
_MADE_OF = frozenset(_MADE_OF_WORDS.split())
_LOOKED_BACK = 7
_ALIKE = 0.6
_UNSPACED = "\u2fff"
"""The last sign before those of Japanese and Chinese, which set no spaces between words."""
_FINDING = re.compile(
    r"\b(find|extract|spot|mark|locate|identif\w+|recogni[sz]e|detect|highlight|finde|erkenne)\b",
    re.IGNORECASE,
)
_SHORTENS = re.compile(
    r"\b(extract|summar\w+|shorten|condense|headline|keywords?|key phrases?|extrahier\w*|fass\w*|"
    r"kürze)\b|要約",
    re.IGNORECASE,
)
_ENTITIES = re.compile(
    r"entit|\bner\b|\bname[sd]? (?:the|all|every|people|person)|\b(?:people|persons?|places?|"
    r"locations?|compan(?:y|ies)|organi[sz]ations?|products?|slots?|spans?|names)\b|"
    r"personen|\borte?\b|organisationen|固有表現|人名|地名",
    re.IGNORECASE,
)
_ASKS = re.compile(r"question|frage|pregunta|\bquery|質問|\bask", re.IGNORECASE)
_READS = re.compile(
    r"passage|paragraph|article|context|document|\btext|story|reading comprehension|extractive|"
    r"absatz|abschnitt|artikel|texto|文章|本文|段落",
    re.IGNORECASE,
)
_TRANSLATES = re.compile(r"translat|übersetz|übertrag|翻訳|訳す|traduc|tradui|翻译", re.IGNORECASE)
_INTO = r"(?:to|into|in|ins|nach|auf|al|en|au|vers)\s+(?:the\s+|das\s+|den\s+|le\s+|la\s+)?"


def direction(instruction: str, name: str, shared: Collection[str] = ()) -> float:
    """Return what an instruction takes a column for, by its name.

    Args:
        instruction: The task in words.
        name: Name of the column.
        shared: Words that other columns' names have too, which tell nothing.

    Returns:
        1 for what is wanted, -1 for what is given, 0.5 where it is only mentioned, 0 where not.
    """
    said = re.findall(r"\w+", instruction.casefold())
    wanted = [w for w in normalise(name).split() if not w.isdigit() and w not in shared]
    if not wanted or not all(any(alike(word, s) for s in said) for word in wanted):
        return 0.0
    same = [i for i, word in enumerate(said) if word == wanted[-1]]
    places = same or [i for i, word in enumerate(said) if alike(wanted[-1], word)]
    return max((_cue(said, place) for place in places), key=abs)


def _cue(said: list[str], place: int) -> float:
    """Return what the nearest telling word before a place says of what stands there."""
    # A clause that begins with it: `Mask …` wants what is masked, `… and answer` the answer.
    if place == 0 or said[place - 1] in _AND:
        return 1.0
    for before in range(place - 1, max(-1, place - 1 - _LOOKED_BACK), -1):
        cue = _telling(said, before)
        if cue:
            return cue
    return 0.5


def _telling(said: list[str], place: int) -> float:
    """Return what one word says of what comes after it; 0 for most words."""
    word = said[place]
    if word == "to":
        return 1.0 if _TURNS & set(said[:place]) else -1.0
    if word == "of":
        return 0.0 if place and said[place - 1] in _MADE_OF else -1.0
    return 1.0 if word in _OUT else -1.0 if word in _IN else 0.0


def mentions(instruction: str, name: str) -> bool:
    """Whether every word of a name of several words is in the instruction."""
    wanted = normalise(name).split()
    said = re.findall(r"\w+", instruction.casefold())
    return len(wanted) > 1 and all(any(alike(word, s) for s in said) for word in wanted)


def alike(a: str, b: str) -> bool:
    """Whether two words are forms of one: `summary` and `summarise`."""
    stem = len(os.path.commonprefix([a, b]))
    return a == b or (stem >= 4 and stem >= _ALIKE * max(len(a), len(b)))


def finds(instruction: str) -> bool:
    """Whether something is to be found in a text."""
    return _FINDING.search(instruction) is not None


def shortens(instruction: str) -> bool:
    """Whether what is wanted is shorter than what is given."""
    return _SHORTENS.search(instruction) is not None


def names_entities(instruction: str) -> bool:
    """Whether names, slots or the like are to be listed."""
    return _ENTITIES.search(instruction) is not None


def asks_about_text(instruction: str) -> bool:
    """Whether questions are to be answered from a text that is given."""
    return bool(_ASKS.search(instruction)) and bool(_READS.search(instruction))


def translates(instruction: str) -> bool:
    """Whether something is to be translated between languages."""
    return _TRANSLATES.search(instruction) is not None


def languages_named(instruction: str) -> tuple[frozenset[str], str | None]:
    """Return the languages that an instruction names, and the one it translates into."""
    text = instruction.casefold()
    named = {tag: [n for n in names if _begins(n, text)] for tag, names in _language_names()}
    found = {tag: names for tag, names in named.items() if names}
    into = [
        tag for tag, names in found.items()
        if any(re.search(_INTO + re.escape(n), text) or f"{n}に" in text for n in names)
    ]  # fmt: skip
    return frozenset(found), into[0] if len(into) == 1 else None


def _begins(name: str, text: str) -> bool:
    """Whether a word begins so; in Japanese, whether the name is there."""
    return name in text if name > _UNSPACED else bool(re.search(rf"\b{re.escape(name)}", text))


@lru_cache(maxsize=1)
def _language_names() -> tuple[tuple[str, tuple[str, ...]], ...]:
    import langcodes

    found = []
    for tag in sorted(identifiable()):
        language = langcodes.Language.get(tag)
        names = {language.display_name(said).casefold() for said in ("en", "de", "fr", "es", "ja")}
        found.append(
            (base_language(tag) or tag, tuple(n for n in names if len(n) > 2 or n > _UNSPACED))
        )
    return tuple(found)
