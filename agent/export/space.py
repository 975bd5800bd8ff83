"""`--format space`: a page for the model, in a folder that any server or the Hub can run."""

import shutil
from pathlib import Path

from agent.demo.about import about, section
from agent.errors import UserError
from agent.export import SPACE
from agent.export.cards import kind_of
from agent.export.finished import Finished
from agent.export.measured import Measured
from agent.export.place import written
from agent.export.ship import finish, measured_again, place_of, rescored, say
from agent.export.space_card import space_card
from tools.services import ToolError
from tools.shipping.page import write_page
from tools.shipping.ship import Kind, name_of, ship
from tools.shipping.shipped import Shipped

_FORMS = ("onnx", "safetensors")
"""Of these the first that the model can be written in: a graph needs no torch to run."""


def export(done: Finished, folder: Path | None, *, my_rows: bool) -> list[str]:
    """Write the folder, have its model answer the test rows, and return its path.

    Args:
        done: The run.
        folder: Where to write; in the run directory where None.
        my_rows: Whether the user's own training rows may be examples on the page.

    Raises:
        UserError: The model has no form that stands for itself, or something is in the way.
    """
    kind = kind_of(done)
    folder = folder or place_of(done, SPACE)
    with written(folder.absolute()) as part:
        shipped, form = shipped_first(done, kind, part)
        measured = measured_again(done, shipped, part)
        again = rescored(done, measured)
        as_here = section("As it is here", [*_measured(measured), *shipped.notes])
        write_page(part, about(again, others_see=not my_rows, more=(as_here,)))
        card = space_card(again, folder.name, form, shipped, measured)
        finish(done, part, folder.name, SPACE, card, measured)
    return [str(folder)]


def shipped_first(done: Finished, kind: Kind, part: Path) -> tuple[Shipped, str]:
    """Write the model into `part` in the first form that it has; return that, too.

    Raises:
        UserError: There is none.
    """
    why = ""
    for form in _FORMS:
        say(f"writing the {name_of(kind)} as {form}")
        try:
            return ship(done.model, kind, form, part), form
        except ToolError as error:
            why = str(error)
            say(f"not as {form}: {why}")
        shutil.rmtree(part)
        part.mkdir()
    raise UserError(why, 1)


def _measured(measured: Measured | None) -> list[str]:
    return [f"Asked again in this form: {measured}."] if measured else []
