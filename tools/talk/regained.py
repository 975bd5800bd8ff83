"""Rows of a label that the task gives up, and has again when the label comes back."""

from collections.abc import Callable, Sequence

from tools.curation.duplicates import near_duplicates_of
from tools.examples import Example, ExampleStore, Split
from tools.hub.names import normalise
from tools.reasons import Reason
from tools.splits import GIVEN
from tools.talk.given import admit

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def give_up(store: ExampleStore, names: Sequence[str]) -> None:
    """Take the rows of labels out of use, so that `regain` can bring them back."""
    for name in names:
        rows = [x.id for s in SPLITS for x in store.accepted(s) if x.output == name]
        store.reject(_decision(name), rows, "label not in task")


def _decision(name: str) -> str:
    return f"removed-{normalise(name)}"


def regain(
    store: ExampleStore, names: Sequence[str], by: str, unfit: Callable[[Example], Reason | None]
) -> None:
    """Bring in the rows of labels that are new, or new again; repeating it changes nothing.

    Those that test do so again, and what has come since to be trained on and nearly repeats them
    goes. What comes to be trained on goes again where it repeats what has come since.

    Args:
        store: The run's examples.
        names: The labels, as they are spelled now.
        by: Names the decisions on rows that go again.
        unfit: Says why the task as it is has no use for a row; None where it has.
    """
    spelled = {normalise(name): name for name in names}
    for name in names:
        store.restore(_decision(name))
    outputs = {output for split in SPLITS for output in store.label_counts(split)} - set(names)
    store.relabel({o: spelled[normalise(o)] for o in outputs if normalise(o) in spelled})
    admit(store, store.calls(GIVEN), names)
    for split in SPLITS:
        for row in store.accepted(split):
            if row.output in names and (reason := unfit(row)):
                store.reject(by, [row.id], reason)
    _part(store, names, by)


def _part(store: ExampleStore, names: Sequence[str], by: str) -> None:
    """Take rows out of training that repeat what is held out, or one of these labels another."""
    train = store.accepted("train")
    held = [x for split in SPLITS[1:] for x in store.accepted(split)]
    back = [x.input for x in held if x.output in names]
    near = near_duplicates_of([x.input for x in train], back)
    mine = [x for x in train if x.output in names]
    mine_near = near_duplicates_of([x.input for x in mine], [x.input for x in held])
    pairs = [*zip(train, near, strict=True), *zip(mine, mine_near, strict=True)]
    store.reject(by, dict.fromkeys(x.id for x, is_near in pairs if is_near), "contamination")
    seen = {x.key for x in train if x.output not in names}
    again = []
    for row in mine:
        again += [row.id] * (row.key in seen)
        seen.add(row.key)
    store.reject(by, again, "duplicate")
