"""Small real data sets and services for the tests of finding data."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from tests.fakes import InlineExecutor, SilentTeacher
from tools.examples import ExampleStore
from tools.hub.catalogue import LocalCatalogue
from tools.services import Call, Services
from tools.sources import DatasetInfo, DataSource
from tools.task import Label, TaskSpec

Row = Mapping[str, Any]


class GramEncoder:
    """Encodes a text by hashed words and character 4-grams."""

    name = "grams"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.full((len(texts), 512), 1e-4, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.casefold().split():
                for piece in {word, *(word[i : i + 4] for i in range(len(word) - 3))}:
                    vectors[row, zlib.crc32(piece.encode()) % 512] += 1
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def write_set(
    root: Path,
    repo: str,
    splits: Mapping[str, Iterable[Row]],
    card: Mapping[str, Any] | None = None,
) -> Path:
    """Write `data/<split>.jsonl` files and a card; return the folder."""
    folder = root / repo
    (folder / "data").mkdir(parents=True)
    for split, rows in splits.items():
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (folder / "data" / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")
    head = yaml.safe_dump({"license": "mit", "language": "en", **(card or {})})
    (folder / "README.md").write_text(f"---\n{head}---\n\n# {repo}\n\nRows.\n", encoding="utf-8")
    return folder


def info_of(
    columns: Mapping[str, str], names: Mapping[str, tuple[str, ...]] | None = None,
    samples: Sequence[Row] = (), **more: Any,
) -> DatasetInfo:  # fmt: skip
    """The description of a data set that is not there."""
    known: dict[str, Any] = {
        "repo_id": "me/set", "config": "default", "title": "Set", "description": "",
        "licence": "mit", "languages": ("en",), "tags": (), "splits": {"train": len(samples)},
        "revision": "1",
    }  # fmt: skip
    return DatasetInfo(
        columns=columns, label_names=names or {}, samples=tuple(dict(row) for row in samples),
        **(known | more),
    )  # fmt: skip


def class_card(text: str, label: str, names: Sequence[str], **more: object) -> dict[str, Any]:
    """A card that declares a text column and a class label."""
    features = [
        {"name": text, "dtype": "string"},
        {"name": label, "dtype": {"class_label": {"names": dict(enumerate(names))}}},
    ]
    return {"dataset_info": {"features": features}, **more}


def call_on(
    root: Path, folder: Path, labels: Sequence[str] = (), *, instruction: str = "Sort messages.",
    language: str = "en", allowed: Iterable[str] = (), output_type: str = "label",
    sources: Sequence[DataSource] | None = None,
) -> Call:  # fmt: skip
    """A tool call whose only source, where no others are given, is the catalogue at `root`."""
    services = Services(
        store=ExampleStore(folder / "data.sqlite"),
        workspace=folder,
        shared_cache=folder,
        sources=sources or [LocalCatalogue(root, folder / "cache", lambda _: None)],
        teacher=SilentTeacher(),
        encoder=GramEncoder(),
        executor=InlineExecutor(),
        methods={},
        metrics={},
        allowed_licences=frozenset(allowed),
    )
    spec = TaskSpec(
        instruction=instruction,
        labels=tuple(Label(name=name) for name in labels),
        language=language,
        output_type="text" if output_type == "text" else "label",
    )
    return Call("c1", spec, services)
