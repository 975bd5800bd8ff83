"""One writer a run: a lock in its directory, which a process can hand to the one it starts.

The lock belongs to an open file, not to a process: it is held for as long as any process has that
file open, and the kernel gives it back when the last of them ends, however it ends.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK, DOOR = ".lock", ".door"


class Hold:
    """The lock of a run, held.

    Args:
        folder: The run directory.
        file: Descriptor of the locked file; the hold closes it.
    """

    def __init__(self, folder: Path, file: int) -> None:
        self._folder = folder
        self.file = file
        self._held = True

    def hand_over(self) -> None:
        """Close the file here; the lock stays with the process that has inherited it."""
        self._held = False
        os.close(self.file)

    def release(self) -> None:
        """Give the lock back; again does nothing."""
        if self._held:
            fcntl.flock(self.file, fcntl.LOCK_UN)
            self.hand_over()

    def release_if(self, idle: Callable[[], bool]) -> bool:
        """Give the lock back if nothing is to be done, and say whether.

        Whoever brings something to do and then finds the lock held can be sure that it is seen.
        """
        with _door(self._folder):
            done = idle()
            if done:
                self.release()
        return done


def acquire(folder: Path) -> Hold | None:
    """Take the lock of a run; None where somebody has it."""
    with _door(folder):
        return _try(folder)


def held(folder: Path) -> bool:
    """Say whether somebody holds the lock of a run; of one that is gone, nobody does."""
    try:
        # Until it is given back, too: whoever wants it must not find it taken by a mere look.
        with _door(folder):
            hold = _try(folder)
            if hold:
                hold.release()
    except FileNotFoundError:
        return False
    return hold is None


def _try(folder: Path) -> Hold | None:
    file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return Hold(folder, file)


@contextmanager
def _door(folder: Path) -> Iterator[None]:
    """Let one process at a time look at the lock, so that none takes a look for work."""
    file = os.open(folder / DOOR, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        # Not by closing it alone: a process just being forked has a copy for a moment.
        fcntl.flock(file, fcntl.LOCK_UN)
        os.close(file)
