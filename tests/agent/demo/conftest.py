"""The finished run that exports are tested with."""

from tests.agent.export.conftest import done, run

__all__ = ["done", "run"]
