"""Does the loop pay? Rounds that look at mistakes against the same number of examples in one go.

    python -m benchmarks.loop_pays [--quick] [--catalogue DIR] [--sets NAME…] [--label-noise X]

Three real training rows a label (three draws) begin. A stand-in endpoint answers with examples that
a large language model wrote from the task description alone (`../shared/teacher_bank`). `loop` is
`tasksmith run` with the rules planner. `one go` has the same teacher write, with focus cover, as
many accepted examples as the loop asked for in all, and trains on all of them. Both are scored on
the same human test rows (at most 1,000, drawn by seed). `--label-noise 0.2`: the teacher gives a
fifth of its examples a wrong label, and is wrong in a tenth of its second opinions. `--quick`: one
set, one draw.
"""

import argparse
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import machine, tasksmith
from benchmarks.seeds_only import write
from tests.standin.process import own_process
from tools.examples import ExampleStore

PER_LABEL = 3
TEST_ROWS = 1_000
DRAWS = (0, 1, 2)
RESAMPLES = 10_000
MODEL = "standin"


@dataclass(frozen=True)
class Set:
    """A data set with people's test rows, and the bank that goes with it."""

    bank: str
    repo: str
    config: str | None
    text: str
    label: str
    test: str
    task: str


SETS = {
    "banking77": Set("banking", "PolyAI/banking77", None, "text", "label", "test",
                     "Sort questions of bank customers into intents like those of the examples."),
    "snips": Set("assistant", "benayas/snips", None, "text", "category", "validation",
                 "Sort requests to a voice assistant into intents like those of the examples."),
    "reviews": Set("reviews", "cornell-movie-review-data/rotten_tomatoes", None, "text", "label",
                   "test", "Sort sentences of film reviews into positive or negative."),
    "emotions": Set("emotions", "google-research-datasets/go_emotions", None, "text", "labels",
                    "test", "Sort comments by emotion, with labels like those of the examples."),
    "german": Set("german_topics", "Davlan/sib200", "deu_Latn", "text", "category", "test",
                  "Sort German sentences by topic, with labels like those of the examples."),
    "spam": Set("spam", "ucirvine/sms_spam", None, "sms", "label", "test",
                "Sort text messages into spam or ham."),
}  # fmt: skip
SPELLED = {"neg": "negative", "pos": "positive"}


@dataclass(frozen=True)
class Outcome:
    """One draw of one set; `right` says of each test row whether an arm has it right."""

    seed_only: float
    loop: NDArray[np.bool_]
    static: NDArray[np.bool_]
    written: int
    kept: int


def main() -> None:
    """Run all sets and draws and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--catalogue", type=Path, default=Path("../shared/catalogue"))
    parser.add_argument("--label-noise", type=float, default=0.0)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    args = parser.parse_args()
    names = ["snips"] if args.quick else args.sets
    draws = DRAWS[:1] if args.quick else DRAWS
    flaws = ("--label-noise", str(args.label_noise), "--errors", str(args.label_noise / 2))
    print(f"{machine()}; draws {draws}; label noise {args.label_noise}\n")
    print(
        "| data | seeds only | one go | loop | loop - one go, 95% interval | loop - seeds | "
        "written (kept rounds) |\n|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            outcomes = [one(SETS[name], d, flaws, args.catalogue, Path(folder)) for d in draws]
            print(line(name, outcomes), flush=True)


def line(name: str, outcomes: list[Outcome]) -> str:
    """Return one line of the table: means over the draws, test rows pooled for the interval."""
    seeds = mean(o.seed_only for o in outcomes)
    loop, static = mean(o.loop.mean() for o in outcomes), mean(o.static.mean() for o in outcomes)
    pairs = np.concatenate([o.loop.astype(int) - o.static.astype(int) for o in outcomes])
    rng = np.random.default_rng(0)
    sums = [pairs[rng.integers(0, len(pairs), len(pairs))].mean() for _ in range(RESAMPLES)]
    low, high = np.percentile(sums, [2.5, 97.5])
    written = ", ".join(f"{o.written} ({o.kept})" for o in outcomes)
    worst = ", ".join(f"{o.loop.mean() - o.seed_only:+.3f}" for o in outcomes)
    return (
        f"| {name} | {seeds:.3f} | {static:.3f} | {loop:.3f} | {pairs.mean():+.3f} "
        f"[{low:+.3f}, {high:+.3f}] | {worst} | {written} |"
    )


def one(data: Set, draw: int, flaws: Sequence[str], catalogue: Path, folder: Path) -> Outcome:
    """Run both arms on one draw."""
    rng = random.Random(draw)
    train, test = rows(data, catalogue)
    by_label: dict[str, list[str]] = defaultdict(list)
    for text, label in train:
        by_label[label].append(text)
    place = folder / f"{data.bank}-{draw}"
    place.mkdir()
    seeds = [(t, k) for k in sorted(by_label) for t in rng.sample(by_label[k], PER_LABEL)]
    write(place / "examples.jsonl", seeds)
    write(place / "test.jsonl", rng.sample(test, min(TEST_ROWS, len(test))))
    with own_process("--bank", data.bank, "--seed", str(draw), *flaws) as url, endpoint(url):
        looped = loop(data, draw, place, folder / "cache")
        store = Path(looped["run_dir"]) / "data.sqlite"
        written = accepted(store)
        right = answers(store, looped["student"]["id"])
        static = one_go(looped["task"], draw, written, place, folder / "cache")
    inputs = sorted(right.keys() & static.keys())
    return Outcome(
        looped["baselines"]["seed_only"],
        np.array([right[i] for i in inputs]),
        np.array([static[i] for i in inputs]),
        written,
        sum(r["kept"] for r in looped["rounds"][1:]),
    )


@contextmanager
def endpoint(url: str) -> Iterator[None]:
    """Have programs find the stand-in meanwhile."""
    os.environ |= {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none"}
    try:
        yield
    finally:
        del os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]


def loop(data: Set, draw: int, place: Path, cache: Path) -> dict[str, Any]:
    """Return the report of the autonomous run."""
    done = tasksmith(
        *("run", data.task, "--planner", "rules", "--teacher", MODEL, "--seed", str(draw)),
        *("--examples", str(place / "examples.jsonl"), "--test", str(place / "test.jsonl")),
        *("--out", str(place / "runs")),
        cache=cache,
    )
    return done.report


def one_go(task: dict[str, Any], draw: int, n: int, place: Path, cache: Path) -> dict[str, bool]:
    """Have `n` examples written at once, train on everything, and return who is right."""
    from agent.compose import Parts, services_for
    from agent.intake import read_intake
    from agent.settings import Settings
    from tools.finetune import finetune
    from tools.generate_batch import generate_batch
    from tools.scoring.final import score_test
    from tools.services import Call
    from tools.task import TaskSpec

    folder = place / "one-go"
    folder.mkdir()
    settings = Settings(planner="rules", teacher=MODEL, judge=None, seed=draw, cache=cache)
    with services_for(folder, settings, Parts(), offline=True) as (services, _):
        spec = TaskSpec.model_validate(task)
        intake = read_intake(spec.instruction, place / "examples.jsonl", place / "test.jsonl")
        intake.store(services.store)
        call = Call("static", spec, services)
        if n:
            generate_batch(call, n, "cover")
        student = finetune(call)[1]["student"]
        score_test(call, student)
    return answers(folder / "data.sqlite", student)


def accepted(store: Path) -> int:
    """Return how many of the teacher's examples were accepted, whatever became of them later."""
    opened = ExampleStore(store)
    rows = opened.rows_after(0)
    opened.close()
    return sum(e.source == MODEL and e.reason in (None, "did not help") for e in rows)


def answers(store: Path, student: str) -> dict[str, bool]:
    """Return test input → whether the student has it right."""
    opened = ExampleStore(store)
    given = opened.predictions(student, "test")
    found = {e.input: given[e.id].output == e.output for e in opened.accepted("test")}
    opened.close()
    return found


def rows(data: Set, catalogue: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the training and the test rows that have one label, as (text, label name)."""
    from datasets import ClassLabel, load_dataset

    loaded = load_dataset(str(catalogue / data.repo), data.config)
    feature = loaded["train"].features[data.label]
    inner = feature if isinstance(feature, ClassLabel) else getattr(feature, "feature", None)
    found = []
    for split in ("train", data.test):
        pairs = []
        for text, label in zip(loaded[split][data.text], loaded[split][data.label], strict=True):
            if isinstance(label, list):
                if len(label) != 1:
                    continue
                label = label[0]
            name = inner.int2str(label) if isinstance(inner, ClassLabel) else str(label)
            pairs.append((text.strip(), SPELLED.get(name, name)))
        found.append(pairs)
    return found[0], found[1]


if __name__ == "__main__":
    main()
