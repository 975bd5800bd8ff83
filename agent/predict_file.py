"""Answer a file into another one, so that a command that was killed goes on where it was."""

import fcntl
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from agent.errors import UserError
from agent.predict import BATCH, answers, load_model
from agent.runs import Run

if TYPE_CHECKING:
    from tools.services import Student

_SECONDS_BETWEEN_MESSAGES = 5.0
_ASKED_AGAIN = 8
_CLOSE = 0.02
"""How far off the confidence of the same answer may be, as between batches on a GPU."""


def answer_file(
    run: Run,
    texts: Iterator[str],
    file: Path | None,
    output: Path,
    progress: Callable[[str], None],
) -> None:
    """Answer `texts`, which are those of `file`, with the model of a run into `output`.

    Raises:
        UserError: There is no `file`, it is `output`, or as of `predict_into`.
    """
    if file is None:
        raise UserError("--output is for the answers to --file F")
    if file.exists() and output.exists() and output.samefile(file):
        raise UserError(f"{output} is the file with the texts; name another --output")
    try:
        done = predict_into(load_model(run), texts, output, progress)
    except KeyboardInterrupt:
        raise UserError("interrupted; the same command goes on", 130) from None
    progress(f"{done:,} answers in {output}")


def predict_into(
    student: "Student", texts: Iterator[str], output: Path, progress: Callable[[str], None]
) -> int:
    """Write an answer a line to `output`, in the order of `texts`; return how many there are.

    What an earlier command has written is kept up to its last whole batch. So the batches are the
    same as if it had not been interrupted, and every digit of the answers is, too.

    Raises:
        UserError: `output` holds something else, is in use, or cannot be written; or as of `texts`.
    """
    # Read before anything is written: most of what can be wrong with a file shows at its beginning.
    texts = chain([*islice(texts, 1)], texts)
    try:
        with output.open("a+b") as file:
            _claim(file, output)
            found = _found(file, output, texts)
            if not _is_of(student, found.last):
                raise UserError(f"{output} holds answers of another model; {_INSTEAD}")
            file.truncate(found.end)
            if found.done:
                progress(f"going on after {found.done:,} rows that are answered")
            return _append(student, found, file, progress)
    except OSError as error:
        raise UserError(
            f"cannot write {output} ({error.strerror}); once that is mended, the same command"
            " goes on",
            1,
        ) from None


@dataclass(frozen=True)
class _Found:
    """What was there: whole batches of `done` lines and `end` bytes, and what is left to do."""

    done: int
    end: int
    last: deque[dict[str, Any]]
    texts: Iterator[str]


_INSTEAD = "name another --output, or delete it"


def _claim(file: IO[bytes], output: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(f"{output} is being written by another process; wait for it", 1) from None


def _found(file: IO[bytes], output: Path, texts: Iterator[str]) -> _Found:
    """Compare `file` with the texts, as far as it goes."""
    file.seek(0)
    done = end = 0
    last: deque[dict[str, Any]] = deque(maxlen=_ASKED_AGAIN)
    while True:
        batch = [*islice(texts, BATCH)]
        lines = [*islice(file, BATCH)]
        if len(lines) > len(batch):
            raise UserError(f"{output} has more lines than there are texts; {_INSTEAD}")
        if lines and not lines[-1].endswith(b"\n"):
            cut = lines.pop()
            _check_begun(cut, batch[len(lines)], f"{output}, line {done + len(lines) + 1}")
        for number, (line, text) in enumerate(zip(lines, batch, strict=False), done + 1):
            last.append(_answer(line, text, f"{output}, line {number}"))
        if not batch or len(lines) < len(batch):
            return _Found(done, end, last, chain(batch, texts))
        done += len(batch)
        end += sum(map(len, lines))


def _answer(line: bytes, text: str, where: str) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not {"input", "output", "confidence"} <= answer.keys():
        raise UserError(f"{where}: not an answer of this command; {_INSTEAD}")
    if answer["input"] != text:
        raise UserError(f"{where}: the answer to another text than the file has; {_INSTEAD}")
    return answer


def _check_begun(cut: bytes, text: str, where: str) -> None:
    """Make sure that a line without an end is what a command that was killed has left.

    Raises:
        UserError: It is not the beginning of an answer to `text`.
    """
    start = json.dumps({"input": text, "output": ""}, ensure_ascii=False)[:-2].encode()
    try:
        json.loads(cut)
    except ValueError:
        if not (cut.startswith(start) or start.startswith(cut)):
            raise UserError(f"{where}: holds something else; {_INSTEAD}") from None
    else:
        _answer(cut, text, where)


def _is_of(student: "Student", last: deque[dict[str, Any]]) -> bool:
    """Tell whether `student` gives (most of) these answers, too."""
    again = student.predict([answer["input"] for answer in last])
    same: list[bool] = [
        new.output == old["output"] and abs(new.confidence - old["confidence"]) < _CLOSE
        for new, old in zip(again, last, strict=True)
    ]
    return 2 * sum(same) >= len(same)


def _append(
    student: "Student", found: _Found, file: IO[bytes], progress: Callable[[str], None]
) -> int:
    done, heard = found.done, time.monotonic()
    for batch in answers(student, found.texts):
        lines = (json.dumps(answer, ensure_ascii=False) + "\n" for answer in batch)
        file.write("".join(lines).encode())
        file.flush()
        os.fsync(file.fileno())
        done += len(batch)
        if time.monotonic() - heard > _SECONDS_BETWEEN_MESSAGES:
            heard = time.monotonic()
            progress(f"answered {done:,} rows")
    return done
