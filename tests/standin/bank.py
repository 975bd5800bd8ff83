"""A bank of examples that writes and answers as a large model would, as flawed as is wanted."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from threading import RLock

from tests.standin.neighbours import Neighbours
from tests.standin.rows import Row, load_rows, pair_rows, tiny_rows
from tests.standin.shelves import Shelf
from tools.scoring.shapes import shape
from tools.text import folded


@dataclass(frozen=True)
class Flaws:
    """How often the bank goes wrong, each a share of the rows.

    Attributes:
        label_noise: A row of another label is given under the asked one, a confusable one if any.
        duplicates: A row given before is given again, at times slightly edited.
        skew: A row is written for the bank's favourite of the asked labels instead.
        errors: An input is answered wrongly.
        malformed: A text has another form than it should, as if it were for a person to read.
    """

    label_noise: float = 0.0
    duplicates: float = 0.0
    skew: float = 0.0
    errors: float = 0.0
    malformed: float = 0.0


class Bank:
    """Writes examples from its rows, without replacement until they are used up, then again.

    Everything random comes from `seed` and the key of the request, so equal requests draw alike;
    see `Pool` for why concurrent requests end up with the same rows in any order.
    """

    def __init__(self, rows: Sequence[Row], seed: int = 0, flaws: Flaws | None = None) -> None:
        self.rows = rows
        self.seed = seed
        self.flaws = flaws or Flaws()
        # Built when first needed by several threads at once, hence re-entrant and held throughout.
        self._lock = RLock()
        self._names = [plain(row.output) for row in rows]
        by_label: defaultdict[str, list[Row]] = defaultdict(list)
        for name, row in zip(self._names, rows, strict=True):
            by_label[name].append(row)
        self._shelves = {label: Shelf(of_label) for label, of_label in by_label.items()}
        self._everything = Shelf(rows)
        by_form: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_form[shape(row.output)].append(row)
        self._forms = {form: Shelf(of_form) for form, of_form in by_form.items()}
        self._near: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row.near and plain(row.near) in self._shelves:
                self._near[plain(row.near)].add(plain(row.output))
                self._near[plain(row.output)].add(plain(row.near))
        self._answers = {folded(row.input): row.output for row in rows}

    @cached_property
    def labels(self) -> list[str]:
        """The outputs, each once, in the order of the rows."""
        return list(dict.fromkeys(row.output for row in self.rows))

    @cached_property
    def _neighbours(self) -> Neighbours:
        return Neighbours([row.input for row in self.rows])

    def write(
        self,
        asked: Mapping[str, int] | int,
        hard: bool,
        key: str,
        forms: Sequence[tuple[Sequence[str], int]] = (),
    ) -> list[tuple[str, str]]:
        """Return (input, output) pairs; labels that the bank does not know get none.

        Args:
            asked: Label to number of examples, or just the number for a text task.
            hard: Prefer rows that are easily confused.
            key: Names the request.
            forms: For a text task, outputs whose form others should have, and how many; anything
                is written where the bank has none.
        """
        rng = Random(f"{self.seed}/{key}")
        with self._lock:
            if isinstance(asked, int):
                shelves = [s for outputs, n in forms for s in [self._shelf(outputs, rng)] * n]
                shelves = shelves or [self._everything] * asked
                return [self._text_pair(shelf, hard, rng) for shelf in shelves]
            known = {label: n for label, n in asked.items() if plain(label) in self._shelves}
            wanted = [label for label, n in known.items() for _ in range(n)]
            return [(self._text(label, hard, rng), label) for label in self._skewed(wanted, rng)]

    def _skewed(self, wanted: Sequence[str], rng: Random) -> list[str]:
        favourite = min(wanted, key=lambda name: Random(f"{self.seed}/{name}").random(), default="")
        return [favourite if rng.random() < self.flaws.skew else label for label in wanted]

    def _text(self, label: str, hard: bool, rng: Random) -> str:
        name = plain(label)
        if rng.random() < self.flaws.label_noise and len(self._shelves) > 1:
            name = rng.choice(sorted(self._near[name] or self._shelves.keys() - {name}))
        return self._draw(self._shelves[name], hard, rng).input

    def _shelf(self, outputs: Sequence[str], rng: Random) -> Shelf:
        """Return the rows whose outputs have the form of one of `outputs`."""
        known = [form for form in sorted(set(map(shape, outputs))) if form in self._forms]
        free = rng.random() < self.flaws.skew or not known
        return self._everything if free else self._forms[rng.choice(known)]

    def _text_pair(self, shelf: Shelf, hard: bool, rng: Random) -> tuple[str, str]:
        row = self._draw(shelf, hard, rng)
        noisy = rng.random() < self.flaws.label_noise
        output = rng.choice(self.rows).output if noisy else row.output
        if self.flaws.malformed and rng.random() < self.flaws.malformed:
            output = rng.choice(_FOR_PEOPLE).format(output.replace("-", "/"))
        return row.input, output

    def _draw(self, shelf: Shelf, hard: bool, rng: Random) -> Row:
        if shelf.given and rng.random() < self.flaws.duplicates:
            return _edited(rng.choice(shelf.given), rng)
        return shelf.draw(hard, rng)

    def answer(self, text: str, allowed: Iterable[str], key: str) -> str:
        """Return the output for one input: the bank's own, or that of the most similar input.

        Args:
            text: The input.
            allowed: Labels to choose from, spelled as they should come back; empty for any.
            key: Names the request; the errors depend on it.
        """
        rng = Random(f"{self.seed}/{key}/{text}")
        spelling = {plain(label): label for label in allowed}
        with self._lock:
            output = self._right(text, frozenset(spelling))
        if rng.random() < self.flaws.errors:
            output = self._wrong(output, frozenset(spelling), rng)
        return spelling.get(plain(output), output)

    def _right(self, text: str, names: frozenset[str]) -> str:
        known = self._answers.get(folded(text))
        if known is not None and (not names or plain(known) in names):
            return known
        fitting = frozenset(i for i, name in enumerate(self._names) if name in names)
        return self.rows[self._neighbours.nearest(text, fitting or None)].output

    def _wrong(self, right: str, names: frozenset[str], rng: Random) -> str:
        near = self._near.get(plain(right), set())
        others = [label for label in self.labels if label != right]
        others = [label for label in others if not names or plain(label) in names]
        confused = [label for label in others if plain(label) in near]
        return rng.choice(confused or others or [right])


_FOR_PEOPLE = ("Output: {}", "The answer is {}.", "{} (see the input)", "{}?")


def plain(label: str) -> str:
    """Return a label without differences of case, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", label).casefold() or label


def _edited(row: Row, rng: Random) -> Row:
    text = row.input
    edits = [text, text.lower(), text.rstrip(".?!。") + "!", text.replace(" ", "  ", 1)]
    return replace(row, input=rng.choice(edits))


def load_bank(name: str, seed: int = 0, flaws: Flaws | None = None) -> Bank:
    """Return one of the banks beside the checkout, or `tiny`, which is built in.

    Raises:
        FileNotFoundError: There is no such bank.
    """
    return Bank(tiny_rows() if name == "tiny" else load_rows(name), seed, flaws)


def from_pairs(pairs: Iterable[tuple[str, str]], seed: int = 0, flaws: Flaws | None = None) -> Bank:
    """Return a bank of the (input, output) pairs of a real data set."""
    return Bank(pair_rows(pairs), seed, flaws)
