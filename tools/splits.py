"""Who trains, who validates, who tests: decided before anything is generated or trained.

Test rows come from the first of: the user's own test file, a data set's own test split (or, failing
that, its validation split), rows held out of a data set, rows held out of the user's examples.
Rows that share a group or are near-duplicates of each other never part.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from tools.curation.duplicates import clusters, near_duplicates_of
from tools.curation.language import is_in
from tools.disjoint import DisjointSets
from tools.examples import Example, ExampleStore, Split

HELD_OUT = 0.2
SMALL_HELD_OUT = 0.1
TEST_ROWS = 2_000
VALIDATION_ROWS = 1_000
FEWEST_TO_TEST = 10
FEWEST_WRITTEN = 50
WRITTEN_HELD_OUT = 0.3
"""More than of people's rows: what a teacher writes for training comes in later rounds."""
FEWEST_TO_VALIDATE = 300
FEWEST_TEXTS_TO_VALIDATE = 60
"""Where outputs are texts: to cross-validate a student that writes takes far longer."""
INTAKE = "intake"
"""Call id under which the user's own examples are stored."""
GIVEN = "given"
"""Begins the ids of calls under which those given in a conversation are."""


@dataclass(frozen=True)
class Shares:
    """How many rows to hold out of a pool."""

    validation: int
    test: int


def hold_out(
    examples: Sequence[Example], shares: Shares, seed: int, *, written: bool = False,
    shown: Collection[str] = (),
) -> list[Example]:  # fmt: skip
    """Move about the wanted number of rows to validation and test, whole groups at a time.

    Every label keeps at least one training row, and labels are held out in proportion to how often
    they occur.

    Args:
        examples: The pool.
        shares: How many rows are wanted.
        seed: Decides which.
        written: Whether outputs are texts, which are mostly unlike each other, and not labels.
        shown: Keys of texts that a planner has seen; their groups stay in training.
    """
    groups = _groups(examples, written=written)
    order = sorted(
        group for group, rows in groups.items() if not any(examples[i].key in shown for i in rows)
    )
    random.Random(seed).shuffle(order)
    left = _Counts(examples, written=written)
    wanted: dict[Split, int] = {"test": shares.test, "validation": shares.validation}
    split_of: dict[int, Split] = {}
    for split, rows in wanted.items():
        quota = left.quotas(rows)
        for group in order:
            members = groups[group]
            if group not in split_of and left.take(members, quota):
                split_of[group] = split
    result = list(examples)
    for group, split in split_of.items():
        for index in groups[group]:
            result[index] = replace(examples[index], split=split)
    return result


class _Counts:
    """Rows left per output, and whether a group can still be taken out of them."""

    def __init__(self, examples: Sequence[Example], *, written: bool) -> None:
        self._outputs = ["" if written else example.output for example in examples]
        self._left: dict[str, int] = defaultdict(int)
        for output in self._outputs:
            self._left[output] += 1

    def quotas(self, rows: int) -> dict[str, float]:
        """Return output → rows to hold out, such that they sum to about `rows`."""
        if not rows:
            return {}
        total = sum(self._left.values())
        # Half a row of slack per output rounds small shares to the nearest, not down to nothing.
        quotas = {o: rows * n / total + 0.5 for o, n in self._left.items()}
        missing = rows - sum(map(int, quotas.values()))
        if 2 * missing > rows:
            # Many outputs with a row or two each: none has a share of its own, so some get one.
            for output in sorted(quotas, key=lambda o: -quotas[o])[:missing]:
                quotas[output] += 0.5
        return quotas

    def take(self, members: Sequence[int], quota: dict[str, float]) -> bool:
        """Take a group out if every output in it has quota and keeps a row; say whether it did."""
        needed: dict[str, int] = defaultdict(int)
        for index in members:
            needed[self._outputs[index]] += 1
        if any(quota.get(o, 0) < n or self._left[o] <= n for o, n in needed.items()):
            return False
        for output, n in needed.items():
            quota[output] -= n
            self._left[output] -= n
        return True


def _groups(examples: Sequence[Example], *, written: bool) -> dict[int, list[int]]:
    """Return group number → row numbers, joining equal group keys and near-duplicates.

    Where most inputs of a text task are near-duplicates of each other, that is their nature, as of
    commands in a formal language, and only equal ones are joined: nothing could be held out else.
    """
    near: list[object] = list(clusters([example.input for example in examples]))
    if written and 2 * max(Counter(near).values(), default=0) > len(examples):
        near = [example.key for example in examples]
    sets = DisjointSets(len(examples))
    first: dict[tuple[str, object], int] = {}
    for i, example in enumerate(examples):
        keys = [("near", near[i])] + ([("group", example.group)] if example.group else [])
        for key in keys:
            sets.join(i, first.setdefault(key, i))
    groups: dict[int, list[int]] = defaultdict(list)
    for i in range(len(examples)):
        groups[sets.root(i)].append(i)
    return groups


def split_imported(
    examples: Sequence[Example], store: ExampleStore, seed: int, *, written: bool = False,
    shown: Collection[str] = (),
) -> list[Example]:  # fmt: skip
    """Give rows of a data set their splits; on arrival `split` holds the data set's own split.

    Where test rows exist already (the user's, or an earlier data set's), this data set's own test
    rows are left out: they were not made to be trained on. Likewise validation rows, so that what
    was measured before and what will be rest on the same rows.
    """
    native: dict[Split, list[Example]] = {"train": [], "validation": [], "test": []}
    for example in examples:
        native[example.split].append(example)
    have_test, have_validation = store.count("test") > 0, store.count("validation") > 0
    if have_test:
        native["test"] = []
    elif not native["test"] and native["validation"]:
        native["test"] = [replace(e, split="test") for e in native.pop("validation")]
    validation = [] if have_validation else native.get("validation", [])
    train = native["train"]
    if not train and native["test"] and validation:
        # Rows made to test on go on testing where there are others to train on.
        train, validation = [replace(e, split="train") for e in validation], []
    elif not train:
        train, native["test"] = [replace(e, split="train") for e in native["test"]], []
    need_test = not have_test and not native["test"]
    need_validation = not have_validation and not validation
    shares = Shares(
        validation=min(VALIDATION_ROWS, int(len(train) * SMALL_HELD_OUT)) if need_validation else 0,
        test=min(TEST_ROWS, int(len(train) * HELD_OUT)) if need_test else 0,
    )
    if shares.validation or shares.test:
        train = hold_out(train, shares, seed, written=written, shown=shown)
    return [*train, *validation, *native["test"]]


def settle(store: ExampleStore, seed: int, *, written: bool) -> None:
    """Hold rows out of the user's own examples where no other rows test or validate.

    Does nothing once test rows exist, or for texts once validation rows do, too. With few examples
    there is no validation split: rounds are then compared by cross-validation on the training rows.
    Where people have written next to nothing, a teacher's examples test and validate, and the
    report says that they do.

    Args:
        store: The run's examples.
        seed: Decides which rows.
        written: Whether outputs are texts and not labels.
    """
    tested, validated = store.count("test") > 0, store.count("validation") > 0
    if tested and (validated or not written):
        return
    calls = [INTAKE, *store.calls(GIVEN)]
    stored = [e for call in calls for e in store.written_by(call)]
    mine = [e for e in stored if e.reason is None and e.split == "train"]
    fewest = FEWEST_TEXTS_TO_VALIDATE if written else FEWEST_TO_VALIDATE
    enough = len(mine) >= fewest and not validated
    share = HELD_OUT
    if len(mine) < FEWEST_TO_TEST and not tested:
        mine, enough, share = _synthetic(store), True, WRITTEN_HELD_OUT
    rows = int(len(mine) * share)
    shares = Shares(validation=rows if enough else 0, test=0 if tested else rows)
    if not (shares.validation or shares.test):
        return
    _hold(store, hold_out(mine, shares, seed, written=written))


def hold_out_given(
    store: ExampleStore, given: Sequence[Example], seed: int, *, written: bool
) -> None:
    """Hold some of the rows out that people have just given, where none of theirs test yet.

    Rows that they gave before may have been learned from, and stay where they are.

    Args:
        store: The run's examples.
        given: The rows, as stored.
        seed: Decides which.
        written: Whether outputs are texts and not labels.
    """
    by_people = any(row.evidence == "gold" for row in store.accepted("test"))
    if by_people or not store.count("test") or len(given) < FEWEST_TO_TEST:
        return
    enough = len(given) >= (FEWEST_TEXTS_TO_VALIDATE if written else FEWEST_TO_VALIDATE)
    rows = int(len(given) * HELD_OUT)
    shares = Shares(validation=rows if enough else 0, test=rows)
    _hold(store, hold_out(given, shares, seed, written=written))


@dataclass(frozen=True)
class Fresh:
    """What the task came to ask for after rows had been held out.

    Attributes:
        labels: Labels that are new.
        languages: BCP 47 tags of languages that are new.
        learned: Last round whose rows a student that may still be tested has learned from; -1 where
            there is none.
    """

    labels: Sequence[str] = ()
    languages: Sequence[str] = ()
    learned: int = -1


def hold_out_fresh(store: ExampleStore, fresh: Fresh | None, seed: int) -> None:
    """Hold rows of each new label and language out, as soon as there are enough of them.

    Else nothing would tell how good a student is at what is new. Rows that one has learned from
    stay in training. Does nothing for labels and languages that have rows held out already, nor
    where no row at all is.
    """
    if fresh is None or not store.count("test"):
        return
    splits: tuple[Split, ...] = ("test", "validation") if store.count("validation") else ("test",)
    for is_new in _tests(fresh):
        if any(is_new(row) for split in splits for row in store.accepted(split)):
            continue
        rows = [row for row in store.accepted("train") if is_new(row)]
        learned = {row.key for row in rows if row.round <= fresh.learned}
        unseen = sum(row.key not in learned for row in rows)
        if unseen < FEWEST_TO_TEST:
            continue
        share = int(unseen * HELD_OUT)
        shares = Shares(validation=share if len(splits) > 1 else 0, test=share)
        written = bool(fresh.languages)
        _hold(store, hold_out(rows, shares, seed, written=written, shown=learned))


def _tests(fresh: Fresh) -> list[Callable[[Example], bool]]:
    """Return for each new label and language what tells that a row is of it."""
    return [
        *(lambda row, name=name: row.output == name for name in fresh.labels),
        *(lambda row, tag=tag: is_in(row.input, tag) for tag in fresh.languages),
    ]


def _hold(store: ExampleStore, held: Sequence[Example]) -> None:
    """Hold rows out, and take those out of training that nearly repeat them, both or neither."""
    moved = {e.id: e for e in held if e.split != "train"}
    train = [e for e in store.accepted("train") if e.id not in moved]
    near = near_duplicates_of([e.input for e in train], [e.input for e in moved.values()])
    contaminated = [e.id for e, is_near in zip(train, near, strict=True) if is_near]
    store.move({id_: e.split for id_, e in moved.items()}, contaminated)


def written_rows_will_test(store: ExampleStore) -> bool:
    """Say whether what a teacher writes now may come to validate and test."""
    by_people = sum(e.evidence != "synthetic" for e in store.accepted("train"))
    return not store.count("test") and by_people < FEWEST_TO_TEST


def _synthetic(store: ExampleStore) -> list[Example]:
    """Return what a teacher wrote, if that is enough to be divided and nearly all there is."""
    written = [e for e in store.accepted("train") if e.evidence == "synthetic"]
    enough = len(written) >= FEWEST_WRITTEN and written_rows_will_test(store)
    return written if enough else []
