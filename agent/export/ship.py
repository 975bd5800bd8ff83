"""`--format F`: a model becomes a folder that needs no Tasksmith, and is measured once more."""

import sys
from dataclasses import asdict, replace
from pathlib import Path

from agent.errors import UserError
from agent.export.cards import licence_list, shipped_card
from agent.export.finished import Finished
from agent.export.measured import Measured, measure
from agent.export.place import write_mark, written
from tools.services import ToolError
from tools.shipping.ship import check_format, kind_of, name_of, ship
from tools.shipping.shipped import Shipped


def export(done: Finished, format_: str, folder: Path | None) -> list[str]:
    """Write the folder, have its program answer the test rows, and return its path.

    Args:
        done: The run.
        format_: One of `FORMATS`.
        folder: Where to write; in the run directory where None.

    Raises:
        UserError: There is no such format, it does not fit the student, or something is in the way.
    """
    try:
        kind = kind_of(done.model, done.student.entry)
        check_format(format_, kind)
        folder = folder or place_of(done, format_)
        with written(folder.absolute()) as part:
            say(f"writing the {name_of(kind)} as {format_}")
            shipped = ship(done.model, kind, format_, part)
            measured = measured_again(done, shipped, part)
            card = shipped_card(rescored(done, measured), folder.name, format_, shipped, measured)
            finish(done, part, folder.name, format_, card, measured)
    except ToolError as error:
        raise UserError(str(error), 1) from None
    return [str(folder)]


def place_of(done: Finished, format_: str) -> Path:
    """Return the folder to write where the user names none."""
    return done.run.folder / "export" / f"{done.run.id}-{format_}"


def finish(
    done: Finished, part: Path, name: str, format_: str, card: str, measured: Measured | None
) -> None:
    """Write what stands in every folder beside the model: card, licences, and our mark."""
    (part / "README.md").write_text(card, encoding="utf-8")
    (part / "LICENCES.md").write_text(licence_list(done, name), encoding="utf-8")
    about = asdict(measured) if measured else None
    write_mark(part, done.run.id, exported=format_, measured=about)


def measured_again(done: Finished, shipped: Shipped, part: Path) -> Measured | None:
    """Return how what was written answers; None where nothing here can ask it.

    Raises:
        UserError: It does not answer.
    """
    if not shipped.program:
        say("not re-evaluated: nothing here runs this format")
        return None
    say("asking the exported model")
    measured = measure(done, part)
    say(str(measured))
    return measured


def rescored(done: Finished, measured: Measured | None) -> Finished:
    """Return the run as if its test score were that of what was exported."""
    if measured is None or measured.value is None:
        return done
    ci95 = measured.value_ci95 and list(measured.value_ci95)
    test = done.report["test"] | {"value": measured.value, "ci95": ci95, "n": measured.rows}
    return replace(done, report=done.report | {"test": test})


def say(message: str) -> None:
    """Tell what goes on, on stderr: stdout is for results."""
    sys.stderr.write(f"{message}\n")
