"""The labels that a prompt names: in a list, a table or a sentence, or by its demonstrations."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.reading.columns import is_closed_set
from tools.reading.enumerations import enumerated
from tools.reading.labelnames import CUE, are_names, parse_label
from tools.reading.tables import markdown_tables
from tools.task import Label

_ITEM = re.compile(r"\s*(?:[-*•+–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?P<text>\S.*)")
_STEPS = re.compile(
    r"\b(?:steps?|rules?|guidelines?|notes?|requirements?|instructions?|constraints?|hints?|"
    r"schritten?|regeln?|hinweise?|anforderungen)\b|手順|ルール|注意",
    re.IGNORECASE,
)
_LISTS_LABELS = re.compile(rf"(?<!\w){CUE}(?!\w)", re.IGNORECASE)
# First words of instruction steps, and names of fields of the prompt itself.
_IMPERATIVE_WORDS = """
    read look find choose pick decide return output answer write check use assign give make keep
    ignore do don't be think classify identify determine select provide explain respond reply
    avoid label mark compare consider include never always only lesen wähle gib bestimme prüfe
    schreibe antworte entscheide suche nutze beachte
"""
_IMPERATIVES = frozenset(_IMPERATIVE_WORDS.split())
_FIELD_WORDS = """
    input output inputs outputs language format metric example examples note notes task goal
    labels text context data dataset source role tone style length budget deadline eingabe
    ausgabe sprache aufgabe ziel 入力 出力 言語
"""
_FIELDS = frozenset(_FIELD_WORDS.split())
_INTRO_LENGTH = 200


@dataclass(frozen=True)
class _Listing:
    intro: str
    labels: tuple[Label, ...]


def labels_in_prose(prose: str) -> tuple[Label, ...]:
    """Return the labels of the first label list, label table or closed enumeration."""
    for listing in _listings(prose):
        if _lists_labels(listing):
            return listing.labels
    for table in markdown_tables(prose):
        named = tuple(Label(name=r[0].strip("`*"), meaning="; ".join(r[1:])) for r in table.cells)
        if table.lists_labels and are_names([label.name for label in named]):
            return named
    return enumerated(prose)


def labels_in_outputs(outputs: Sequence[str]) -> tuple[Label, ...]:
    """Return the distinct outputs in order of appearance where they look like a closed set."""
    if not is_closed_set(outputs):
        return ()
    return tuple(Label(name=output) for output in dict.fromkeys(outputs))


def _listings(prose: str) -> list[_Listing]:
    """Return each bulleted or numbered list, and each run of bare lines after a cue and a colon."""
    found: list[_Listing] = []
    intro: list[str] = []
    items: list[str] = []
    for line in [*prose.split("\n"), "end"]:
        item = _ITEM.fullmatch(line)
        if item:
            items.append(item["text"])
        elif items and line.startswith((" ", "\t")) and line.strip():
            items[-1] += " " + line.strip()
        elif line.strip():
            found += _listing(intro, items)
            intro = [line.strip()] if items else [*intro, line.strip()]
            items = []
    return found + _bare_lines(prose)


def _listing(intro: Sequence[str], items: Sequence[str]) -> list[_Listing]:
    if not items:
        return []
    return [_Listing(" ".join(intro)[-_INTRO_LENGTH:], tuple(map(parse_label, items)))]


def _bare_lines(prose: str) -> list[_Listing]:
    found = []
    for match in re.finditer(
        r"^(.*[:：])[ \t]*\n((?:[ \t]*\S.*(?:\n|$)){2,})", prose, re.MULTILINE
    ):
        lines = match[2].strip().split("\n")
        if _LISTS_LABELS.search(match[1]) and not any(map(_ITEM.fullmatch, lines)):
            found.append(_Listing(match[1], tuple(map(parse_label, lines))))
    return found


def _lists_labels(listing: _Listing) -> bool:
    names = [label.name for label in listing.labels]
    if not are_names(names):
        return False
    sentence = re.split(r"(?<=[.!?。])\s+", listing.intro)[-1]
    cue = _LISTS_LABELS.search(sentence)
    if cue and sentence.endswith((":", "：")):
        return not _STEPS.match(sentence)
    if _STEPS.search(sentence) or _FIELDS & {name.casefold() for name in names}:
        return False
    imperatives = sum(name.casefold().split()[0] in _IMPERATIVES for name in names)
    return 2 * imperatives < len(names)
