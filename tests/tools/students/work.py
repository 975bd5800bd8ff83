"""Jobs that the executor's tests run in the worker."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tools.services import Json, Progress, ToolError, UnfitBaseError


def count(payload: Json, progress: Progress) -> Json:
    for i in range(payload["n"]):
        progress(f"step {i}")
    return {"sum": sum(range(payload["n"])), "pid": os.getpid()}


def lengths(payload: Json, _progress: Progress) -> Json:
    return {"lengths": [len(text) for text in payload["texts"]]}


def sleep(payload: Json, progress: Progress) -> Json:
    progress(str(os.getpid()))
    time.sleep(payload["seconds"])
    return {}


def spin(_payload: Json, progress: Progress) -> Json:
    progress(str(os.getpid()))
    while True:
        sum(range(10_000))


def die(_payload: Json, _progress: Progress) -> Json:
    os._exit(7)


def refuse(_payload: Json, _progress: Progress) -> Json:
    raise ToolError("no such thing; try another")


def refuse_base(_payload: Json, _progress: Progress) -> Json:
    raise UnfitBaseError("too large; choose another")


def fail(_payload: Json, _progress: Progress) -> Json:
    raise KeyError("a bug")


def chatter(_payload: Json, _progress: Progress) -> Json:
    sys.stdout.write("not a message\n")
    sys.stdout.flush()
    os.write(1, b"nor this\n")
    subprocess.run(["/bin/echo", "nor that"], check=True)
    return {"offline": os.environ.get("HF_HUB_OFFLINE")}


def parent(payload: Json, progress: Progress) -> Json:
    """Has an executor of its own, whose worker spins for ever."""
    from tools.students.executor import LocalExecutor

    LocalExecutor(Path(payload["log"])).run("tests.tools.students.work:spin", {}, progress)
    return {}
