"""Calls to a teacher that fails in every way it can: what still gets done, and what it costs.

    python -m benchmarks.calls [--quick] [--seed 0] [--only budget] [--catalogue DIR]

The teacher is the stand-in endpoint of the tests, which knows the training rows of clinc and fails
on demand. Prints one line a figure: what is asked for and what was measured. `--quick`: fewer
seeds, draws and kills.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import calls_batches, calls_command, calls_limits, calls_steps
from benchmarks.calls_setting import Line, Material, material
from benchmarks.measure import machine


def main() -> None:
    """Take all measurements, or the ones named, and print the table."""
    args = _arguments()
    given = material(args.catalogue)
    figures = _figures(given, args.seed, quick=args.quick)
    print(f"{machine()}; seed {args.seed}", flush=True)
    lines: list[Line] = []
    for name in args.only or figures:
        print(f"{name} …", flush=True)
        lines += figures[name]()
    print("\n| figure | asked | measured |\n|---|---|---|")
    for line in lines:
        print(f"| {' | '.join(line)} |")


def _figures(given: Material, seed: int, *, quick: bool) -> Mapping[str, Callable[[], list[Line]]]:
    def seeds(usual: int, few: int) -> Sequence[int]:
        return range(seed, seed + (few if quick else usual))

    kills = (0.5,) if quick else (0.25, 0.5, 0.75)
    many, long = (1_000, 3_000) if quick else (2_000, 9_600)
    return {
        "rate_limits": lambda: calls_batches.rate_limits(given, seeds(5, 1)),
        "malformed": lambda: calls_batches.malformed(given, seeds(20, 5)),
        "fenced": lambda: calls_batches.fenced(given, seeds(5, 1)),
        "dead": lambda: calls_command.dead(given),
        "hanging": lambda: calls_command.hanging(given),
        "killed": lambda: calls_command.killed(given, kills),
        "budget": lambda: calls_limits.budget(given, seeds(20, 3)),
        "throughput": lambda: calls_limits.throughput(given, many, long),
        "steps": lambda: calls_steps.overhead(1 if quick else 5),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", help="name of a figure; repeatable")
    parser.add_argument("--catalogue", type=Path, default=Path("../shared/catalogue"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
