"""Training in several processes, one for each GPU, as `accelerate launch` starts them.

Each child runs `python -m tools.students.text.launch`, finds the others by the variables that
torchrun sets, and ends when its parent does. The first one writes messages, one a line:
`{"progress": str}`, then one of `{"said": […]}`, `{"tool_error": str, "of_base": bool}`,
`{"memory": true}`.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from tools.services import Json, Progress, ToolError, UnfitBaseError

_LOG = "processes.log"


def together(
    folder: Path, seconds: float | None, checkpoints: bool, progress: Progress, processes: int
) -> list[str]:
    """Train by the plan in `folder` in some processes; see `training.run`.

    Raises:
        ToolError: One of them raised it, or died.
        MemoryError: Memory ran out in one of them.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    job = json.dumps([str(folder), seconds, checkpoints])
    with (folder / _LOG).open("ab") as log:
        children = [
            subprocess.Popen(
                [sys.executable, "-P", "-m", "tools.students.text.launch", job],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(rank, processes, port),
            )
            for rank in range(processes)
        ]
    try:
        return _listen(children, folder, progress)
    finally:
        for child in children:
            child.kill()
            child.communicate()


def _listen(
    children: "list[subprocess.Popen[bytes]]", folder: Path, progress: Progress
) -> list[str]:
    """Pass progress on until the first process has its result, or any of them a reason for none."""
    for child in children[1:]:
        # When one dies the others wait for it for ever.
        threading.Thread(target=_end_with, args=(child, children[0]), daemon=True).start()
    stdout = children[0].stdout
    assert stdout
    for line in stdout:
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


def _end_with(child: "subprocess.Popen[bytes]", first: "subprocess.Popen[bytes]") -> None:
    if child.wait():
        first.kill()


def _environment(rank: int, processes: int, port: int) -> dict[str, str]:
    import torch

    variables = {
        **os.environ,
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
    }
    if not torch.cuda.is_available():
        threads = max(1, (os.cpu_count() or 1) // processes)
        variables |= {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": str(threads)}
    return variables


def main() -> None:
    """Do the part of one process."""
    from tools.students.text import training

    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    first = os.environ["RANK"] == "0"

    def write(message: Json) -> None:
        if first:
            channel.write(json.dumps(message) + "\n")
            channel.flush()

    folder, seconds, checkpoints = json.loads(sys.argv[1])
    try:
        said = training.run(
            Path(folder), seconds, checkpoints, lambda text: write({"progress": text})
        )
        write({"said": said})
    except ToolError as error:
        write({"tool_error": str(error), "of_base": error.of_base})
    except MemoryError:
        write({"memory": True})


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main()
