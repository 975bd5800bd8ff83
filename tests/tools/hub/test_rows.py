from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count

import pytest

from tests.tools.hub.makers import info_of
from tools.hub.choose_texts import Reading
from tools.hub.quota import Quota
from tools.hub.rows import MOST_ROWS_READ, Wish, native_split, read_rows, wanted_splits
from tools.services import Json, ToolError
from tools.sources import DatasetInfo

READING = Reading("text", "label", ())
COLUMNS = {"text": "string", "label": "string"}


class Endless:
    """A source whose split never ends: what is taken of it must not depend on its size."""

    name = "endless"

    def __init__(self, labels: Sequence[str], run: int) -> None:
        self._labels = labels
        self._run = run
        self.given = 0

    def infos(self) -> Sequence[DatasetInfo]:
        return [self.info]

    @property
    def info(self) -> DatasetInfo:
        return info_of(COLUMNS, {}, [], splits={"train": 10_000_000})

    def rows(self, info: DatasetInfo, split: str) -> Iterator[Json]:
        assert (info.repo_id, split) == ("me/set", "train")
        for i in count():
            self.given = i + 1
            label = self._labels[min(i // self._run, len(self._labels) - 1)]
            yield {"text": f"row {i}", "label": label or "ab"[i % 2]}


def test_of_a_huge_set_only_what_is_taken_is_read() -> None:
    source = Endless([""], 1)
    rows, notes = read_rows(source, source.info, READING, ["train"], Wish(text=False, labels=2))
    assert Counter(row.output for row in rows) == {"a": 10_000, "b": 10_000}
    assert source.given == 20_000
    assert notes == ["read the first 20,000 rows of 10,000,000 in split 'train'"]


def test_a_frequent_label_does_not_fill_the_quota_of_a_sorted_set() -> None:
    source = Endless(["a", "b"], 50_000)
    rows, _ = read_rows(source, source.info, READING, ["train"], Wish(text=False, labels=2))
    assert Counter(row.output for row in rows) == {"a": 10_000, "b": 10_000}
    assert source.given == 60_000


def test_reading_ends_though_a_label_never_comes() -> None:
    source = Endless(["a"], 1)
    rows, notes = read_rows(source, source.info, READING, ["train"], Wish(text=False, labels=3))
    assert len(rows) <= 20_000
    assert source.given == MOST_ROWS_READ
    assert "read the first 200,000 rows of 10,000,000" in notes[0]


def test_texts_are_taken_as_they_come() -> None:
    source = Endless([""], 1)
    rows, _ = read_rows(source, source.info, READING, ["train"], Wish(text=True))
    assert len(rows) == source.given == 20_000


def test_a_limit_per_label_ends_reading_early() -> None:
    source = Endless([""], 1)
    wish = Wish(text=False, labels=2, per_label=50)
    rows, _ = read_rows(source, source.info, READING, ["train"], wish)
    assert Counter(row.output for row in rows) == {"a": 50, "b": 50}
    assert source.given == 100


def test_a_text_is_wanted_once() -> None:
    quota = Quota(labels=None, per_label=None, most=2)
    assert quota.takes("x", "k1")
    assert not quota.takes("x", "k1")
    assert not quota.full
    assert quota.takes("y", "k2")
    assert quota.full


@pytest.mark.parametrize(
    ("name", "split"),
    [("train_sft", "train"), ("validation_matched", "validation"), ("dev", "validation"),
     ("test", "test"), ("Test-small", "test"), ("tune", "train")],
)  # fmt: skip
def test_names_of_splits(name: str, split: str) -> None:
    assert native_split(name) == split


def test_unlabelled_splits_are_left_out_unless_asked_for() -> None:
    info = info_of(COLUMNS, {}, [], splits={"train": 9, "unsupervised": 9, "test": 9})
    assert wanted_splits(info, None) == ["train", "test"]
    assert wanted_splits(info, "unsupervised, test") == ["unsupervised", "test"]
    with pytest.raises(ToolError, match="no split 'dev', 'x'; it has train, unsupervised, test"):
        wanted_splits(info, "dev,x,test")
