import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.scoring.intervals import interval
from tools.scoring.metrics import METRICS
from tools.scoring.ngrams import tokenizer_of
from tools.scoring.overlap import SquadMatch, common_subsequence, token_f1
from tools.scoring.resampling import scorer
from tools.scoring.summed import SummedMetric
from tools.scoring.words import answer_words, plain_words

WORD = st.sampled_from(["the", "cat", "sat,", "On", "a", "mat.", "(hi)", "3.5", "U.S.", "%", "x"])
TEXT = st.lists(WORD, max_size=9).map(" ".join)
PAIRS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=12)
FOREIGN = [
    ("今日はとても良い天気です。", "今日は良い天気でした。"),
    ("明日は雨が降るでしょう。", "明日は雨です。"),
    ("ญี่ปุ่นเป็นประเทศ", "ญี่ปุ่นเป็นเกาะ"),
]
CHINESE = [
    ("今天天气很好，我们去公园。", "今天天气不错，我们去公园吧。"),
    ("他说 OK 了", "他说 ok"),
]
SUMMED = [metric for metric in METRICS.values() if isinstance(metric, SummedMetric)]


def unzipped(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [right for right, _ in pairs], [given for _, given in pairs]


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_chrf_and_bleu_are_sacrebleus_corpus_scores(pairs: list[tuple[str, str]]) -> None:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    right, given_ = unzipped(pairs)
    chrf = CHRF(word_order=2).corpus_score(given_, [right]).score / 100
    assert METRICS["chrF++"].score(right, given_) == pytest.approx(chrf)
    bleu = BLEU(force=True).corpus_score(given_, [right]).score / 100
    assert METRICS["BLEU"].score(right, given_) == pytest.approx(bleu)


@pytest.mark.parametrize(("pairs", "tokenizer"), [(FOREIGN, "char"), (CHINESE, "zh")])
def test_bleu_splits_words_by_script(pairs: list[tuple[str, str]], tokenizer: str) -> None:
    from sacrebleu.metrics.bleu import BLEU

    right, given_ = unzipped(pairs)
    assert {tokenizer_of(text) for text in right} == {tokenizer}
    expected = BLEU(tokenize=tokenizer).corpus_score(given_, [right]).score / 100
    assert expected > 0.1
    assert METRICS["BLEU"].score(right, given_) == pytest.approx(expected)


@settings(deadline=None, max_examples=60)
@given(PAIRS)
def test_rouge_l_is_that_of_rouge_score(pairs: list[tuple[str, str]]) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    theirs = RougeScorer(["rougeL"])
    expected = [theirs.score(right, given_)["rougeL"].fmeasure for right, given_ in pairs]
    assert METRICS["ROUGE-L"].score(*unzipped(pairs)) == pytest.approx(np.mean(expected))


@given(st.text("ab", max_size=12), st.text("abc", max_size=12))
def test_common_subsequence_is_the_longest(one: str, other: str) -> None:
    table = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    for i, a in enumerate(one, start=1):
        for j, b in enumerate(other, start=1):
            longer = table[i - 1, j - 1] + 1
            table[i, j] = longer if a == b else max(table[i - 1, j], table[i, j - 1])
    assert common_subsequence(one, other) == table[-1, -1]


def published(text: str) -> list[str]:
    """What the script of SQuAD 2.0 makes of an answer, as published."""
    text = "".join(ch for ch in text.lower() if ch not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def published_f1(right: str, given_: str) -> float:
    wanted, found = published(right), published(given_)
    if not wanted or not found:
        return float(wanted == found)
    shared = sum((Counter(wanted) & Counter(found)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(found), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)


@given(PAIRS)
def test_token_f1_and_em_are_those_of_squads_script(pairs: list[tuple[str, str]]) -> None:
    expected = [published_f1(right, given_) for right, given_ in pairs]
    assert METRICS["token_f1"].score(*unzipped(pairs)) == pytest.approx(np.mean(expected))
    equal = [published(right) == published(given_) for right, given_ in pairs]
    assert SquadMatch().score(*unzipped(pairs)) == pytest.approx(np.mean(equal))


def test_scripts_without_spaces_are_compared_by_character() -> None:
    assert answer_words("「東京都」の 2 月") == ("東", "京", "都", "の", "2", "月")
    assert token_f1("東京都", "京都") == pytest.approx(0.8)
    assert token_f1("서울시", "서울") == pytest.approx(0.8)
    assert plain_words("हिन्दी में, Übung_1") == ("हिन्दी", "में", "übung", "1")
    assert answer_words("naïve “Qur’an”") == ("naïve", "quran")


@pytest.mark.parametrize(
    ("right", "given_", "f1"),
    [
        ('{"a": 1, "b": {"c": "X y"}}', '{"b": {"c": " x Y"}, "a": 1.0}', 1.0),
        ('{"a": 1, "b": 2}', '{"a": 1}', 2 / 3),
        ('{"a": 1}', '{"a": "1"}', 0.0),
        ('{"a": true}', '{"a": 1}', 0.0),
        ('{"a": [1, 2, 3]}', '{"a": [3, 1]}', 0.8),
        ('[{"a": 1}, {"a": 2}]', '[{"a": 2}, {"a": 1}]', 0.0),
        ('{"a": []}', '{"a": []}', 1.0),
        ("{}", "[]", 0.0),
        ('{"a": 1}', '{"a": 1', 0.0),
        ('{"a": NaN}', '{"a": NaN}', 1.0),
        ("N/A", "n/a", 1.0),
        ("N/A", '{"a": 1}', 0.0),
        ('{"a": 12345678901234567890}', '{"a": 12345678901234567891}', 0.0),
    ],
)
def test_json_f1_compares_fields(right: str, given_: str, f1: float) -> None:
    assert METRICS["json_f1"].score([right], [given_]) == pytest.approx(f1)


def test_json_validity_looks_at_the_answer_alone() -> None:
    deep = "[" * 100_000
    given_ = ['{"a": 1}', "[1]", '{"a": 1', "", deep, "[" * 400 + "]" * 400]
    assert METRICS["json_valid"].score(["x"] * 6, given_) == pytest.approx(0.5)
    assert METRICS["json_f1"].score(["{}"] * 6, given_) == 0.0


@pytest.mark.parametrize("metric", SUMMED, ids=lambda m: m.name)
@settings(deadline=None, max_examples=25)
@given(PAIRS, st.integers(0, 99))
def test_resamples_score_as_if_alone(
    metric: SummedMetric, pairs: list[tuple[str, str]], seed: int
) -> None:
    known = METRICS[metric.name]  # type: ignore[attr-defined]
    n = len(pairs)
    rows = np.random.default_rng(seed).integers(0, n, (4, n))
    resampled = scorer(known, *unzipped(pairs))
    alone = [known.score(*unzipped([pairs[i] for i in drawn])) for drawn in rows]
    assert resampled.score(rows) == pytest.approx(np.array(alone))
    if n > 1:
        left = [known.score(*unzipped(pairs[:i] + pairs[i + 1 :])) for i in range(n)]
        assert resampled.leave_one_out() == pytest.approx(np.array(left))


def test_interval_of_a_corpus_metric_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)

    def drawn(n: int) -> tuple[list[str], list[str]]:
        words = rng.integers(0, 50, (n, 6))
        given_ = np.where(rng.random((n, 6)) < 0.8, words, rng.integers(0, 50, (n, 6)))
        return ([" ".join(f"w{i}" for i in row) for row in side] for side in (words, given_))  # type: ignore[return-value]

    metric = METRICS["chrF++"]
    truth = metric.score(*drawn(1_500))
    found = [interval(metric, *drawn(40), seed) for seed in range(60)]
    hits = [ci is not None and ci[0] <= truth <= ci[1] for ci in found]
    assert 0.88 <= np.mean(hits) <= 0.99
