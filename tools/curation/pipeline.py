"""Curation: what a draft must pass before it is accepted, cheapest check first.

A run has one curator, which keeps the near-duplicate index in memory. The store stays the truth on
which rows still count: a row that was rejected or replaced later is in the index, but no longer
matters.
"""

from collections.abc import Collection, Iterable
from weakref import WeakKeyDictionary, proxy

from tools.curation.duplicates import Fingerprint, NearDuplicates
from tools.curation.language import is_foreign
from tools.curation.outputs import Outputs
from tools.examples import Example, ExampleStore, Split, text_key
from tools.reasons import UNDOABLE, Reason
from tools.task import TaskSpec
from tools.teaching import Draft

_HELD_OUT: tuple[Split, ...] = ("validation", "test")
_SLACK = 3
_ROOM = 300
"""Characters that any input may have, however short the training examples are."""


class Lengths:
    """How many characters the inputs of a task may have, going by its training examples."""

    def __init__(self) -> None:
        self._shortest, self._longest = 0, 0

    def learn(self, text: str) -> None:
        """Take one training input into account."""
        self._shortest = min(self._shortest or len(text), len(text))
        self._longest = max(self._longest, len(text))

    def reason(self, text: str) -> Reason | None:
        """Return why `text` has no sensible length, or None."""
        if len(text) * _SLACK < self._shortest:
            return "too short"
        if self._longest and len(text) > max(_ROOM, self._longest * _SLACK):
            return "too long"
        return None


class Curator:
    """The memory of curation for one store.

    Get it from `curator`, which keeps one per store: filling the index anew costs a pass over all
    rows.
    """

    def __init__(self, store: ExampleStore) -> None:
        self.store = store
        self.index = NearDuplicates()
        self.keys: list[str] = []
        """Number in the index → `text_key`."""
        self.lengths = Lengths()
        self._indexed: set[str] = set()
        self._last_id = 0

    def batch(self, call: str, spec: TaskSpec, labels: Collection[str]) -> "Batch":
        """Start judging the drafts of one tool call.

        Args:
            call: Id of the call; what an earlier try of it stored does not count.
            spec: The task.
            labels: Names of the labels that the task knows; ignored for text tasks.
        """
        text = spec.output_type == "text"
        for row in self.store.rows_after(self._last_id):
            self._last_id = row.id
            if row.reason is None or row.reason in UNDOABLE:
                self._learn(row)
        for row in self.store.taken_by_hand():
            self._learn(row)  # it may have been rejected when it was looked at
        return Batch(self, call, spec, frozenset(labels), self._outputs(spec) if text else None)

    def _outputs(self, spec: TaskSpec) -> Outputs:
        rows = self.store.accepted("train")
        return Outputs(spec, [row for row in rows if row.evidence != "synthetic"])

    def _learn(self, row: Example) -> None:
        if row.split == "train":
            self.lengths.learn(row.input)
        key = row.key
        if key not in self._indexed:
            self.remember(key, self.index.fingerprint(row.input))

    def remember(self, key: str, entry: Fingerprint) -> None:
        """Put a text into the index, unless it is there."""
        if key not in self._indexed:
            self._indexed.add(key)
            self.keys.append(key)
            self.index.insert(entry)


class Batch:
    """The drafts of one tool call: each is compared with the store and with those before it.

    Attributes:
        outputs: What outputs of a text task may look like; None for label tasks.
    """

    def __init__(
        self, curator: Curator, call: str, spec: TaskSpec, labels: frozenset[str],
        outputs: Outputs | None,
    ) -> None:  # fmt: skip
        self._curator = curator
        self._call = call
        self._spec = spec
        self._labels = labels
        self.outputs = outputs
        self._accepted: set[str] = set()

    def judge(self, draft: Draft, wanted: Collection[str] | None = None) -> Reason | None:
        """Return why a draft is rejected; None accepts it, and later ones are compared with it.

        Args:
            draft: What the teacher wrote.
            wanted: Labels, or kinds of output, that still need examples; None for any output.
        """
        return self._form(draft, wanted) or self._novelty(draft.input)

    def mended(self, draft: Draft) -> Draft:
        """Return a draft with its output in the one spelling that JSON has here."""
        return self.outputs.mended(draft) if self.outputs else draft

    def kind(self, output: str) -> str:
        """Return under what quotas count an output: its label, or its kind in a text task."""
        kinds = self.outputs and self.outputs.kinds
        return kinds.of(output) if kinds else output

    def holds_out(self, text: str) -> bool:
        """Say whether `text` equals or nearly equals a validation or test input."""
        return any(
            split in _HELD_OUT for split in self._similar(self._curator.index.fingerprint(text))
        )

    def _form(self, draft: Draft, wanted: Collection[str] | None) -> Reason | None:
        if draft.problem:
            return draft.problem
        if not draft.input.strip() or not draft.output.strip():
            return "empty"
        if self._spec.output_type == "label" and draft.output not in self._labels:
            return "label not in task"
        if self.outputs and (wrong := self.outputs.reason(draft)):
            return wrong
        if wanted is not None and self.kind(draft.output) not in wanted:
            return "kind has enough" if self.outputs else "label has enough"
        if is_foreign(draft.input, self._spec.languages):
            return "wrong language"
        return self._curator.lengths.reason(draft.input)

    def _novelty(self, text: str) -> Reason | None:
        """Return which rows `text` repeats; remember it if there are none."""
        key = text_key(text)
        if self._split_of(key) == "train":
            return "duplicate"
        entry = self._curator.index.fingerprint(text)
        splits = set(self._similar(entry))
        if "train" in splits:
            return "near-duplicate"
        if splits:
            return "contamination"
        self._accepted.add(key)
        self._curator.remember(key, entry)
        return None

    def _similar(self, entry: Fingerprint) -> Iterable[Split]:
        """Yield the splits of the rows that are equal or near-duplicates."""
        for number in self._curator.index.matches(entry):
            split = self._split_of(self._curator.keys[number])
            if split is not None:
                yield split

    def _split_of(self, key: str) -> Split | None:
        if key in self._accepted:
            return "train"
        return self._curator.store.has_key(key, outside_call=self._call)


_curators: WeakKeyDictionary[ExampleStore, Curator] = WeakKeyDictionary()


def curator(store: ExampleStore) -> Curator:
    """Return the curator of a store, with what it has learned so far."""
    if store not in _curators:
        # Only a proxy: a curator that held its own key would never be let go.
        _curators[store] = Curator(proxy(store))
    return _curators[store]
