"""Which rows of a run may be published, and writing them as a data set that `datasets` reads."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agent.export.finished import Finished
from tools.examples import Example, Split
from tools.hub.licence_names import OWN, clauses
from tools.hub.obligations import (
    Licences,
    Obligation,
    materials_of,
    obligations,
    standing,
    summarise,
)

if TYPE_CHECKING:
    from datasets import Features

COLUMNS = ("input", "output", "source", "licence", "evidence", "round")
Reason = Literal["own", "unknown", "closed"]


@dataclass(frozen=True)
class Selection:
    """Rows to publish.

    Attributes:
        rows: Of each split that has any.
        left_out: `own`, `unknown` or `closed` → number of rows.
    """

    rows: Mapping[Split, Sequence[Example]]
    left_out: Mapping[Reason, int]

    @property
    def examples(self) -> list[Example]:
        """All rows in one list."""
        return [example for rows in self.rows.values() for example in rows]


def select(done: Finished, *, my_rows: bool) -> Selection:
    """Choose what may be published: what is free to pass on, and the user's own if asked.

    What comes from a gated or private data set, or was made of such rows, is not.

    Where the run has rows of the user's, rows that carry the user's say (`user`) in their licence
    were written from those, and may give them away; else from nothing but the task's text.
    """
    kept: dict[Split, list[Example]] = {}
    left_out: Counter[Reason] = Counter()
    private = not my_rows and any(e.source == OWN for rows in done.rows.values() for e in rows)
    closed = _closed(done)
    for split, rows in done.rows.items():
        for example in rows:
            if standing(example.licence) == "unknown":
                left_out["unknown"] += 1
            elif example.id in closed:
                left_out["closed"] += 1
            elif private and _is_mine(example):
                left_out["own"] += 1
            else:
                kept.setdefault(split, []).append(example)
    return Selection(kept, dict(left_out))


def _closed(done: Finished) -> set[int]:
    """Return the ids of rows that only who was granted access may have, or that derive from those.

    Where the parents of a row are accepted no longer, it might derive from them.
    """
    sources = set(done.report["data"]["closed"])
    if not sources:
        return set()
    open_: set[int] = set()
    every = [example for rows in done.rows.values() for example in rows]
    for example in sorted(every, key=lambda e: e.id):  # parents come first
        # Rows that were rewritten have those they came from for a group.
        closed = {example.source, example.group.split("@")[0]} & sources
        if not closed and open_.issuperset(example.parents):
            open_.add(example.id)
    return {example.id for example in every} - open_


def _is_mine(example: Example) -> bool:
    return example.source == OWN or {OWN} in clauses(example.licence)


def asked_by(
    done: Finished, examples: Iterable[Example], base: tuple[str, str] | None = None
) -> tuple[list[Obligation], Licences]:
    """Return what publishing these rows asks, and a model made of them on `base`."""
    licence = done.report["data"]["licence"]
    asked = obligations(materials_of(examples, licence["writer"]), done.report["data"]["closed"])
    return asked, summarise(asked, base, {licence["teacher"]})


def features_of(done: Finished, selection: Selection) -> "Features":
    """Return the columns and their types; outputs of a label task are class labels."""
    from datasets import ClassLabel, Features, Value

    types: dict[str, Any] = dict.fromkeys(COLUMNS, Value("string"))
    types["round"] = Value("int32")
    if done.spec.output_type == "label":
        there = {example.output for example in selection.examples}
        names = list(dict.fromkeys([*done.spec.label_names, *sorted(there)]))
        types["output"] = ClassLabel(names=names)
    return Features(types)


def write_rows(done: Finished, selection: Selection, folder: Path) -> dict[str, Any]:
    """Write a parquet file a split into `folder`/data; return the card's metadata about them."""
    import pyarrow as pa
    from datasets import DatasetInfo
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData
    from pyarrow import parquet

    features = features_of(done, selection)
    (folder / "data").mkdir(parents=True)
    splits, files = [], []
    for split, rows in selection.rows.items():
        columns: dict[str, list[Any]] = {
            name: [getattr(row, name) for row in rows] for name in COLUMNS
        }
        if done.spec.output_type == "label":
            columns["output"] = features["output"].str2int(columns["output"])
        table = pa.Table.from_pydict(columns, schema=features.arrow_schema)
        path = folder / "data" / f"{split}-00000-of-00001.parquet"
        parquet.write_table(table, path)
        splits.append({"name": split, "num_bytes": table.nbytes, "num_examples": len(rows)})
        files.append({"split": split, "path": f"data/{split}-*"})
    described = DatasetCardData()
    DatasetInfosDict(default=DatasetInfo(features=features)).to_dataset_card_data(described)
    return {
        "configs": [{"config_name": "default", "data_files": files}],
        "dataset_info": {
            **described["dataset_info"],
            "splits": splits,
            "download_size": sum(p.stat().st_size for p in (folder / "data").iterdir()),
            "dataset_size": sum(one["num_bytes"] for one in splits),
        },
    }
