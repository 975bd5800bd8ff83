"""The main job wholly through the Hub's API, against the same from a folder; and with a bad Hub.

    python -m benchmarks.through_hub [--quick] [--catalogue DIR] [--seed N]

A Hub on loopback serves the catalogue at HF_ENDPOINT; caches are cold. Prints two tables: the same
task from a folder and from the Hub; then with a fifth of all requests refused or cut off, and with
no Hub.
`--quick` does the smallest task only.
"""

import argparse
import json
import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from benchmarks.main_job import TASKS
from benchmarks.measure import Measured, machine, tasksmith
from tests.hubsite.site import Site, serving

SAME = ("german", "sms", "snips", "banking")
QUICK = ("german",)
BAD = ("503:0.2", "cut:0.2@GET .*resolve")
HEAD = (
    "| task | from | found | metric | validation, round 1 | test | search s | whole s | peak GB |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Run the tasks and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--catalogue", type=Path, default=Path("../shared/catalogue"))
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    names = QUICK if args.quick else SAME
    print(f"{machine()}; seed {args.seed}\n\n{HEAD}")
    for name in names:
        folder = run(name, args.seed, [str(args.catalogue)], "http://127.0.0.1:9")
        print(row(name, "a folder", folder), flush=True)
        with hub(args.catalogue, ()) as site:
            print(row(name, "the Hub", run(name, args.seed, ["hub"], site.url)), flush=True)
    print(f"\n{HEAD.replace('from', 'Hub')}")
    with hub(args.catalogue, BAD) as site:
        done = run(names[0], args.seed, ["hub"], site.url)
        print(row(names[0], f"{' and '.join(BAD)}: {_failed(site)}", done), flush=True)
    both = ["hub", str(args.catalogue)]
    print(row(names[0], "nobody listens", run(names[0], args.seed, both, "http://127.0.0.1:9")))
    with silent() as url:
        print(row(names[0], "never answers", run(names[0], args.seed, both, url)))
    with hub(args.catalogue, ("503:1",)) as site:
        print(row(names[0], "always busy", run(names[0], args.seed, both, site.url)))


@contextmanager
def hub(catalogue: Path, faults: Sequence[str]) -> Iterator[Site]:
    """Serve the catalogue as a Hub, with these faults."""
    with serving() as site:
        site.add_datasets(catalogue)
        for line in faults:
            site.faults.add_line(line)
        yield site


@contextmanager
def silent() -> Iterator[str]:
    """Take connections and say nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def run(
    name: str, seed: int, datasets: Sequence[str], endpoint: str
) -> tuple[Measured, float | None]:
    """Run one task with cold caches; return with it how long its first search took, in seconds."""
    task = TASKS[name]
    with tempfile.TemporaryDirectory() as folder:
        sources = [word for place in datasets for word in ("--datasets", place)]
        done = tasksmith(
            "run", task.sentence, *sources, "--out", f"{folder}/runs", "--seed", str(seed),
            *task.options, cache=Path(folder) / "cache", HF_ENDPOINT=endpoint,
        )  # fmt: skip
        return done, searching(Path(folder) / "runs")


def searching(runs: Path) -> float | None:
    """Return the seconds that the first search of a run took, by its trace."""
    (trace,) = runs.glob("*/trace.jsonl")
    for line in trace.read_text(encoding="utf-8").splitlines():
        span = json.loads(line)
        if "search_hf_datasets" in span["name"]:
            start, end = (datetime.fromisoformat(span[key]) for key in ("start_time", "end_time"))
            return (end - start).total_seconds()
    return None


def row(name: str, place: str, ran: tuple[Measured, float | None]) -> str:
    """Return one line of a table."""
    done, searched = ran
    if done.code != 0:
        return f"| {name} | {place} | exit code {done.code} | | | | | {done.seconds:.0f} | |"
    test, took = done.report["test"], "" if searched is None else f"{searched:.1f}"
    first = done.report["rounds"][0]["validation"]["value"]
    found = ", ".join(i["dataset"] for i in done.report["data"]["imports"])
    return (
        f"| {name} | {place} | {found} | {test['metric']} | {first:.4f} | {test['value']:.4f} "
        f"| {took} | {done.seconds:.0f} | {done.peak_gb:.2f} |"
    )


def _failed(site: Site) -> str:
    busy = sum(entry.status == 503 for entry in site.requests)
    return f"{busy} of {len(site.requests)} requests refused"


if __name__ == "__main__":
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    main()
