"""What can be the name of a label, and what only looks like one."""

import re
from collections.abc import Sequence

from tools.task import Label

LONGEST_NAME = 40
MOST_WORDS = 5
CUE = (
    r"(?:labels?|class(?:es)?|categor(?:y|ies)|intents?|topics?|sentiments?|emotions?|options?|"
    r"tags?|groups?|types?|kinds?|departments?|teams?|queues?|priorit(?:y|ies)|urgency|moods?|"
    r"values|answers|use|one of(?: these| the following)?|"
    r"kategorien?|klassen?|them(?:a|en)|stimmung(?:en)?|gruppen?|werte|absicht(?:en)?|"
    r"prioritäte?n?|dringlichkeit|(?:eine[mnrs]?|einer) (?:der|dieser|von)|folgenden?|"
    r"catégories?|étiquettes?|categorías?|etiquetas?|"
    r"ラベル|カテゴリー?|分類先|トピック|クラス|種類|意図|感情|選択肢)"
)
"""Words after which, and a colon, labels are listed."""
_GENERIC = re.compile(
    r"(?:(?:the|a|an|some|its?|their|different|several|various|right|correct|following|these|"
    r"verschiedene|mehrere|passende|richtige|\w+) )?"
    r"(?:labels?|class|classes|categor(?:y|ies)|intents?|topics?|sentiments?|emotions?|groups?|types?|"
    r"kinds?|tags?|buckets?|them(?:a|en)|kategorien?|klassen?|gruppen?|absichten|stimmungen|"
    r"ラベル|カテゴリー?|トピック|クラス|種類|意図|感情)",
    re.IGNORECASE,
)
# A phrase with one of these words is part of a sentence, not a name.
_FUNCTION_WORDS = """
    it you we they i that which this these those is are was were has have had be been will would
    should must can could please if when while because the their them me my your our there such
    like es du wir sie ich ist sind war hat haben wird bitte wenn weil dass das die der den dem
    soll sollen sollte muss
"""
_SENTENCE_WORDS = frozenset(_FUNCTION_WORDS.split())
_ARTICLES = re.compile(
    r"^(?:an?|the|eine?[nmrs]?|der|die|das|about|either|entweder)\s+", re.IGNORECASE
)
_ENUMERATOR = re.compile(r"^(?:\(?(?:\d{1,2}|[a-h])[.)]|\d{1,2}\s*[=:])\s+")
_WRAPPERS = "\"'`*“”„‘’«»「」『』"
_MEANING = re.compile(r"\s*(?:[:：]|\s[-–—]\s|\s(?:->|=>|=)\s|→)\s*")
_IN_PARENTHESES = re.compile(r"(.+?)\s*[(（](.+)[)）]")


def parse_label(text: str) -> Label:
    """Split `name: meaning`, `name - meaning` or `name (meaning)` and clean the name."""
    text = _ENUMERATOR.sub("", text.strip(), count=1)
    parts = _MEANING.split(text, maxsplit=1)
    if len(parts) == 1 and (match := _IN_PARENTHESES.fullmatch(text.rstrip(".,;"))):
        parts = [match[1], match[2]]
    meaning = parts[1].strip(" *_") if len(parts) == 2 else ""
    return Label(name=clean(parts[0]), meaning=meaning)


def clean(name: str) -> str:
    """Take white space, quotes, emphasis and end punctuation off a name."""
    name = name.strip().rstrip(".,;。、").strip()
    bare = name.strip(_WRAPPERS).strip()
    return re.sub(r"\s+", " ", bare)


def without_article(name: str) -> str:
    """Return "question" for "a question"."""
    return _ARTICLES.sub("", name, count=1)


def is_name(name: str) -> bool:
    """Tell whether a phrase may be a label: short, not generic, not part of a sentence."""
    words = name.casefold().split()
    return (
        0 < len(name) <= LONGEST_NAME
        and len(words) <= MOST_WORDS
        and not _GENERIC.fullmatch(name)
        and not (len(words) > 1 and _SENTENCE_WORDS & set(words))
        and not re.search(r"[.!?;:。！？{}]\s|[{}<>]|[.!?]$", name)
        and any(character.isalnum() for character in name)
    )


def are_names(names: Sequence[str]) -> bool:
    """Tell whether phrases may be a set of labels: two or more, all names, no two the same."""
    return len(names) >= 2 and len(set(names)) == len(names) and all(map(is_name, names))
