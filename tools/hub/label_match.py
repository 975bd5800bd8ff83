"""Matching the label names of a data set to those of a task, one to one.

Names are compared by what people do to names: case, camelCase, underscores, abbreviations, a word
more or less. What that leaves open is settled by meaning, where it is clear, and by elimination.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tools.hub.names import name_similarity, normalise
from tools.services import Encoder
from tools.task import Label

SURE = 0.8
"""Similarity from which two names are taken for the same label."""
CLOSE_IN_MEANING = 0.55
MARGIN = 0.08
"""How much better than either name's next best a match by fuzziness or meaning has to be."""


@dataclass(frozen=True)
class LabelMatch:
    """Which label of the data means which label of the task.

    Attributes:
        pairs: Label of the data to label of the task; unmatched labels of the data are absent.
        how: Label of the data to the way it was matched.
        covered: Share of the task's labels that the data have.
        used: Share of the data's labels that the task knows.
    """

    pairs: dict[str, str]
    how: dict[str, str] = field(default_factory=dict)
    covered: float = 0.0
    used: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether the data are about the task's labels: most of them, and not by accident."""
        return len(self.pairs) >= 2 and self.covered >= 0.5 and self.used >= 0.25


def match_labels(
    theirs: Sequence[str], ours: Sequence[Label], encoder: Encoder | None = None
) -> LabelMatch:
    """Match the data's label names to the task's.

    Args:
        theirs: Label names of the data.
        ours: Labels of the task.
        encoder: Judges meaning where names differ; without one only names count.
    """
    if not theirs or not ours:
        return LabelMatch({})
    names = np.array([[name_similarity(t, o.name) for o in ours] for t in theirs])
    pairs = _assign(names, SURE)
    how = {row: _how(float(names[row, column])) for row, column in pairs.items()}
    if encoder is not None:
        for row, column in _by_meaning(theirs, ours, names, pairs, encoder).items():
            pairs[row], how[row] = column, "meaning"
    for row, column in _by_elimination(len(theirs), len(ours), pairs).items():
        pairs[row], how[row] = column, "elimination"
    return LabelMatch(
        pairs={theirs[row]: ours[column].name for row, column in sorted(pairs.items())},
        how={theirs[row]: how[row] for row in sorted(how)},
        covered=len(pairs) / len(ours),
        used=len(pairs) / len(theirs),
    )


def _how(similarity: float) -> str:
    return "name" if similarity >= 1.0 else "similar name"


def _assign(scores: NDArray[np.float64], least: float) -> dict[int, int]:
    """Best one-to-one assignment of pairs that are good, with nothing else nearly as good."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(scores, maximize=True)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if scores[row, column] >= least and _clear(scores, int(row), int(column))
    }


def _clear(scores: NDArray[np.float64], row: int, column: int) -> bool:
    score = scores[row, column]
    if score >= 0.99:
        return True
    rivals = np.concatenate([np.delete(scores[row], column), np.delete(scores[:, column], row)])
    # A rival that has an exact match of its own is no rival.
    return not rivals.size or score >= rivals.max() + MARGIN or _rivals_taken(scores, row, column)


def _rivals_taken(scores: NDArray[np.float64], row: int, column: int) -> bool:
    near = scores[row, column] - MARGIN
    columns = [c for c in range(scores.shape[1]) if c != column and scores[row, c] > near]
    rows = [r for r in range(scores.shape[0]) if r != row and scores[r, column] > near]
    return all(scores[:, c].max() >= 0.99 for c in columns) and all(
        scores[r].max() >= 0.99 for r in rows
    )


def _by_meaning(
    theirs: Sequence[str], ours: Sequence[Label], names: NDArray[np.float64],
    pairs: dict[int, int], encoder: Encoder,
) -> dict[int, int]:  # fmt: skip
    """Match what is left over by the meaning of names and, where given, of their explanations."""
    rows = [r for r in range(len(theirs)) if r not in pairs]
    columns = [c for c in range(len(ours)) if c not in pairs.values()]
    if not rows or not columns:
        return {}
    left = encoder.encode([normalise(theirs[r]) for r in rows])
    by_name = left @ encoder.encode([normalise(ours[c].name) for c in columns]).T
    by_text = left @ encoder.encode([f"{ours[c].name}: {ours[c].meaning}" for c in columns]).T
    meaning = np.maximum(by_name, by_text).astype(np.float64)
    meaning[names[np.ix_(rows, columns)] == 0.0] = 0.0
    found = _assign(meaning, CLOSE_IN_MEANING)
    return {rows[row]: columns[column] for row, column in found.items()}


def _by_elimination(theirs: int, ours: int, pairs: dict[int, int]) -> dict[int, int]:
    """The last label on either side, when both sides have equally many and the rest is matched."""
    if theirs != ours or len(pairs) != ours - 1 or ours < 2:
        return {}
    row = next(r for r in range(theirs) if r not in pairs)
    column = next(c for c in range(ours) if c not in pairs.values())
    return {row: column}
