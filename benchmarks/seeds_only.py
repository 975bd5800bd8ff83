"""A few examples and nothing else: does the loop with the offline teacher gain anything?

    python -m benchmarks.seeds_only [--quick] [--catalogue DIR]

Takes 3 and 8 real training rows a label, three draws each, from four data sets, with no catalogue
to search. Compares the student trained on these examples alone with what the loop ends with, on the
data set's human test rows (at most 1,000, drawn by seed). `--quick`: one data set, one draw.
"""

import argparse
import json
import random
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.measure import machine, tasksmith

SETS = {
    "snips": ("benayas/snips", None, "text", "category", "validation"),
    "banking": ("PolyAI/banking77", None, "text", "label", "test"),
    "reviews": ("cornell-movie-review-data/rotten_tomatoes", None, "text", "label", "test"),
    "german": ("Davlan/sib200", "deu_Latn", "text", "category", "test"),
}
TEST_ROWS = 1_000
DRAWS = (0, 1, 2)
PER_LABEL = (3, 8)


def main() -> None:
    """Run all combinations and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--catalogue", type=Path, default=Path("../shared/catalogue"))
    args = parser.parse_args()
    names = ["snips"] if args.quick else list(SETS)
    draws = DRAWS[:1] if args.quick else DRAWS
    print(f"{machine()}; draws {draws}\n")
    print(
        "| data | per label | seed-only | loop | 95% interval of the loop, by draw | rounds kept |"
    )
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            for k in PER_LABEL:
                reports = [one(name, k, d, args.catalogue, Path(folder)) for d in draws]
                print(line(name, k, reports), flush=True)


def line(name: str, k: int, reports: list[dict[str, Any]]) -> str:
    """Return one line of the table: means over the draws."""
    seed_only = mean(r["baselines"]["seed_only"] for r in reports)
    loop = mean(r["test"]["value"] for r in reports)
    intervals = ", ".join("–".join(f"{b:.3f}" for b in r["test"]["ci95"]) for r in reports)
    kept = ", ".join(str(sum(x["kept"] for x in r["rounds"][1:])) for r in reports)
    return f"| {name} | {k} | {seed_only:.3f} | {loop:.3f} | {intervals} | {kept} |"


def one(name: str, k: int, draw: int, catalogue: Path, folder: Path) -> dict[str, Any]:
    """Run one draw and return its report."""
    rng = random.Random(draw)
    train, test = rows(name, catalogue)
    by_label: dict[str, list[str]] = defaultdict(list)
    for text, label in train:
        by_label[label].append(text)
    seeds = [(t, label) for label in sorted(by_label) for t in rng.sample(by_label[label], k)]
    place = folder / f"{name}-{k}-{draw}"
    place.mkdir()
    write(place / "examples.jsonl", seeds)
    write(place / "test.jsonl", rng.sample(test, min(TEST_ROWS, len(test))))
    language = " German" if name == "german" else ""
    done = tasksmith(
        *("run", f"Sort{language} texts into labels like those of the examples."),
        *("--examples", str(place / "examples.jsonl"), "--test", str(place / "test.jsonl")),
        *("--out", str(place / "runs"), "--seed", str(draw)),
        cache=folder / "cache",
    )
    return done.report


def rows(name: str, catalogue: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the training and the test rows of a data set as (text, label name)."""
    from datasets import ClassLabel, load_dataset

    repo, config, text, label, test = SETS[name]
    data = load_dataset(str(catalogue / repo), config)
    feature = data["train"].features[label]
    found = []
    for split in ("train", test):
        labels = data[split][label]
        if isinstance(feature, ClassLabel):
            labels = feature.int2str(list(labels))
        found.append(list(zip(data[split][text], labels, strict=True)))
    return found[0], found[1]


def write(path: Path, pairs: list[tuple[str, str]]) -> None:
    """Write pairs as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for text, label in pairs:
            file.write(json.dumps({"input": text, "output": label}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
