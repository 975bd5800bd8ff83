"""What an import of a data set of 5 GB costs: memory, bytes fetched, time.

    python -m benchmarks.stream_hub [--quick] [--gigabytes 5]

A Hub on loopback makes the file up as it is read. A process of its own searches, imports through
`map_columns`, and says how much memory it held beyond what it needs for a set of 2,000 rows.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import machine
from tests.hubsite.content import Virtual
from tests.hubsite.site import serving

CARD = b"---\nlicense: mit\nlanguage: en\ntask_categories: [text-classification]\n---\n# Requests\n"
SMALL, BIG = "me/small_requests", "me/big_requests"
SMALL_ROWS = 2_000
LINE_BYTES = 256
LABELS = ("billing", "delivery", "praise", "question")
SYLLABLES = (
    "ba",
    "do",
    "fi",
    "ku",
    "le",
    "mo",
    "na",
    "pe",
    "ri",
    "so",
    "tu",
    "ve",
    "xa",
    "yo",
    "zi",
)
WORDS = tuple(a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES)


def requests(rows: int) -> Virtual:
    """Return JSON lines of LINE_BYTES bytes with random words, four labels in turn."""

    def line(index: int) -> bytes:
        rng = random.Random(index)
        words = " ".join(rng.choices(WORDS, k=12))
        row = {"text": words, "label": LABELS[index % len(LABELS)]}
        return json.dumps(row).encode().ljust(LINE_BYTES - 1) + b"\n"

    def read(start: int, end: int) -> bytes:
        first, last = start // LINE_BYTES, -(-end // LINE_BYTES)
        raw = b"".join(map(line, range(first, last)))
        return raw[start - first * LINE_BYTES :][: end - start]

    return Virtual(rows * LINE_BYTES, read, rows)


def main() -> None:
    """Serve the set, import it in a process of its own, and print what that cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--gigabytes", type=float, default=5.0)
    args = parser.parse_args()
    rows = int((0.5 if args.quick else args.gigabytes) * 1e9 / LINE_BYTES)
    print(machine())
    with serving() as site, tempfile.TemporaryDirectory() as folder:
        for name, n in ((SMALL, SMALL_ROWS), (BIG, rows)):
            files: dict[str, bytes | Path | Virtual] = {
                "README.md": CARD,
                "data/train.jsonl": requests(n),
            }
            site.add_repo("dataset", name, files)
        small = imported(site.url, SMALL, Path(folder) / "small")
        site.requests.clear()
        big = imported(site.url, BIG, Path(folder) / "big")
        fetched = site.requests.bytes_of("jsonl")
    print(f"rows in the set        {rows:,} ({rows * LINE_BYTES / 1e9:.1f} GB)")
    print(f"rows imported          {big['rows']:,}")
    print(f"bytes fetched          {fetched / 1e6:.1f} MB")
    print(f"memory, whole process  {big['peak_mb']:.0f} MB")
    more = big["peak_mb"] - small["peak_mb"]
    print(f"  of that for the data {more:.0f} MB more than for {SMALL_ROWS:,} rows")
    print(f"seconds                {big['seconds']:.1f}")
    print(big["text"])


def imported(endpoint: str, name: str, folder: Path) -> dict[str, Any]:
    """Import one data set in a process of its own; return what that cost it."""
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HOME": str(folder / "huggingface")}
    command = [sys.executable, "-m", "benchmarks.stream_hub", name, str(folder)]
    output = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, check=True, text=True
    ).stdout
    cost: dict[str, Any] = json.loads(output)
    return cost


def child(name: str, folder: Path) -> None:
    """Import the data set `name` and print what that took of this process."""
    import resource

    from tests.tools.hub.makers import GramEncoder, call_on
    from tools.hub.hub_source import HubSource
    from tools.map_columns import map_columns

    (folder / "run").mkdir(parents=True)
    hub = HubSource(GramEncoder(), folder / "cache", folder / "run", None, offline=False)
    call = call_on(folder, folder / "run", instruction="Sort requests by topic.", sources=[hub])
    start = time.monotonic()
    text, artifact = map_columns(call, name)
    print(
        json.dumps(
            {
                "rows": sum(artifact["imported"].values()),
                "seconds": time.monotonic() - start,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "text": text,
            }
        )
    )


if __name__ == "__main__":
    if len(sys.argv) == 3 and "/" in sys.argv[1]:
        child(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
