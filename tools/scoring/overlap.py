"""Metrics of the words that an answer has in common with the right one."""

from collections import Counter
from collections.abc import Sequence

from tools.scoring.summed import RowMean
from tools.scoring.words import answer_words, plain_words


def token_f1(gold: str, given: str) -> float:
    """Return the F1 of the words of an answer, as in SQuAD 2.0: of nothing, nothing is right."""
    right, words = answer_words(gold), answer_words(given)
    if not right or not words:
        return float(right == words)
    shared = (Counter(right) & Counter(words)).total()
    return 2 * shared / (len(right) + len(words))


class TokenF1(RowMean):
    """Mean F1 of the words, by SQuAD's normalisation (Rajpurkar et al. 2016)."""

    name = "token_f1"

    def row(self, gold: str, given: str) -> float:
        """Return the F1 of one answer."""
        return token_f1(gold, given)


class SquadMatch:
    """Share of answers that are right by SQuAD's normalisation: case, punctuation, articles."""

    name = "squad_em"
    proportion = True

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        """Return the share of pairs with equal words; 0 for no rows."""
        pairs = zip(gold, predicted, strict=True)
        right = sum(answer_words(wanted) == answer_words(given) for wanted, given in pairs)
        return right / len(gold) if gold else 0.0


class RougeL(RowMean):
    """Mean F1 of the longest common subsequence of words (Lin 2004), without stemming.

    It equals `rouge_score` on texts in a to z; of other scripts that package sees nothing.
    """

    name = "ROUGE-L"

    def row(self, gold: str, given: str) -> float:
        """Return the F1 of one answer; 0 where either has no words."""
        right, words = plain_words(gold), plain_words(given)
        if not right or not words:
            return 0.0
        return 2 * common_subsequence(right, words) / (len(right) + len(words))


def common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence (bit-parallel, Hyyrö 2004)."""
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    mask = (1 << len(one)) - 1
    row = mask
    for word in other:
        matches = row & places.get(word, 0)
        row = (row + matches | row - matches) & mask
    return len(one) - row.bit_count()
