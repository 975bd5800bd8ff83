"""Research descriptions (DataFinder, ACL 2023): are the data sets that were used found?

    HF_HUB_OFFLINE=1 python -m benchmarks.find_cards [--quick] [--practice] [--cards DIR]

The ranking is the one that candidates on the Hub are shortlisted by. These cards come without
downloads: how many other cards name a set takes their place. `--practice` prints the queries that
weights were chosen on (made from the cards, see `cards_practice`) instead of the benchmark's own.
`--quick` takes a quarter of the cards.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.cards import Card, Mentions, read_cards, read_queries
from benchmarks.cards_practice import practice
from benchmarks.measure import machine
from tools.hub.documents import card_document
from tools.hub.retrieval import Collection, Scores
from tools.hub.words import gist
from tools.sources import DatasetInfo
from tools.students.embeddings import CachedEncoder
from tools.students.executor import LocalExecutor

CARDS = Path(__file__).parents[2] / "shared" / "datafinder"
MENTIONED = 0.2
"""What being named by ten times as many cards is worth, in units of cosine."""
NEAR, NAMED_NEARBY = 0.05, 3.0
"""How fast a card's say falls with its score, and what being named by all that count is worth."""
FUSION = 60
"""The constant of reciprocal rank fusion (Cormack et al., SIGIR 2009)."""


@dataclass(frozen=True)
class Asked:
    """A query.

    Attributes:
        phrasings: Its text; with keyphrases, these are a second phrasing.
        relevant: Ids; one that is no card's counts as missed.
        hidden: Position of the card that it was made of; None if of none.
    """

    phrasings: tuple[str, ...]
    relevant: frozenset[str]
    hidden: int | None = None


@dataclass(frozen=True)
class Bench:
    """Cards, indexed, and which of them name which."""

    cards: Sequence[Card]
    collection: Collection
    mentions: Mentions

    def words(self, asked: Asked) -> Scores:
        """BM25 alone."""
        return self.collection.words(asked.phrasings)

    def meaning(self, asked: Asked) -> Scores:
        """Cosines alone."""
        return np.asarray(self.collection.cosines([" ".join(asked.phrasings)])[0])

    def fused(self, asked: Asked) -> Scores:
        """Plain reciprocal rank fusion."""
        return sum(
            (1 / (FUSION + 1 + np.argsort(np.argsort(-scores, kind="stable")))
             for scores in (self.words(asked), self.meaning(asked))),
            start=np.zeros(len(self.cards)),
        )  # fmt: skip

    def best_known(self, asked: Asked) -> Scores:
        """The same sets whatever is asked: those that most cards name."""
        return self._counts(asked)

    def unpopular(self, asked: Asked) -> Scores:
        """The product's ranking where nobody counts downloads."""
        return self.collection.scores(asked.phrasings, weight=0)

    def popular(self, asked: Asked) -> Scores:
        """The product's ranking, with the cards that name a set for downloads."""
        scores = self.collection.scores(asked.phrasings, MENTIONED)
        own = np.log10((1 + self.mentions.counts()) / (1 + self._counts(asked)))
        return np.asarray(scores - MENTIONED * own)

    def linked(self, asked: Asked) -> Scores:
        """The same, and sets that the best cards name rise. Only here: it takes whole cards."""
        popular = self.popular(asked)
        base = popular - MENTIONED * np.log10(1 + self._counts(asked))
        if asked.hidden is not None:
            base[asked.hidden] = -np.inf
        near = np.exp((base - base.max()) / NEAR)
        return np.asarray(popular + NAMED_NEARBY * self.mentions.counts(near / near.sum()))

    def _counts(self, asked: Asked) -> NDArray[np.float64]:
        """How many cards name each set; a card that the query was made of has no say."""
        counts = self.mentions.counts()
        if asked.hidden is not None:
            rows, columns = self.mentions.links.T
            counts[columns[rows == asked.hidden]] -= 1
        return counts


SYSTEMS: dict[str, Callable[[Bench, Asked], Scores]] = {
    "BM25": Bench.words,
    "encoder": Bench.meaning,
    "reciprocal rank fusion": Bench.fused,
    "the most mentioned, whatever": Bench.best_known,
    "Tasksmith, nobody counts": Bench.unpopular,
    "Tasksmith, mentions": Bench.popular,
    "Tasksmith, mentions and links": Bench.linked,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a quarter of the cards")
    parser.add_argument("--practice", action="store_true", help="queries that weights are set on")
    parser.add_argument("--cards", type=Path, default=CARDS)
    parser.add_argument("--cache", type=Path, help="folder to keep vectors in")
    args = parser.parse_args()
    print(machine())
    cards = read_cards(args.cards)[:: 4 if args.quick else 1]
    mentions = Mentions(cards)
    with tempfile.TemporaryDirectory() as name, LocalExecutor(Path(name) / "log") as executor:
        cache = args.cache or Path(name)
        cache.mkdir(parents=True, exist_ok=True)
        encoder = CachedEncoder(executor, cache)
        start = time.perf_counter()
        counted = zip(cards, mentions.counts(), strict=True)
        documents = [card_document(_info(card, count)) for card, count in counted]
        bench = Bench(cards, Collection(documents, encoder), mentions)
        print(f"{len(cards):,} cards encoded and indexed in {time.perf_counter() - start:.0f} s")
        for title, asked in _tasks(args.cards, bench, practising=args.practice).items():
            encoder.encode(_texts(asked))
            print(f"{title}, {len(asked)} queries\n{'':30} P@5   R@5   R@10  MRR   ms")
            for system, scores in SYSTEMS.items():
                print(f"{system:30} {measured(bench, asked, scores)}")


def _info(card: Card, mentions: float) -> DatasetInfo:
    return DatasetInfo(
        repo_id=card.id, config="default", title=card.name, description=card.text,
        licence="unknown", languages=(), tags=(), columns={}, label_names={}, splits={},
        samples=(), revision="", downloads=int(mentions),
    )  # fmt: skip


def _tasks(folder: Path, bench: Bench, *, practising: bool) -> dict[str, list[Asked]]:
    if practising:
        made = practice(bench.cards, bench.mentions)
        ids = [card.id for card in bench.cards]
        return {
            "practice": [
                Asked((one.text,), frozenset(ids[i] for i in one.relevant), one.card)
                for one in made
            ]
        }
    queries = read_queries(folder)
    return {
        "query text": [Asked((one.text,), one.relevant) for one in queries],
        "with keyphrases": [Asked((one.text, one.keyphrases), one.relevant) for one in queries],
    }


def _texts(asked: Sequence[Asked]) -> list[str]:
    """Return everything that is going to be encoded, so that rankings alone are timed."""
    texts = [text for one in asked for text in (*one.phrasings, " ".join(one.phrasings))]
    return [*texts, *map(gist, texts)]


def measured(bench: Bench, asked: Sequence[Asked], scores: Callable[[Bench, Asked], Scores]) -> str:
    """Return P@5, R@5, R@10 and MRR, means over queries, and the time of one ranking in ms."""
    start = time.perf_counter()
    orders = [bench.collection.order(scores(bench, one)) for one in asked]
    milliseconds = (time.perf_counter() - start) / len(asked) * 1000
    ids = np.array([card.id for card in bench.cards])
    rows = []
    for one, order in zip(asked, orders, strict=True):
        hits = np.isin(ids[order[order != one.hidden]], list(one.relevant))
        rows.append(_metrics(hits, len(one.relevant)))
    means = " ".join(f"{value:.3f}" for value in np.mean(rows, axis=0))
    return f"{means} {milliseconds:5.1f}"


def _metrics(hits: NDArray[np.bool_], relevant: int) -> tuple[float, float, float, float]:
    places = np.flatnonzero(hits)
    reciprocal = 1 / (1 + int(places[0])) if places.size else 0.0
    five, ten = int(hits[:5].sum()), int(hits[:10].sum())
    return five / 5, five / relevant, ten / relevant, reciprocal


if __name__ == "__main__":
    main()
