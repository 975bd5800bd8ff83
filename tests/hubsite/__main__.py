"""The site as a process of its own: prints its URL, serves until killed or its stdin closes."""

import signal
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from pathlib import Path

from tests.hubsite import faults
from tests.hubsite.site import Site, serving
from tests.standin.__main__ import _wait as wait_for_parent


def main() -> None:
    args = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    site = Site(viewer=not args.no_viewer, seed=args.seed)
    for root in args.datasets:
        site.add_datasets(root)
    for root in args.models:
        site.add_models(root)
    for line in args.fault:
        site.faults.add_line(line)
    with serving(site, port=args.port):
        sys.stdout.write(f"{site.url}\n")
        sys.stdout.flush()
        try:
            wait_for_parent()
        except KeyboardInterrupt:
            return


def _arguments() -> Namespace:
    parser = ArgumentParser(
        prog="python -m tests.hubsite",
        description=f"{__doc__}\n\n{faults.__doc__}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    folder = "folder of <owner>/<name>/, may be given several times"
    parser.add_argument("--datasets", type=Path, action="append", default=[], help=folder)
    parser.add_argument("--models", type=Path, action="append", default=[], help=folder)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--seed", type=int, default=0, help="what the shares of faults draw by")
    parser.add_argument("--no-viewer", action="store_true", help="as mirrors, which have none")
    return parser.parse_args()


if __name__ == "__main__":
    main()
