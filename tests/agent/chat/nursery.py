"""Workers with a light student, forked from a process that has the libraries loaded.

So that a test can kill many of them: a fresh one would take seconds to start.

python -m tests.agent.chat.nursery     reads what to start, a JSON line each; writes process ids
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[3]


class Nursery:
    """Starts workers.

    Args:
        process: `python -m tests.agent.chat.nursery`.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self, folder: Path, **environment: str) -> int:
        """Start a worker on the run in a folder; return its process id."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([str(folder), environment]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Have a nursery for a while; workers that are left end with it."""
    command = [sys.executable, "-m", "tests.agent.chat.nursery"]
    pipe = subprocess.PIPE
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True
    ) as process:
        try:
            yield Nursery(process)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(10)


LOADED = """
    agent.chat.posts agent.engine agent.planners.llm graph.situation openai.resources
    tools.hub.hub_source tools.llm.gateway tools.reading.llm_reader tools.students.executor
    tools.students.jobs tools.talk.llm tools.teachers.annotator tools.teachers.llm
    datasketch dill langcodes py3langid rapidfuzz.process scipy.stats torch
"""
"""What a worker would load step by step."""


def _serve() -> None:
    for name in LOADED.split():
        import_module(name)
    from agent.chat.worker import work_on
    from agent.runs import Run
    from tests.agent.llm_run import PARTS

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children: list[int] = []
    for line in sys.stdin:
        folder, environment = json.loads(line)
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.environ.update(environment)
            try:
                work_on(Run(Path(folder)), None, PARTS)
            finally:
                os._exit(0)
        children.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    _serve()
