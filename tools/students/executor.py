"""Runs jobs in one long-lived worker process beside this one."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tools.services import Json, Progress, ToolError, UnfitBaseError

_GRACE_S = 5.0


class WorkerError(RuntimeError):
    """A job failed with something other than a ToolError: a bug, to be read by a developer."""


class LocalExecutor:
    """An Executor whose jobs run one at a time in a subprocess that starts on the first one.

    The worker outlives its jobs, so that libraries and models are loaded once. It ends with
    `close`, with this process, or when a job fails with a bug or overruns its deadline; the next
    job then starts a fresh one.

    Args:
        log: File to which the worker's stderr is appended.
        offline: Whether the worker is kept from reaching the Hugging Face Hub.
    """

    def __init__(self, log: Path, *, offline: bool = False) -> None:
        self._log = log
        self._offline = offline
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._interrupted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker, whatever it is doing; a later job starts a fresh one."""
        worker, self._worker = self._worker, None
        if worker:
            worker.stop()

    def interrupt(self) -> None:
        """Kill the worker, so that the job under way fails at once; safe in a signal handler."""
        self._interrupted = True
        if self._worker:
            self._worker.kill()

    def run(
        self, function: str, payload: Json, progress: Progress, timeout_s: float | None = None
    ) -> Json:
        """Call `module:function(payload, progress)` in the worker and return its JSON result.

        Raises:
            ToolError: The function raised one, ran past `timeout_s`, or the worker died.
            WorkerError: The function raised anything else; the traceback is in the log.
        """
        with self._lock:
            worker = self._ready()
            answered = False
            try:
                worker.send({"function": function, "payload": payload})
                answer = self._listen(worker, function, progress, timeout_s)
                answered = "bug" not in answer
            finally:
                # Whatever is left of a job that was not answered must not answer the next one.
                if not answered:
                    self.close()
        if "bug" in answer:
            raise WorkerError(f"{function}: {answer['bug']} (traceback in {self._log})")
        if "tool_error" in answer:
            kind = UnfitBaseError if answer["of_base"] else ToolError
            raise kind(answer["tool_error"])
        result: Json = answer["result"]
        return result

    def _ready(self) -> "_Worker":
        if self._worker and not self._worker.alive():
            self.close()
        if not self._worker:
            self._worker = _Worker(self._log, self._offline)
        return self._worker

    def _listen(
        self, worker: "_Worker", function: str, progress: Progress, timeout_s: float | None
    ) -> Json:
        """Pass progress on until the job's answer arrives."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            try:
                message = worker.messages.get(timeout=left)
            except queue.Empty:
                raise ToolError(
                    f"the work did not end within {timeout_s:.0f} s and was stopped; "
                    "give it less to do or more time"
                ) from None
            if message is None and self._interrupted:
                raise WorkerError(f"{function} was interrupted")
            if message is None:
                code = worker.stop()
                # Most often because a model took all the memory.
                raise UnfitBaseError(
                    f"the worker process died (exit status {code}) in {function}; "
                    f"{self._log} may say why"
                )
            if "progress" not in message:
                return message
            progress(message["progress"])


class _Worker:
    """The subprocess and the thread that listens to it."""

    def __init__(self, log: Path, offline: bool) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                # -P: a folder called tools where the user happens to be must not shadow ours.
                [sys.executable, "-P", "-m", "tools.students.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=_environment(offline),
                # Ctrl-C in the terminal is for the parent to answer.
                start_new_session=True,
            )
        self.messages: queue.SimpleQueue[Json | None] = queue.SimpleQueue()
        # A thread, since a pipe cannot be waited on with a deadline everywhere.
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout,), daemon=True
        )
        self._reader.start()

    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, job: Json) -> None:
        """Hand a job over; a worker that is gone shows as the end of its messages."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._process.wait(_GRACE_S)

    def kill(self) -> None:
        """Kill the process, which keeps nothing that is not on disk."""
        if self.alive():
            self._process.kill()

    def stop(self) -> int:
        """Kill the process and let go of it; return its exit status."""
        self.kill()
        code = self._process.wait()
        self._reader.join()
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdout.close()
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            return code
        return code

    def _read(self, stdout: IO[bytes]) -> None:
        for line in stdout:
            # What a kill cut off mid-line is no message.
            if line.endswith(b"\n"):
                self.messages.put(json.loads(line))
        self.messages.put(None)


def _environment(offline: bool) -> dict[str, str]:
    variables = {
        # Idle threads that spin slow training threefold where other processes want the cores.
        "OMP_WAIT_POLICY": "PASSIVE",
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
        "TOKENIZERS_PARALLELISM": "false",
    }
    return {**variables, "HF_HUB_OFFLINE": "1"} if offline else variables
