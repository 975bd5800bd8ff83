"""Training in several processes, one for each GPU, through `accelerate launch`.

Each of them runs `python -m tools.students.text.launch`. They share stdin, and end with it when
their parent does. On stdout, which they share, too, they write messages, one a line: the first one
`{"progress": str}` and then `{"said": […]}`; any of them `{"tool_error": str, "of_base": bool}` or
`{"memory": true}`.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from tools.files import write_text
from tools.services import Json, Progress, ToolError, UnfitBaseError
from tools.students.curve import NO_CURVE, Curve
from tools.students.text.memory import ran_out

_MODULE = "tools.students.text.launch"
_CONFIG = "accelerate.json"
_LOG = "processes.log"


def together(
    folder: Path,
    seconds: float | None,
    checkpoints: bool,
    progress: Progress,
    processes: int,
    curve: Curve = NO_CURVE,
) -> list[str]:
    """Train by the plan in `folder` in some processes; see `training.run`.

    Raises:
        ToolError: One of them raised it, or died.
        MemoryError: Memory ran out in one of them.
    """
    path = curve.path and str(curve.path)
    job = json.dumps([str(folder), seconds, checkpoints, path, curve.report_to])
    threads = max(1, (os.cpu_count() or 1) // processes)
    with (folder / _LOG).open("ab") as log:
        launcher = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "accelerate.commands.launch"),
                *("--config_file", str(_config(folder, processes))),
                *("--num_cpu_threads_per_process", str(threads)),
                *("--module", _MODULE, job),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(),
        )
    assert launcher.stdout
    try:
        return _listen(launcher.stdout, folder, progress)
    finally:
        launcher.kill()
        # It closes stdin, and waits until nobody has stdout any more.
        launcher.communicate()


def _listen(lines: IO[bytes], folder: Path, progress: Progress) -> list[str]:
    """Pass progress on until there is a result, or a reason for none."""
    for line in lines:
        if not line.endswith(b"\n"):
            break
        message: Json = json.loads(line)
        if "progress" in message:
            progress(message["progress"])
        elif "said" in message:
            return list(message["said"])
        elif "memory" in message:
            raise MemoryError
        else:
            raise (UnfitBaseError if message["of_base"] else ToolError)(message["tool_error"])
    raise ToolError(f"a process that trained died; {folder / _LOG} may say why")


def _config(folder: Path, processes: int) -> Path:
    """Write all that accelerate would else take from the user's own configuration of it."""
    config = {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": "MULTI_GPU",
        "num_machines": 1,
        "num_processes": processes,
        "main_process_port": 0,
        "mixed_precision": "no",  # The trainer's arguments say which.
        "use_cpu": False,
        "debug": False,
    }
    write_text(folder / _CONFIG, json.dumps(config))
    return folder / _CONFIG


def _environment() -> dict[str, str]:
    import torch

    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ACCELERATE_")},
        "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
        # Nothing in the folder where someone works is taken for a module.
        "PYTHONSAFEPATH": "1",
    }
    return variables if torch.cuda.is_available() else {**variables, "ACCELERATE_USE_CPU": "true"}


def main() -> None:
    """Do the part of one process."""
    from tools.students.text import training

    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    first = os.environ["RANK"] == "0"

    def write(message: Json) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    def say(text: str) -> None:
        if first:
            write({"progress": text})

    folder, seconds, checkpoints, path, report_to = json.loads(sys.argv[1])
    curve = Curve(path and Path(path), report_to)
    try:
        said = training.run(Path(folder), seconds, checkpoints, say, curve)
        if first:
            write({"said": said})
    except ToolError as error:
        write({"tool_error": str(error), "of_base": error.of_base})
    except (MemoryError, RuntimeError) as error:
        if not ran_out(error):
            raise
        write({"memory": True})


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
