"""Do the rules alone read every data set as a person would: input, output, labels, splits?

    HF_HUB_OFFLINE=1 python -m benchmarks.map_gold [--quick] [--fresh | --twists] [--only TEXT]

Compares what `map_columns` chooses, without a hint, with readings written by hand: those of every
config of the catalogue (`map_gold.jsonl`); with `--twists` those of tasks against the grain of the
data, the other way round or not to be had of them (`map_twists.jsonl`); or with `--fresh` those of
schemas of other data sets from memory (`map_fresh.jsonl`), on which nothing was tuned. A miss is
*silent* where something else was imported without a word, and *said* where the tool refused and
named the choices. `--quick` reads at most 400 rows of each split.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.find_cases import Case
from benchmarks.find_datasets import CATALOGUE, Bench, MiniLM
from tools.hub.catalogue import LocalCatalogue
from tools.hub.paths import leaves, parse
from tools.map_columns import map_columns
from tools.services import Call, Json, ToolError
from tools.sources import DatasetInfo, DataSource
from tools.task import Label, TaskSpec

PARTS = ("input", "output", "labels", "splits")
QUICK_ROWS = 400
FRESH_ROWS = 60


class Thinned:
    """A source that yields a few rows, spread over each split."""

    def __init__(self, source: DataSource) -> None:
        self.name = source.name
        self._source = source

    def infos(self) -> Sequence[DatasetInfo]:
        """Return what the source has."""
        return self._source.infos()

    def rows(self, info: DatasetInfo, split: str) -> Iterator[Json]:
        """Yield every n-th row."""
        step = max(1, info.splits[split] // QUICK_ROWS)
        return islice(self._source.rows(info, split), 0, None, step)


class Remembered:
    """A source of schemas, whose rows are the samples over and over with a number."""

    name = "remembered"

    def __init__(self, gold: Sequence[Json]) -> None:
        self._infos = [_info(row) for row in gold]

    def infos(self) -> Sequence[DatasetInfo]:
        """Return the schemas."""
        return self._infos

    def rows(self, info: DatasetInfo, split: str) -> Iterator[Json]:
        """Yield the samples in turn."""
        for i in range(info.splits[split]):
            row = info.samples[i % len(info.samples)]
            yield {name: _numbered(value, f"{split} {i}") for name, value in row.items()}


def _numbered(value: Any, number: str) -> Any:
    """Make sentences differ from row to row; short values may be labels."""
    if isinstance(value, str) and len(value.split()) > 2:
        return f"{value} {number}"
    return value


def _info(row: Json) -> DatasetInfo:
    return DatasetInfo(
        repo_id=row["dataset"], config="default", title=row["dataset"].split("/")[1],
        description=row["card"], licence="mit", languages=tuple(row["languages"]), tags=(),
        columns=row["columns"], label_names={k: tuple(v) for k, v in row["label_names"].items()},
        splits=dict.fromkeys(row["splits"], FRESH_ROWS), samples=tuple(row["samples"]),
        revision="",
    )  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of one case.

    Attributes:
        right: Part to whether it is as in the gold reading.
        said: The refusal; empty where something was imported.
    """

    right: dict[str, bool]
    said: str
    summary: str

    @property
    def all_right(self) -> bool:
        """Whether nothing differs."""
        return all(self.right.values())


def attempt(call: Call, gold: Json, info: DatasetInfo) -> Outcome:
    """Import by the rules alone and compare."""
    try:
        _, artifact = map_columns(call, f"{info.repo_id}@{info.config}")
    except ToolError as error:
        right = gold["input"] == "refused"
        return Outcome(dict.fromkeys(PARTS, right), str(error), f"refused: {error}")
    labels = _occurring(gold, artifact)
    right = {
        "input": _fields(artifact["input"], info) in gold["input"],
        "output": _fields(artifact["output"], info) in gold["output"],
        "labels": labels is None or labels == artifact["label_map"],
        "splits": gold.get("splits", list(info.splits)) == list(artifact["splits"]),
    }
    summary = f"{artifact['input']} → {artifact['output']}"
    wrong_labels = "" if right["labels"] else f", labels {artifact['label_map']}"
    return Outcome(right, "", summary + wrong_labels)


def _occurring(gold: Json, artifact: Json) -> Json | None:
    """Return the label map wanted of the labels that occur in the few rows of a schema."""
    wanted: Json | None = gold.get("label_map")
    if wanted is None or "samples" not in gold:
        return wanted
    column = artifact["output"]
    names = gold["label_names"].get(column, ())
    stored = [row.get(column) for row in gold["samples"]]
    numbers = gold["columns"].get(column) == "class_label"
    occurring = {names[value] if numbers else str(value) for value in stored}
    return {theirs: ours for theirs, ours in wanted.items() if theirs in occurring}


def _fields(text: str, info: DatasetInfo) -> list[str]:
    return [str(leaf) for leaf in leaves(parse(text, info.columns))]


def _call(bench: Bench, source: DataSource, gold: Json, number: int) -> Call:
    call = bench.call(Case(gold["task"], gold["dataset"]), number)
    spec = TaskSpec(
        instruction=gold["task"],
        output_type=gold["type"],
        labels=tuple(Label(name=name) for name in gold["labels"]),
        language=gold["language"],
    )
    return replace(call, spec=spec, services=replace(call.services, sources=[source]))


def report(outcomes: Sequence[Outcome]) -> None:
    n = len(outcomes)
    print("| part | right | of | share |\n|---|---|---|---|")
    for part in PARTS:
        right = sum(outcome.right[part] for outcome in outcomes)
        print(f"| {part} | {right} | {n} | {right / n:.0%} |")
    whole = sum(outcome.all_right for outcome in outcomes)
    print(f"| all four | {whole} | {n} | {whole / n:.0%} |")
    misses = [outcome for outcome in outcomes if not outcome.all_right]
    silent = sum(not outcome.said for outcome in misses)
    print(f"misses: {len(misses)}, of which silent: {silent}, said: {len(misses) - silent}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a few rows of each split")
    parser.add_argument("--fresh", action="store_true", help="schemas that nothing was set on")
    parser.add_argument("--twists", action="store_true", help="tasks against the grain of the data")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE)
    parser.add_argument("--only", default="", help="data sets whose name holds this")
    args = parser.parse_args()
    name = "map_fresh" if args.fresh else "map_twists" if args.twists else "map_gold"
    path = Path(__file__).with_name(f"{name}.jsonl")
    gold = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        local = LocalCatalogue(args.catalogue, folder / "cache", print)
        bench = Bench(local, MiniLM(), folder)
        source: DataSource = Remembered(gold) if args.fresh else local
        source = Thinned(source) if args.quick and not args.fresh else source
        infos = {_id(info, fresh=args.fresh): info for info in source.infos()}
        outcomes = []
        for number, row in enumerate(gold):
            if args.only not in row["dataset"]:
                continue
            started = time.perf_counter()
            call = _call(bench, source, row, number)
            outcome = attempt(call, row, infos[row["dataset"]])
            call.services.store.close()
            outcomes.append(outcome)
            mark = "ok " if outcome.all_right else "SAID" if outcome.said else "BAD"
            seconds = time.perf_counter() - started
            print(f"{mark} {row['dataset']:52} {seconds:5.1f} s  {outcome.summary}", flush=True)
        report(outcomes)


def _id(info: DatasetInfo, *, fresh: bool) -> str:
    return info.repo_id if fresh else f"{info.repo_id}@{info.config}"


if __name__ == "__main__":
    main()
