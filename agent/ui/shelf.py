"""The examples of the runs that are looked at: opened once, kept while they are there."""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from agent.errors import UserError
from agent.runs import Run
from tools.browsing import Browser
from tools.by_hand import ByHand, Outputs
from tools.services import Json, ToolError
from tools.students.manifest import load_manifest

NO_DATA = "this run has no examples yet; they come with its first steps"
_KEPT = 2
_Key = tuple[str, int, str | None]


class Shelf:
    """Browsers of runs; used by one thread at a time.

    Args:
        find: Finds a run by its name, or raises a `UserError`.
    """

    def __init__(self, find: Callable[[str], Run]) -> None:
        self._named = find
        self._open: OrderedDict[_Key, Browser] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def browse(self, name: str | None) -> Iterator[Browser]:
        """Give the examples of a run to read.

        Raises:
            UserError: There is no such run, or it has no examples, or they cannot be read.
        """
        with self._lock, _told():
            yield self._browser(self.find(name))

    @contextmanager
    def edit(self, name: str | None) -> Iterator[tuple[Browser, ByHand]]:
        """Give the examples of a run to read and to change.

        Raises:
            UserError: There is no such run, or it has no examples, or what is asked for cannot be.
        """
        with self._lock, _told():
            run = self.find(name)
            browser = self._browser(run)
            with ByHand(run.folder / "data.sqlite", outputs_of(run, browser)) as hand:
                yield browser, hand

    def outputs(self, name: str | None) -> Outputs:
        """Return what the outputs of a run may be.

        Raises:
            UserError: There is no such run, or it has no examples.
        """
        with self.browse(name) as browser:
            return outputs_of(self.find(name), browser)

    def find(self, name: str | None) -> Run:
        """Return the run that is looked at.

        Raises:
            UserError: There is none.
        """
        if not name:
            raise UserError("no run is chosen; choose one above, or begin one in Chat")
        return self._named(name)

    def _browser(self, run: Run) -> Browser:
        path = run.folder / "data.sqlite"
        if not path.is_file():
            raise UserError(NO_DATA)
        student = ((run.report or {}).get("student") or {}).get("id")
        # A run that was deleted and made anew under its name is another file.
        key = (str(path), path.stat().st_ino, student)
        if key not in self._open:
            self._open[key] = Browser(path, student)
            while len(self._open) > _KEPT:
                self._open.popitem(last=False)[1].close()
        self._open.move_to_end(key)
        return self._open[key]


@contextmanager
def _told() -> Iterator[None]:
    """Tell a person in a line what cannot be done with the examples of a run."""
    try:
        yield
    except ToolError as error:
        raise UserError(str(error)) from None
    except sqlite3.Error as error:
        raise UserError(f"the examples of this run cannot be read or written ({error})") from None


def outputs_of(run: Run, browser: Browser) -> Outputs:
    """Return what outputs may be, from the task, else the latest student, else the rows."""
    if task := run.spec:
        # Tasks of earlier versions lack what came later.
        names = [label["name"] for label in task.get("labels", ())]
        return _outputs(task["output_type"], names, task.get("output_schema"), browser)
    if browser.student:
        try:
            student = load_manifest(run.folder / "models" / browser.student)
        except ToolError:
            return _guessed(browser)
        return _outputs(student.output_type, student.labels, student.output_schema, browser)
    return _guessed(browser)


def _outputs(kind: str, names: Sequence[str], schema: Json | None, browser: Browser) -> Outputs:
    if kind == "text":
        return Outputs(schema=schema)
    return Outputs(tuple(sorted({*names, *browser.outputs()})))


def _guessed(browser: Browser) -> Outputs:
    """Take outputs for labels where most occur more than once."""
    found = browser.outputs()
    few = 2 * len(found) <= browser.rows()
    return Outputs(tuple(found) if few else ())
