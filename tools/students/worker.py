"""The worker process: `python -m tools.students.worker`, started by `LocalExecutor`.

Reads one job per line from stdin, `{"function": "module:function", "payload": {…}}`, and writes
lines `{"progress": str}`, then one of `{"result": {…}}`, `{"tool_error": str, "of_base": bool}`,
or `{"bug": str}`. A bug ends the process, since its state cannot be trusted afterwards. So does the
end of stdin.
"""

import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable

from tools.services import Json, ToolError
from tools.students import resolve


def main() -> None:
    """Answer jobs until stdin ends."""
    # Libraries print to stdout; from here on that is the log, and the answers have a copy of it.
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    jobs: queue.SimpleQueue[Json] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()

    def write(message: Json) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    while True:
        _answer(jobs.get(), write)


def _read(jobs: queue.SimpleQueue[Json]) -> None:
    """Queue the jobs; when the parent is gone, end at once, even amid training."""
    for line in sys.stdin.buffer:
        jobs.put(json.loads(line))
    os._exit(0)


def _answer(job: Json, write: Callable[[Json], None]) -> None:
    try:
        function = resolve(job["function"])
        result = function(job["payload"], lambda message: write({"progress": message}))
        write({"result": result})
    except ToolError as error:
        write({"tool_error": str(error), "of_base": error.of_base})
    except BaseException as error:
        # The parent kills on reading this, so the log must be complete before.
        traceback.print_exc()
        write({"bug": traceback.format_exception_only(error)[-1].strip()})
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
