"""Descriptions of data sets for `find_cards`, and which of them mention which others."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHORTEST_NAME = 3
ORDINARY = 3
"""A name is an ordinary word or phrase if descriptions hold it as often in lower case."""


@dataclass(frozen=True)
class Card:
    """A data set as it is described.

    Attributes:
        text: Its description without links and markup.
        called: Names that the description opens with, in bold type.
    """

    id: str
    name: str
    text: str
    called: tuple[str, ...]

    @property
    def sentences(self) -> list[str]:
        """The sentences of the text."""
        pieces = re.split(r"\n+|(?<=[.!?])\s+(?=[A-Z0-9])", self.text)
        return [piece.strip() for piece in pieces if piece.strip()]


@dataclass(frozen=True)
class Query:
    """A description of some research and the ids of the data sets that it used."""

    text: str
    keyphrases: str
    relevant: frozenset[str]


def read_cards(folder: Path) -> list[Card]:
    return [_card(row["id"], row["description"]) for row in _rows(folder / "datasets.jsonl")]


def read_queries(folder: Path) -> list[Query]:
    return [
        Query(row["query"], row["keyphrases"], frozenset(row["relevant"]))
        for row in _rows(folder / "queries.jsonl")
    ]


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _card(identity: str, description: str) -> Card:
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", description)
    text = re.sub(r"https?://\S+", "", text)
    text = re.sub(r"^(?:Image )?Source:.*$", "", text, flags=re.MULTILINE)
    called = re.findall(r"\*\*([^*\n]{3,80})\*\*", text[:300])
    return Card(identity, identity.replace("_", " "), text.replace("**", "").strip(), tuple(called))


class Mentions:
    """Which cards name which other sets, in their text or in their own name (`Kannada-MNIST`).

    Attributes:
        links: Pairs of positions: of the card that names, and of the set that is named.
    """

    def __init__(self, cards: Sequence[Card]) -> None:
        self._size = len(cards)
        aliases = _aliases(cards)
        lower = " ".join(card.text for card in cards)
        seen = set(_pattern(aliases).findall(lower)).union(*(_parts(c.name) for c in cards))
        self._aliases = {n: aliases[n] for n in seen & aliases.keys() if not _ordinary(n, lower)}
        self._pattern = _pattern(self._aliases)
        self.links = np.array(
            [
                (row, column)
                for row, card in enumerate(cards)
                for column in sorted(self.named_in(card.text) | self._named_by(card.name))
                if column != row
            ]
        )

    def named_in(self, text: str) -> set[int]:
        """Return the positions of the sets that a text names."""
        return {self._aliases[name] for name in self._pattern.findall(text)}

    def _named_by(self, name: str) -> set[int]:
        return {self._aliases[part] for part in _parts(name) if part in self._aliases}

    def masked(self, text: str, hidden: Collection[int]) -> str:
        """Return the text without the names of some sets."""
        return self._pattern.sub(
            lambda found: "it" if self._aliases[found[1]] in hidden else found[1], text
        )

    def counts(self, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return how many cards name each set; where given, a card counts its weight."""
        rows, columns = self.links.T
        values = None if weights is None else weights[rows]
        return np.bincount(columns, values, self._size).astype(np.float64)


def _pattern(names: Collection[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    either = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<![\w-])({either})(?!\w)(?!-[A-Z0-9])")


def _aliases(cards: Sequence[Card]) -> dict[str, int]:
    """Map names as they may be written to positions; of several sets the first has a name."""
    aliases: dict[str, int] = {}
    for names_of in (_own_names, lambda card: card.called):
        for position, card in enumerate(cards):
            for name in names_of(card):
                if len(name) >= SHORTEST_NAME and re.search("[A-Za-z]", name):
                    aliases.setdefault(name, position)
    return aliases


def _own_names(card: Card) -> Iterator[str]:
    plain = re.sub(r"\s*\(.*\)", "", card.name).strip()
    for name in (card.name, plain, re.sub(r"\s+[Dd]atasets?$", "", plain)):
        yield from (name, name.replace(" ", "-"), name.replace("-", " "))


def _parts(name: str) -> set[str]:
    """Return the names within a name: `MNIST` in `Kannada-MNIST`."""
    words = re.split(r"[\s\-()/:]+", name)
    spans = [(i, j) for i in range(len(words)) for j in range(i + 1, len(words) + 1)]
    return {" ".join(words[i:j]) for i, j in spans if j - i < len(words)}


def _ordinary(name: str, texts: str) -> bool:
    return texts.count(f" {name.lower()}") >= ORDINARY
