"""Questions to the models of runs, answered in a process of their own.

It starts with the first question, so that the page opens at once, keeps the two models used last
in memory, and ends with the page.
"""

import tempfile
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import UserError
from agent.predict import model_folder
from agent.runs import Run
from tools.services import Executor, ToolError, silent
from tools.students.executor import LocalExecutor, WorkerError

LONGEST = 100_000
"""Characters of a text to answer."""
_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Answered:
    """An answer to one text.

    Attributes:
        margin: Lead of the answer over the next likely one.
        likely: The best few labels with their probabilities; empty where the model weighs none.
    """

    text: str
    output: str
    confidence: float
    margin: float
    likely: tuple[tuple[str, float], ...] = ()


class Answerer:
    """Asks the models of runs.

    Args:
        executor: Where they answer; a process of its own where there is none.
        methods: Entries, `module:Class`, of methods beside the built-in ones.
    """

    def __init__(self, executor: Executor | None = None, methods: Collection[str] = ()) -> None:
        self._executor = executor
        self._methods = list(methods)
        self._lock = threading.Lock()

    def ask(self, run: Run, texts: Sequence[str]) -> list[Answered]:
        """Return one answer per text, in order.

        Raises:
            UserError: The run has no model, it cannot be used, or a text is empty or too long.
        """
        if not texts or not all(text.strip() for text in texts):
            raise UserError("the text is empty; give some words to answer")
        if max(map(len, texts)) > LONGEST:
            raise UserError(f"the text has more than {LONGEST:,} characters; give a shorter one")
        payload = {
            "folder": str(model_folder(run)),
            "methods": self._methods,
            "texts": [text.encode(errors="replace").decode() for text in texts],
        }
        job = "tools.students.asking:answer"
        try:
            result = self._process().run(job, payload, silent, _TIMEOUT_S)
        except ToolError as error:
            raise UserError(str(error), 1) from None
        except WorkerError as error:
            raise UserError(f"the model of {run.id} could not answer ({error})", 1) from None
        return [
            Answered(text, output, confidence, margin, tuple((label, p) for label, p in likely))
            for text, (output, confidence, margin), likely in zip(
                texts, result["predictions"], result["likely"], strict=True
            )
        ]

    def _process(self) -> Executor:
        with self._lock:
            if self._executor is None:
                self._executor = LocalExecutor(Path(tempfile.mkdtemp()) / "answering.log")
            return self._executor
