"""How much is read of a split that is too large to be read as a whole."""

from collections import Counter

MOST_TRAIN_ROWS = 20_000
_FEWEST_SHARE = 10


class Quota:
    """Which rows of a large split are taken, so that no label fills it alone.

    Rows are taken as they come, at most about twice a label's equal share. Once there are
    enough, only labels with less than a tenth of theirs are still wanted.

    Args:
        labels: How many labels there are; 0 where that shows only on the way, None for texts.
        per_label: At most so many rows of a label.
        most: Rows wanted in all.
    """

    def __init__(
        self, labels: int | None, per_label: int | None, most: int = MOST_TRAIN_ROWS
    ) -> None:
        self._labels = labels
        self._per_label = per_label or most
        self._most = most
        self._taken: Counter[str] = Counter()
        self._keys: set[str] = set()
        self._total = 0

    def takes(self, label: str, key: str) -> bool:
        """Say whether a row is wanted, and count it if so.

        Args:
            label: The row's label.
            key: Identity of its text; a text is wanted once.
        """
        if key in self._keys or self._taken[label] >= self._cap:
            return False
        self._keys.add(key)
        if self._labels is not None:
            self._taken[label] += 1
        self._total += 1
        return True

    @property
    def full(self) -> bool:
        """Whether no further row is wanted."""
        if self._labels is None:
            return self._total >= self._most
        known = self._labels or len(self._taken)
        rich = [n for n in self._taken.values() if n >= self._enough]
        several = len(rich) >= max(2, known)
        capped = several and all(n >= self._per_label for n in rich)
        return several and (self._total >= self._most or capped)

    @property
    def _share(self) -> int:
        return max(1, self._most // max(2, self._labels or len(self._taken)))

    @property
    def _enough(self) -> int:
        return min(self._per_label, max(1, self._share // _FEWEST_SHARE))

    @property
    def _cap(self) -> int:
        if self._labels is None:
            return self._most
        wanted = self._enough if self._total >= self._most else self._doubled
        return min(self._per_label, wanted)

    @property
    def _doubled(self) -> int:
        """Two labels get half each; of many, one may have twice its share."""
        return min(2 * self._share, self._most // 2)
