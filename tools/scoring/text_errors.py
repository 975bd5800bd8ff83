"""What a student of free text gets wrong: regions of outputs or subjects, failing in one way."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tools.examples import Example, Scored
from tools.scoring.failures import CLOSE, NUMBERS, OTHER, failure
from tools.scoring.overlap import token_f1
from tools.scoring.shapes import regular, shape
from tools.scoring.words import is_alone, plain_words

_PLAIN = (OTHER, NUMBERS, CLOSE)
"""Kinds that most answers have where no two people would write the same, as in translation."""
_TOPICS = 8
_ROWS_A_TOPIC = 15
_TERMS = 3
_LONG = 4
"""Letters of a word that may name a subject: most shorter ones are on every subject."""
_FAMILIAR = 0.5


@dataclass(frozen=True)
class Failed:
    """One answer that is wrong.

    Attributes:
        form: Form of the right output; empty where outputs keep to none.
        kind: The kind of failure.
    """

    example: Example
    scored: Scored
    form: str
    kind: str


def failed(examples: Sequence[Example], scored: Mapping[int, Scored]) -> list[Failed]:
    """Return the wrong answers; of those that are merely other words, the worse half."""
    answered = [(e, scored[e.id]) for e in examples if e.id in scored]
    forms = regular([e.output for e, _ in answered])
    wrong = []
    for e, s in answered:
        if kind := failure(e.input, e.output, s.output, forms):
            form = shape(e.output, forms)
            wrong.append(Failed(e, s, form if form in forms else "", kind))
    plain = [_closeness(f) for f in wrong if f.kind in _PLAIN and not f.form]
    if not plain or len(plain) < _FAMILIAR * len(answered):
        return wrong
    bar = float(np.median(plain))
    return [f for f in wrong if f.form or f.kind not in _PLAIN or _closeness(f) <= bar]


def _closeness(one: Failed) -> float:
    return token_f1(one.example.output, one.scored.output)


def named(rows: Sequence[Failed]) -> list[str]:
    """Return for each wrong answer the kind of output or, where it has none, the subject."""
    topics = iter(topics_of([one.example.input for one in rows if not one.form]))
    return [one.form or next(topics) for one in rows]


def topics_of(texts: Sequence[str]) -> list[str]:
    """Return what each text is about: the words that set its cluster apart (k-means on TF-IDF)."""
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer
    from threadpoolctl import threadpool_limits

    k = min(_TOPICS, len(texts) // _ROWS_A_TOPIC)
    if k < 2 or len(set(texts)) < k:
        return ["any"] * len(texts)
    vectoriser = TfidfVectorizer(
        analyzer=_terms, min_df=2, max_df=_FAMILIAR, sublinear_tf=True, max_features=5_000
    )
    try:
        vectors = vectoriser.fit_transform(texts)
    except ValueError:  # no word occurs in two texts and not in most
        return ["any"] * len(texts)
    with threadpool_limits(1):  # several threads would add up in another order each time
        clusters = KMeans(k, n_init=3, random_state=0).fit(vectors)
    terms = vectoriser.get_feature_names_out()
    apart = clusters.cluster_centers_ - np.asarray(vectors.mean(axis=0))
    tops = apart.argsort(axis=1)[:, ::-1][:, :_TERMS]
    names = ["about " + ", ".join(terms[place] for place in top) for top in tops]
    return [names[cluster] for cluster in clusters.labels_]


def _terms(text: str) -> list[str]:
    """Return the longer words of a text, and pairs of characters that are a word each."""
    words = plain_words(text)
    alone = [is_alone(word[0]) for word in words]
    pairs = [one + other for i, (one, other) in enumerate(pairwise(words)) if all(alone[i : i + 2])]
    return [word for word in words if len(word) >= _LONG] + pairs


def grouped(rows: Sequence[Failed]) -> dict[tuple[str, str], list[Failed]]:
    """Return (name of the region, kind of failure) → wrong answers."""
    groups: dict[tuple[str, str], list[Failed]] = defaultdict(list)
    for name, one in zip(named(rows), rows, strict=True):
        groups[name, one.kind].append(one)
    return groups
