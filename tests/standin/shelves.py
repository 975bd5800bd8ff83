"""Drawing rows without replacement such that the order of the requests hardly matters."""

import random
from collections.abc import Sequence

from tests.standin.rows import Row


class Pool:
    """Rows of one kind, each drawn once, by linear probing as in an open-addressing hash table.

    Which rows are drawn by a set of requests does not depend on the order they come in, since the
    occupied slots of such a table do not; only who gets which does, where two of them collide.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self.refill()

    def refill(self) -> None:
        """Make every row available again."""
        self._used = [False] * len(self._rows)
        self._left = len(self._rows)

    def draw(self, hash_: int) -> Row | None:
        """Return the first row from slot `hash_` on that is not drawn yet; None if all are."""
        if not self._left:
            return None
        slot = hash_ % len(self._rows)
        while self._used[slot]:
            slot = (slot + 1) % len(self._rows)
        self._used[slot] = True
        self._left -= 1
        return self._rows[slot]


class Shelf:
    """The rows of one label: the asked difficulty first, then the other, then all over again."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._pools = [Pool([row for row in rows if row.hard is hard]) for hard in (False, True)]
        self.given: list[Row] = []

    def draw(self, hard: bool, rng: random.Random) -> Row:
        hash_ = rng.getrandbits(32)
        order = (self._pools[hard], self._pools[not hard])
        row = order[0].draw(hash_) or order[1].draw(hash_)
        if row is None:
            for pool in order:
                pool.refill()
            return self.draw(hard, rng)
        self.given.append(row)
        return row
