"""Read what the user brings, all of it before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.errors import UserError
from tools.examples import Example, ExampleStore, Split, text_key
from tools.hub.names import normalise
from tools.reading.files import read_examples
from tools.reading.reader import read_task
from tools.services import ToolError
from tools.splits import INTAKE
from tools.task import Demonstration, TaskSpec

TEST_CALL = "test file"
SOURCE, LICENCE = "user", "user"


@dataclass(frozen=True)
class Intake:
    """A user's task and examples, read and checked.

    Attributes:
        notes: Sentences on what was guessed or left out.
    """

    prompt: str
    spec: TaskSpec
    train: tuple[Example, ...]
    test: tuple[Example, ...]
    notes: tuple[str, ...]

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
    elif len(task) < 255 and path.is_file():
        text = _read(path)
    elif path.suffix in (".md", ".txt") and " " not in task:
        raise UserError(f"task file {task!r} does not exist; check the path")
    else:
        text = task
    if not text.strip():
        raise UserError("the task is empty; say in a sentence what the model should do")
    return text


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError(f"task file {str(path)!r} is not UTF-8 text; save it as UTF-8") from None


def read_intake(prompt: str, examples: Path | None = None, test: Path | None = None) -> Intake:
    """Read and check everything that the user gives.

    Raises:
        UserError: A file is missing or broken, or none of its labels belongs to the task.
    """
    try:
        spec = read_task(prompt)
        notes: list[str] = []
        given = list(spec.demonstrations)
        if examples:
            given += _read_file(examples, spec, notes)
        tested = _read_file(test, spec, notes) if test else []
    except ToolError as error:
        raise UserError(str(error)) from None
    train_rows = _rows(given, "train", spec, notes, str(examples))
    test_rows = _rows(tested, "test", spec, notes, str(test))
    return Intake(prompt, spec, _without(train_rows, test_rows, notes), test_rows, tuple(notes))


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
        output = known.get(normalise(pair.output)) if known else pair.output
        if output is None:
            unknown[pair.output] = unknown.get(pair.output, 0) + 1
            continue
        example = Example(pair.input, output, split, SOURCE, LICENCE, "gold")
        rows.setdefault(example.key, example)
    if unknown and not rows:
        raise UserError(f"no label in {file} belongs to the task: {', '.join(sorted(unknown))}")
    if unknown:
        names = ", ".join(repr(name) for name in sorted(unknown))
        notes.append(f"{file}: left out {sum(unknown.values())} rows whose labels ({names}) "
                     "the task does not know.")  # fmt: skip
    return tuple(rows.values())


def _without(
    train: Sequence[Example], test: Sequence[Example], notes: list[str]
) -> tuple[Example, ...]:
    """Reject training rows that the test set holds too."""
    tested = {text_key(example.input) for example in test}
    both = sum(example.key in tested for example in train)
    if both:
        notes.append(f"{both} of your examples are in the test file too and are not trained on.")
    return tuple(replace(e, reason="contamination") if e.key in tested else e for e in train)
