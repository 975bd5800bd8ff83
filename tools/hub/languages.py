"""Which language a config of a data set is in."""

import re

from tools.language import base_language, identify
from tools.sources import DatasetInfo

IDENTIFIED_CHARACTERS = 2_000


def languages_of(info: DatasetInfo) -> frozenset[str]:
    """Return the languages a config may be in; one where card, name or sample rows settle it.

    Empty means unknown.
    """
    declared = {base_language(tag) for tag in info.languages} - {None}
    known = frozenset(tag for tag in declared if tag)
    if len(known) == 1:
        return known
    pieces = [info.config, *re.split(r"[^A-Za-z]+", info.config)]
    named = {base_language(piece) for piece in pieces if len(piece) >= 2} & known
    if len(named) == 1:
        return frozenset(tag for tag in named if tag)
    return _identified(_sample_text(info), known) or known


def _sample_text(info: DatasetInfo) -> str:
    values = [v for row in info.samples for v in row.values() if isinstance(v, str)]
    return " ".join(value for value in values if " " in value or not value.isascii())


def _identified(text: str, among: frozenset[str]) -> frozenset[str]:
    """Identify the language of a text; unknown where there is too little of it."""
    if len(text) < 40:
        return frozenset()
    language, probability = identify(text[:IDENTIFIED_CHARACTERS])
    sure = probability > 0.9 and (not among or language in among)
    return frozenset({language}) if sure else frozenset()
