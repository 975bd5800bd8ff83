"""Disjoint sets, also known as union-find."""


class DisjointSets:
    """Sets of the numbers 0 to `size` - 1, at first each in a set of its own."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, number: int) -> int:
        """Return the number that stands for the set of `number`."""
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def join(self, number: int, other: int) -> None:
        """Merge the sets of two numbers; the root of `other` becomes that of both."""
        self._parent[self.root(number)] = self.root(other)
