"""Errors of the front ends."""


class UserError(Exception):
    """A mistake that the user can mend: one line, what happened and what to do.

    Attributes:
        exit_code: 2 for wrong usage, 1 for a run that failed but keeps its state.
    """

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code
