"""Run directories as the page finds them, and a page over them that listens."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr
import uvicorn
from gradio.events import api

from agent.chat.mailbox import Json, Mailbox
from agent.runs import Run, create, write_manifest
from agent.settings import Settings
from agent.ui.context import Context
from agent.ui.guard import Login
from agent.ui.page import Tab, build_page
from agent.ui.server import Place, page_app

Made = TypeVar("Made")
TASK = "Sort messages to a parcel company's help desk by topic."
SPEC: Json = {
    "instruction": TASK,
    "output_type": "label",
    "labels": [
        {"name": "late", "meaning": "A parcel has not come.", "borderline": "lost is for good"},
        {"name": "lost", "meaning": "A parcel will not come any more."},
        {"name": "damaged", "meaning": "A parcel or what is in it is broken."},
    ],
    "language": "en",
    "assumptions": ["No language is named, so I took the inputs to be in English."],
}
UNDERSTOOD: Json = {
    "version": 1,
    "spec": SPEC,
    "examples": [
        {"input": "Where is my parcel?", "output": "late", "from": "yours"},
        {"input": "It never came, I want my money", "output": "lost", "from": "imagined"},
        {"input": "the box was crushed", "output": "damaged", "from": "data set"},
    ],
    "questions": ["Is a parcel that came late but is here now `late`?"],
    "changed": [],
}
PROPOSAL: Json = {
    "calls": [{"name": "map_columns", "args": {"dataset": "swiftpost/helpdesk_messages"}}],
    "steps": ["Import swiftpost/helpdesk_messages", "Write examples of what is missing", "Train"],
    "datasets": [
        {"id": "swiftpost/helpdesk_messages", "licence": "apache-2.0", "rows": 240,
         "imported": False},
        {"id": "acme/mail", "licence": "cc-by-sa-4.0", "rows": None, "imported": True},
    ],
    "usd": {"expected": 0.12, "most": 5.0},
    "minutes": {"expected": None, "most": 30.0},
    "rounds": 6,
    "rows": {},
}  # fmt: skip


def round_(number: int, value: float, *, kept: bool = True, focus: str = "hard") -> Json:
    """A round as reports have it."""
    return {
        "round": number, "focus": focus, "requested": 40, "accepted": 36, "rejected": {},
        "validation": {"metric": "accuracy", "value": value, "ci95": [value - 0.08, value + 0.05],
                       "n": 60},
        "p_better": None if number == 1 else 0.93, "kept": kept, "seconds": 61.0, "usd": 0.02,
        "tokens": 1200,
    }  # fmt: skip


def report(run: Run, value: float = 0.875, **student: Any) -> Json:
    """A report, format 1, of a finished run."""
    return {
        "format": 1, "run": run.id, "run_dir": str(run.folder),
        "task": SPEC | {"metric": "accuracy"},
        "status": "done", "stop_reason": "plateau", "stop_detail": "no gain", "evidence": "gold",
        "test": {"metric": "accuracy", "value": value, "ci95": [value - 0.1, value + 0.07],
                 "n": 80, "also": {}, "judge": None},
        "baselines": {"majority": 0.34, "copy": None, "seed_only": 0.7, "teacher": None},
        "rounds": [round_(1, 0.75), round_(2, 0.8), round_(3, 0.79, kept=False)],
        "student": {"id": "abc", "method": "probe", "base": "all-MiniLM-L6-v2",
                    "parameters": 22_700_000, "size_mb": 90.9, "latency_ms": 13.5,
                    "hyperparameters": {"features": "encoder"}, "notes": []} | student,
        "data": {"train": 240, "validation": 60, "test": 80, "origins": [
            {"source": "swiftpost/helpdesk_messages", "licence": "apache-2.0", "rows": 180}]},
        "model_dir": str(run.folder / "models" / "abc"),
        "spent": {"seconds": 185.0, "usd": 0.06, "prompt_tokens": 1, "completion_tokens": 1,
                  "teacher_calls": 4, "cached_calls": 0, "by": {}},
    }  # fmt: skip


def begun(out: Path, task: str = TASK, status: str = "waiting") -> Run:
    """A run that has a manifest and nothing else."""
    run = create(out, task)
    write_manifest(run, task, Settings(out=out).model_dump(mode="json"))
    run.update(status=status)
    return run


def finished(out: Path, value: float = 0.875, task: str = TASK, **student: Any) -> Run:
    """A run that has come to a report."""
    run = begun(out, task, "done")
    text = json.dumps(report(run, value, **student))
    (run.folder / "report.json").write_text(text, encoding="utf-8")
    return run


def mailbox(run: Run) -> Mailbox:
    """The mailbox of a run."""
    return Mailbox(run.folder / "chat.sqlite")


def talked(run: Run, *, proposed: bool = True) -> Run:
    """Have a run hold a conversation that waits for an answer to its last question."""
    with closing(mailbox(run)) as box:
        box.say(TASK)
        first = box.post("understood", "Is this the task?", "ask:1", UNDERSTOOD)
        if proposed and first:
            box.say("yes", answers=first.id)
            box.post("proposal", "Go ahead?", "ask:2", PROPOSAL)
    return run


def _answer(run: str, text: str) -> dict[str, Any]:
    """Answer a text with the model of a run.

    Args:
        run: Id of the run.
        text: The input.
    """
    return {"output": text.upper(), "confidence": 0.5, "run": run}


_answer.__name__ = "predict"


def answering(_context: Context) -> None:
    """A tab with a public endpoint, and with a private one."""
    api(_answer, api_name="predict")
    gr.Button("Secret").click(lambda: None, api_name="secret")


def in_a_loop(make: Callable[[], Made]) -> Made:
    """Return what `make` gives in an event loop: outside of one, Gradio opens one and leaves it."""

    async def making() -> Made:
        return make()

    with ThreadPoolExecutor(1) as pool:  # the browser's driver has a loop of its own in this one
        return pool.submit(asyncio.run, making()).result()


def built(settings: Settings) -> gr.Blocks:
    """The page."""
    return in_a_loop(lambda: build_page(settings))


@contextmanager
def serving(
    out: Path,
    login: Login | None = None,
    *,
    mcp: bool = False,
    tabs: Mapping[str, Tab] | None = None,
) -> Iterator[str]:
    """Serve the page over the runs in `out` on a free port; give its address."""
    place = Place(share=login is not None, mcp=mcp)
    app = in_a_loop(lambda: page_app(Settings(out=out), place, login, tabs))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1, ws="none")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
