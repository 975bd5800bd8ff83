"""Run directories that look as if a run had ended there, around a student made by hand."""

import json
import sys
from pathlib import Path
from typing import Any

from agent.runs import FORMAT, Run
from tests.fakes import KeywordMethod
from tools.services import TrainingSet, silent
from tools.students.manifest import MANIFEST, StudentManifest

ROWS = [("lost my card", "card"), ("a card", "card"), ("euro rate", "rate"), ("the rate", "rate")]
KEYWORDS = f"{KeywordMethod.__module__}:{KeywordMethod.__name__}"
_MAIN = f"""from tools.students import METHODS
METHODS["keywords"] = {KEYWORDS!r}
from agent.cli import main
main()
"""
TASKSMITH = (sys.executable, "-c", _MAIN)
"""The command line in a process that knows the method, too."""


def finished(folder: Path, student: Path | None = None, **manifest: Any) -> Run:
    """Return a run whose student is what lies in `student`, or one that knows some words.

    Args:
        folder: Where the run is to be.
        student: Folder to be moved into the run.
        manifest: What its manifest says otherwise.
    """
    home = folder / "models" / "abc"
    home.parent.mkdir(parents=True)
    if student:
        student.rename(home)
    else:
        texts, outputs = zip(*ROWS, strict=True)
        KeywordMethod().fit(TrainingSet(texts, outputs), "", {}, home, silent)
    about = {"method": "own", "entry": KEYWORDS, "labels": ("card", "rate")} | manifest
    (home / MANIFEST).write_text(
        StudentManifest.model_validate(
            {
                "student": "abc", "base": "b", "hyperparameters": {}, "seed": 0, "parameters": 1,
                "size_mb": 1.0, "latency_ms": 1.0, "train_rows": 4, "seconds": 1.0, "notes": (),
                "language": "en", "instruction": "Sort.",
            }
            | about
        ).model_dump_json()
    )  # fmt: skip
    run = {"format": FORMAT, "task": "Sort.", "created": "2026-01-01", "status": "done"}
    (folder / "run.json").write_text(json.dumps(run))
    report = {"status": "done", "task": {}, "test": {}, "student": {"id": "abc"}}
    (folder / "report.json").write_text(json.dumps(report))
    return Run(folder)
