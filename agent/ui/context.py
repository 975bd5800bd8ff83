"""What all tabs of the page share: where the runs are, and which of them is looked at."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.runs import Run, find, list_runs
from agent.settings import Settings

if TYPE_CHECKING:
    import gradio as gr


@dataclass(frozen=True)
class Context:
    """Passed to every tab when the page is built.

    Attributes:
        settings: Those that the page was started with; new runs begin with them.
        run: Chooser above the tabs; its value is the id of the run looked at, None without one.
    """

    settings: Settings
    run: "gr.Dropdown"

    def names(self) -> list[str]:
        """Return the ids of all runs, newest first."""
        return [run.id for run in reversed(list_runs(self.settings.out))]

    def find(self, name: str) -> Run:
        """Return the run with this id.

        Raises:
            UserError: It is gone, or there never was one of that name in the page's directory.
        """
        run = find(self.settings.out, name)
        return run if run.folder.parent == self.settings.out else find(self.settings.out, run.id)
