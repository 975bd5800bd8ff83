"""What exporting a classifier costs and gains: accuracy, latency, size, and a life of its own.

    python -m benchmarks.export_int8 [--quick] [--catalogue DIR]

Trains a classifier on the bundled encoder, exports it as safetensors, ONNX and ONNX in 8 bits, and
prints a table: accuracy on the test rows, median milliseconds a text (torch as `tasksmith predict`
uses it and the exported programs, taking turns in one process), and megabytes. Then the 8-bit
folder answers in a fresh virtual environment that holds what its requirements.txt names. `--quick`
trains on fewer rows and needs no package registry.
"""

import argparse
import importlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import machine
from tools.services import TrainingSet
from tools.students.classifier import Classifier

DATA = "cornell-movie-review-data/rotten_tomatoes/data"
NAMES = ("negative", "positive")
ROWS, QUICK_ROWS = 2_500, 400
TIMED = 200
THREADS = 2
FORMATS = ("onnx", "onnx-int8")
Answer = Callable[[str], str]


def main() -> None:
    """Train, export, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--catalogue", default="../shared/catalogue")
    args = parser.parse_args()
    print(f"{machine()}; {THREADS} threads\n", flush=True)
    train = rows(Path(args.catalogue) / DATA, "train")
    test = rows(Path(args.catalogue) / DATA, "test")
    random.Random(0).shuffle(train)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        student = fit(train[: QUICK_ROWS if args.quick else ROWS], folder / "student")
        folders = {name: shipped(student, name, folder / name) for name in FORMATS}
        compare(student, folders, test)
        if not args.quick:
            print(f"\n{alone(folders['onnx-int8'], folder / 'venv', [text for text, _ in test])}")


def rows(folder: Path, split: str) -> list[tuple[str, str]]:
    """Return texts and labels of a split."""
    from pyarrow import parquet

    table = parquet.read_table(folder / f"{split}-00000-of-00001.parquet")
    return [(row["text"], NAMES[row["label"]]) for row in table.to_pylist()]


def fit(train: Sequence[tuple[str, str]], folder: Path) -> Path:
    """Train a classifier on the default base; return its folder."""
    import torch

    torch.set_num_threads(THREADS)
    folder.mkdir()
    data = TrainingSet([text for text, _ in train], [label for _, label in train])
    start = time.monotonic()
    Classifier().fit(data, "all-MiniLM-L6-v2", {"epochs": 2}, folder, lambda _: None)
    print(f"trained on {len(train):,} rows in {time.monotonic() - start:.0f} s\n", flush=True)
    return folder


def shipped(student: Path, format_: str, folder: Path) -> Path:
    """Export a classifier; return the folder."""
    from tools.shipping.ship import ship

    folder.mkdir()
    ship(student, "classifier", format_, folder)
    return folder


def compare(student: Path, folders: dict[str, Path], test: Sequence[tuple[str, str]]) -> None:
    """Print accuracy, latency and size of the student and of what was exported."""
    loaded = Classifier().load(student)
    ways: dict[str, Answer] = {"torch": lambda text: loaded.predict([text])[0].output}
    for name, folder in folders.items():
        ways[name] = program(folder)
    times: dict[str, list[float]] = {name: [] for name in ways}
    outputs: dict[str, list[str]] = {name: [] for name in ways}
    for number, (text, _) in enumerate(test):
        for name, answer in ways.items():
            start = time.perf_counter()
            outputs[name].append(answer(text))
            if 0 < number <= TIMED:
                times[name].append(time.perf_counter() - start)
    print("| | accuracy | difference | same answer | ms | times as fast | MB |")
    print("|---|---|---|---|---|---|---|")
    sizes = {"torch": size(student)} | {name: size(folder) for name, folder in folders.items()}
    right = {
        n: sum(o == label for o, (_, label) in zip(outputs[n], test, strict=True)) for n in ways
    }
    for name in ways:
        same = sum(a == b for a, b in zip(outputs[name], outputs["torch"], strict=True))
        median, usual = statistics.median(times[name]), statistics.median(times["torch"])
        print(
            f"| {name} | {right[name] / len(test):.4f} "
            f"| {100 * (right[name] - right['torch']) / len(test):+.2f} points "
            f"| {same / len(test):.4f} | {1e3 * median:.1f} | {usual / median:.1f} "
            f"| {sizes[name]:.1f} |",
            flush=True,
        )


def program(folder: Path) -> Answer:
    """Return the answers of the program in a folder, imported as its user would."""
    names = [path.stem for path in folder.glob("*.py")]
    for name in names:
        sys.modules.pop(name, None)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    model: Any = importlib.import_module("predict").Model(folder, threads=THREADS)
    sys.path.remove(str(folder))
    return lambda text: str(next(iter(model.predict([text])))["output"])


def size(folder: Path) -> float:
    """Return the megabytes of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def alone(folder: Path, place: Path, texts: Sequence[str]) -> str:
    """Have the folder answer in a fresh environment; return what came of it in a sentence."""
    here = program(folder)
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    requirements = folder / "requirements.txt"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
    file = place / "inputs.jsonl"
    file.write_text("".join(json.dumps({"input": text}) + "\n" for text in texts), "utf-8")
    ran = subprocess.run(
        [python, "-E", folder / "predict.py", "--file", file],
        capture_output=True, text=True, check=True, cwd=place,
    )  # fmt: skip
    answers = [json.loads(line)["output"] for line in ran.stdout.splitlines()]
    same = sum(answer == here(text) for answer, text in zip(answers, texts, strict=True))
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    ).stdout.split()
    mine = [one for one in listed if not one.startswith(("pip=", "setuptools="))]
    return (
        f"In a fresh environment ({len(mine)} packages, without torch: "
        f"{not any(one.startswith('torch') for one in mine)}), {same:,} of {len(texts):,} answers "
        "are those given here."
    )


if __name__ == "__main__":
    main()
