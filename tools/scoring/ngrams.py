"""chrF++ and BLEU: sacrebleu's corpus scores, computed from sums over rows."""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from tools.scoring.summed import Numbers, total
from tools.scoring.words import is_alone

_BETA2 = 4
"""chrF weighs recall twice as high as precision."""
_ORDERS = 4
_REMEMBERED = 1 << 16
"""Rows kept, since a score, its interval and a comparison count the same n-grams."""


class Chrf:
    """Corpus chrF++ (Popović 2017): F2 of character 1- to 6-grams and word 1- and 2-grams."""

    name = "chrF++"
    proportion = False

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        """Return sacrebleu's corpus score, 0 to 1; 0 for no rows."""
        return total(self, gold, predicted)

    def statistics(self, gold: Sequence[str], predicted: Sequence[str]) -> Numbers:
        """Return n-grams of the answer, of the right output, and of both, by order: (n, 24)."""
        return _rows(_chrf_row, gold, predicted, 24)

    def from_statistics(self, sums: Numbers) -> Numbers:
        """Return scores of shape (...) for sums of shape (..., 24)."""
        given, right, both = (sums[..., part::3] for part in range(3))
        known = (given > 0) & (right > 0)
        orders = np.maximum(known.sum(axis=-1), 1)
        precision = (_ratio(both, given) * known).sum(axis=-1) / orders
        recall = (_ratio(both, right) * known).sum(axis=-1) / orders
        return _ratio((1 + _BETA2) * precision * recall, _BETA2 * precision + recall)


class Bleu:
    """Corpus BLEU (Papineni et al. 2002) as sacrebleu has it, with exponential smoothing.

    The tokenizer is 13a, or zh where the right output has Chinese characters and no others of a
    script without spaces; outputs in one of those are split into characters. (sacrebleu's own
    tokenizers for Japanese and Korean would have to be downloaded.)
    """

    name = "BLEU"
    proportion = False

    def score(self, gold: Sequence[str], predicted: Sequence[str]) -> float:
        """Return sacrebleu's corpus score, 0 to 1; 0 for no rows."""
        return total(self, gold, predicted)

    def statistics(self, gold: Sequence[str], predicted: Sequence[str]) -> Numbers:
        """Return lengths of answer and right output, and n-grams shared and given: (n, 10)."""
        return _rows(_bleu_row, gold, predicted, 2 + 2 * _ORDERS)

    def from_statistics(self, sums: Numbers) -> Numbers:
        """Return scores of shape (...) for sums of shape (..., 10)."""
        given, right = sums[..., 0], sums[..., 1]
        shared, counts = sums[..., 2 : 2 + _ORDERS], sums[..., 2 + _ORDERS :]
        # The k-th order without a match counts as if 1 / 2^k of an n-gram did.
        smoothed = np.where(shared > 0, shared, 0.5 ** (shared == 0).cumsum(axis=-1))
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(_ratio(smoothed, counts)).mean(axis=-1)
            brevity = np.minimum(0.0, 1 - right / given)
        possible = (shared.sum(axis=-1) > 0) & (counts > 0).all(axis=-1)
        scores: Numbers = np.where(possible, np.exp(logs + brevity), 0.0)
        return scores


def _ratio(above: Numbers, below: Numbers) -> Numbers:
    """Return quotients, 0 where the divisor is."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _rows(
    row: Callable[[str, str], tuple[int, ...]], gold: Sequence[str], given: Sequence[str], k: int
) -> Numbers:
    counts = [row(right, answer) for right, answer in zip(gold, given, strict=True)]
    return np.array(counts, dtype=np.float64).reshape(-1, k)


@lru_cache(maxsize=_REMEMBERED)
def _chrf_row(gold: str, given: str) -> tuple[int, ...]:
    return _counted(_chrf(), gold, given)


@lru_cache(maxsize=_REMEMBERED)
def _bleu_row(gold: str, given: str) -> tuple[int, ...]:
    return _counted(_bleu(tokenizer_of(gold)), gold, given)


def _counted(metric: Any, gold: str, given: str) -> tuple[int, ...]:
    # What sacrebleu's own resampling counts; the public functions score at once.
    (row,) = metric._extract_corpus_statistics([given], [[gold]])
    return tuple(row)


def tokenizer_of(text: str) -> str:
    """Return the name of sacrebleu's tokenizer for the script of a text."""
    alone = [character for character in text if character.isalpha() and is_alone(character)]
    if not alone:
        return "13a"
    return "zh" if all("\u4e00" <= character <= "\u9fff" for character in alone) else "char"


@cache
def _chrf() -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF(word_order=2)


@cache
def _bleu(tokenizer: str) -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(tokenize=tokenizer)
