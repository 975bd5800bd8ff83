"""Training rows whose label is probably wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from tools.examples import Example, Scored
from tools.scoring.errors import label_doubts
from tools.services import Encoder

SURE = 0.9
NEIGHBOURS = 5
MOST = 0.05
"""Share of the training rows that one repair may drop: beyond it the student is to be doubted."""


def wrong_labels(
    examples: Sequence[Example], scored: Mapping[int, Scored], encoder: Encoder
) -> list[int]:
    """Return ids of rows to drop, most doubtful first.

    A row is dropped if the student, trained without it, is sure of another label and its nearest
    neighbours prefer that label too. Rows of the user's own are never dropped.

    Args:
        examples: The training rows.
        scored: Out-of-fold answers of a student by example id.
        encoder: Finds the neighbours.
    """
    by_id = {example.id: place for place, example in enumerate(examples)}
    doubts = [
        doubt
        for doubt in label_doubts(examples, scored)
        if doubt.confidence >= SURE and examples[by_id[doubt.example]].evidence != "gold"
    ]
    if not doubts:
        return []
    vectors = encoder.encode([example.input for example in examples])
    ids = []
    for doubt in doubts:
        place = by_id[doubt.example]
        nearness = vectors @ vectors[place]
        nearness[place] = -np.inf
        nearest = np.argsort(-nearness, kind="stable")[:NEIGHBOURS]
        votes = Counter(examples[i].output for i in nearest)
        if votes[doubt.suggested] > votes[doubt.given]:
            ids.append(doubt.example)
    return ids[: int(len(examples) * MOST)]
