"""The stand-in as a process of its own: prints its URL, serves until killed or its stdin closes."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path

from tests.parent import wait_for_parent
from tests.standin import faults
from tests.standin.bank import Flaws, load_bank
from tests.standin.brain import Brain, Teacher
from tests.standin.replay import Replay
from tests.standin.server import StandIn

FLAWS = ("label_noise", "duplicates", "skew", "errors", "malformed")


def main() -> None:
    args = _arguments()
    server = StandIn(
        _brain(args),
        args.fault,
        seed=args.seed,
        latency_s=args.latency,
        slots=args.slots,
        port=args.port,
        log_file=args.log,
    )
    with server as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        try:
            wait_for_parent()
        except KeyboardInterrupt:
            return


def _arguments() -> Namespace:
    parser = ArgumentParser(
        prog="python -m tests.standin",
        description=f"{__doc__}\n\n{faults.__doc__}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bank", default="tiny", help="tiny, or a file of ../shared/teacher_bank")
    parser.add_argument("--replay", type=Path, help="a recording to answer from instead")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds an answer takes")
    parser.add_argument("--slots", type=int, default=1000, help="requests worked on at once")
    parser.add_argument("--fault", action="append", default=[], help="NAME=WHEN[:VALUE]")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, help="file to append answers to, fit for --replay")
    for flaw in FLAWS:
        parser.add_argument(f"--{flaw.replace('_', '-')}", type=float, default=0.0)
    return parser.parse_args()


def _brain(args: Namespace) -> Brain:
    if args.replay:
        return Replay(args.replay)
    flaws = Flaws(**{flaw: getattr(args, flaw) for flaw in FLAWS})
    return Teacher(load_bank(args.bank, args.seed, flaws))


if __name__ == "__main__":
    main()
