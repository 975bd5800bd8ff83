"""Practice queries for `find_cards`, made from the cards alone; weights are chosen on them.

A sentence of a card that names other sets, with all names masked, asks for the sets it names. So
does the first sentence of such a card. What the card itself says of them is not used in ranking.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.cards import Card, Mentions
from tools.hub.words import content_words

FEWEST_WORDS = 3


@dataclass(frozen=True)
class Practice:
    """A query made of a card.

    Attributes:
        card: Position of the card that it comes from, which may not be found.
        relevant: Positions of the sets that it named.
    """

    text: str
    card: int
    relevant: frozenset[int]


def practice(cards: Sequence[Card], mentions: Mentions) -> list[Practice]:
    """Return the queries of all cards, in order."""
    found = []
    for position, card in enumerate(cards):
        by_sentence = [(s, mentions.named_in(s) - {position}) for s in card.sentences]
        everything = set().union(*(named for _, named in by_sentence))
        if not everything:
            continue
        asked = [(s, named) for s, named in by_sentence if named]
        for sentence, named in [(card.sentences[0], everything), *asked]:
            text = _without(mentions.masked(sentence, {*named, position}), card)
            if len(content_words(text)) >= FEWEST_WORDS:
                found.append(Practice(text, position, frozenset(named)))
    return found


def _without(text: str, card: Card) -> str:
    for name in {card.name, card.name.replace(" ", "-"), *card.called}:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "it", text, flags=re.IGNORECASE)
    return " ".join(text.split())
