"""Read what the user brings, all of it before anything is written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.errors import UserError
from tools.curation.duplicates import near_duplicates_of
from tools.examples import Example, ExampleStore, Split
from tools.hub.names import normalise
from tools.reading.files import read_examples
from tools.reading.reader import read_task
from tools.reading.text_file import read_text
from tools.schemas import following
from tools.scoring.metrics import METRICS
from tools.services import ToolError
from tools.splits import INTAKE
from tools.task import Demonstration, TaskSpec
from tools.text import one_line

TEST_CALL = "test file"
SOURCE, LICENCE = "user", "user"


@dataclass(frozen=True)
class Intake:
    """A user's examples, read and checked.

    Attributes:
        notes: Sentences on what was guessed or left out.
    """

    train: tuple[Example, ...] = ()
    test: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()

    def store(self, store: ExampleStore) -> None:
        """Put the rows into the store; repeating it changes nothing."""
        store.write(TEST_CALL, self.test)
        store.write(INTAKE, self.train)


def task_text(task: str, stdin: str | None = None) -> str:
    """Return the task's text: `-` is standard input, an existing file is read, the rest is text.

    Raises:
        UserError: The task is empty, or looks like a file that is not there.
    """
    path = Path(task)
    if task == "-":
        text = stdin or ""
    elif _is_file(path):
        text = _read(path)
    elif path.suffix in (".md", ".txt") and " " not in task:
        raise UserError(f"task file {task!r} does not exist; check the path")
    else:
        text = task
    if not text.strip():
        raise UserError("the task is empty; say in a sentence what the model should do")
    return text


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a task in words can be too long for a file name
        return False


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except ToolError as error:
        raise UserError(str(error)) from None


def read_intake(
    prompt: str,
    examples: Path | None = None,
    test: Path | None = None,
    metrics: Collection[str] = frozenset(METRICS),
) -> Intake:
    """Read and check everything that the user gives.

    Args:
        prompt: The task in words.
        examples: File with examples.
        test: File with test rows.
        metrics: Names that the task may call its metric by.

    Raises:
        UserError: A file is missing or broken, or none of its labels belongs to the task.
    """
    try:
        spec = read_task(prompt, metrics)
        notes: list[str] = []
        given = list(spec.demonstrations)
        if examples:
            given += _read_file(examples, spec, notes)
        tested = _read_file(test, spec, notes) if test else []
    except ToolError as error:
        raise UserError(str(error)) from None
    train_rows = _rows(given, "train", spec, notes, str(examples or "the task"))
    test_rows = _rows(tested, "test", spec, notes, str(test))
    return Intake(_without(train_rows, test_rows, notes), test_rows, tuple(notes))


def _read_file(path: Path, spec: TaskSpec, notes: list[str]) -> list[Demonstration]:
    found = read_examples(path, spec)
    notes.extend(found.notes)
    return list(found.pairs)


def _rows(
    pairs: Sequence[Demonstration], split: Split, spec: TaskSpec, notes: list[str], file: str
) -> tuple[Example, ...]:
    """Turn pairs into examples, each input once, outputs spelled as the task spells its labels."""
    known = {normalise(name): name for name in spec.label_names}
    rows: dict[str, Example] = {}
    unknown: dict[str, int] = {}
    for pair in pairs:
        output = _output(pair.output, known, spec)
        if output is None:
            unknown[pair.output] = unknown.get(pair.output, 0) + 1
            continue
        example = Example(pair.input, output, split, SOURCE, LICENCE, "gold")
        rows.setdefault(example.key, example)
    if unknown and spec.output_schema:
        _note_unfit(unknown, file, notes, left=bool(rows))
        return tuple(rows.values())
    if unknown and not rows:
        raise UserError(f"no label in {file} belongs to the task: {', '.join(sorted(unknown))}")
    if unknown:
        names = ", ".join(repr(name) for name in sorted(unknown))
        notes.append(f"{file}: left out {sum(unknown.values())} rows whose labels ({names}) "
                     "the task does not know.")  # fmt: skip
    return tuple(rows.values())


def _output(output: str, known: Mapping[str, str], spec: TaskSpec) -> str | None:
    """Return an output in the task's spelling; None where it is none of the task's."""
    if spec.output_schema:
        return following(spec.output_schema, output)
    return known.get(normalise(output)) if known else output


def _note_unfit(unfit: Mapping[str, int], file: str, notes: list[str], *, left: bool) -> None:
    """Note how many outputs break the schema; where all do, rather the schema is wrong."""
    first = one_line(next(iter(unfit)), 80)
    if not left:
        raise UserError(f"no output in {file} follows the task's JSON Schema, such as {first!r}; "
                        "correct the schema or the outputs")  # fmt: skip
    notes.append(f"{file}: left out {sum(unfit.values())} rows whose outputs, such as {first!r}, "
                 "break the task's JSON Schema.")  # fmt: skip


def _without(
    train: Sequence[Example], test: Sequence[Example], notes: list[str]
) -> tuple[Example, ...]:
    """Reject training rows that the test set holds too, in these words or nearly so."""
    tested = near_duplicates_of([e.input for e in train], [e.input for e in test])
    if sum(tested):
        notes.append(f"{sum(tested)} of your examples are in the test file too; not trained on.")
    return tuple(
        replace(example, reason="contamination") if known else example
        for example, known in zip(train, tested, strict=True)
    )
