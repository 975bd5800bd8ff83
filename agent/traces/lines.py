"""The complete lines of a file that grows."""

from collections.abc import Iterator
from dataclasses import dataclass
from os import stat_result
from pathlib import Path

CHUNK = 4_000_000
"""Bytes read at once. A line longer than that is no span of ours, and is passed over."""
TAIL = 64


@dataclass
class Lines:
    """Reads on where it stopped; notices when the file is not the one it was reading.

    Attributes:
        path: The file; it need not exist yet.
        offset: How far it has been read, in bytes.
        size: How long it was at the last look.
        behind: Whether there may be complete lines that have not been read.
    """

    path: Path
    offset: int = 0
    size: int = 0
    behind: bool = False
    _inode: int = 0
    _tail: bytes = b""
    _within: bool = False

    def rewritten(self) -> bool:
        """Look at the file, and say whether what was read of it no longer holds.

        It does not where the file is gone, another one, shorter, or ends differently where reading
        stopped. Reading then begins anew.
        """
        found = self._look()
        self.size = found.st_size if found else 0
        inode = found.st_ino if found else 0
        same = inode == self._inode and self.size >= self.offset and self._ends_as_before()
        if not same:
            self.offset, self._tail, self._within = 0, b"", False
        changed = not same and self._inode != 0
        self._inode = inode
        self.behind = self.size > self.offset
        return changed

    def _look(self) -> stat_result | None:
        try:
            return self.path.stat()
        except OSError:
            return None

    def _ends_as_before(self) -> bool:
        if not self._tail:
            return True
        with self.path.open("rb") as file:
            file.seek(self.offset - len(self._tail))
            return file.read(len(self._tail)) == self._tail

    def fresh(self) -> Iterator[tuple[int, bytes]]:
        """Yield offset and content of the complete lines in the next chunk, without line breaks."""
        if not self.behind:
            return
        with self.path.open("rb") as file:
            file.seek(self.offset)
            chunk = file.read(CHUNK)
        start, whole = self.offset, chunk.rfind(b"\n") + 1
        self.behind = len(chunk) == CHUNK
        if not whole and self.behind:
            whole, self._within = len(chunk), True
        lines = chunk[:whole].split(b"\n")
        self._take(chunk[:whole])
        for line in lines[:-1]:
            if not self._within:
                yield start, line
            self._within = False
            start += len(line) + 1

    def _take(self, read: bytes) -> None:
        self.offset += len(read)
        self._tail = (self._tail + read)[-TAIL:]
