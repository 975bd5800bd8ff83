"""The stand-in in a process of its own, so that its CPU time is not the client's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def own_process(*args: str) -> Iterator[str]:
    """Serve meanwhile; give the base URL.

    Args:
        args: Those of `python -m tests.standin`.
    """
    command = [sys.executable, "-m", "tests.standin", *args]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError(f"the stand-in did not start; see above: {' '.join(command)}")
        try:
            yield url
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
