"""What all tabs of the page share: where the runs are, and which of them is looked at."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.errors import UserError
from agent.runs import Run
from agent.settings import Settings
from agent.ui.standing import overview

if TYPE_CHECKING:
    import gradio as gr

QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
"""How to listen to what only changes the view: at once, and without a sign of being busy."""


@dataclass(frozen=True)
class Context:
    """Passed to every tab when the page is built.

    Attributes:
        settings: Those that the page was started with; new runs begin with them.
        run: Chooser above the tabs; its value is the id of the run looked at, None without one.
        tab: The tab being built; its `select` says that a person turned to it.
        tick: Ticks about once a second while the tab is the one in sight. Listen with
            `**QUIET, trigger_mode="once"`, and return `gr.skip()`
            where nothing has changed.
    """

    settings: Settings
    run: "gr.Dropdown"
    tab: "gr.Tab"
    tick: "gr.Timer"

    def names(self) -> list[str]:
        """Return the ids of all runs, newest first."""
        return names(self.settings)

    def find(self, name: str) -> Run:
        """Return the run with this id.

        Raises:
            UserError: It is gone, or there never was one of that name in the page's directory.
        """
        out = self.settings.out
        # Names come from browsers: only that of a folder there is one, no path that leads to it.
        run = next((Run(path) for path in out.glob("*") if path.name == name), None)
        if run is None or not run.exists():
            raise UserError("this run is gone; choose another one above")
        return run


def names(settings: Settings) -> list[str]:
    """Return the ids of all runs, newest first."""
    return [stands.run for stands in overview(settings.out)]
