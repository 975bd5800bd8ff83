"""The cache of text vectors: one SQLite file that outlives runs and serves several processes."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.services import ToolError

_PER_QUERY = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    encoder TEXT NOT NULL, text BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (encoder, text)
) WITHOUT ROWID;
"""


def cache_file(shared_cache: Path) -> Path:
    """Return the file of vectors in the directory of caches that runs share."""
    return shared_cache / "vectors.sqlite"


class VectorCache:
    """Float16 vectors by encoder and text.

    Args:
        path: The file; made if it does not exist.
        encoder: Key of the base whose vectors are read and added.
    """

    def __init__(self, path: Path, encoder: str) -> None:
        self._path = path
        self._encoder = encoder

    def read(self, texts: Sequence[str]) -> dict[str, NDArray[np.float16]]:
        """Return text → vector for those of `texts` that are stored."""
        text_of = {_key(text): text for text in texts}
        keys = list(text_of)
        found = {}
        with self._open() as db:
            for start in range(0, len(keys), _PER_QUERY):
                some = keys[start : start + _PER_QUERY]
                marks = ",".join("?" * len(some))
                query = f"SELECT text, vector FROM vectors WHERE encoder=? AND text IN ({marks})"
                for key, vector in db.execute(query, (self._encoder, *some)):
                    found[text_of[key]] = np.frombuffer(vector, np.float16)
        return found

    def add(self, texts: Sequence[str], vectors: NDArray[np.float16]) -> None:
        """Store vectors; one that is there already stays as it is."""
        rows = [
            (self._encoder, _key(text), vector.tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        with self._open() as db, db:
            db.executemany("INSERT OR IGNORE INTO vectors VALUES (?,?,?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=60)) as db:
                db.execute("PRAGMA journal_mode=WAL")
                db.executescript(_SCHEMA)
                yield db
        except (OSError, sqlite3.Error) as error:
            raise ToolError(
                f"cannot use the vector cache {self._path}: {error}; free it, or delete the file"
            ) from error


def _key(text: str) -> bytes:
    # A lone surrogate, which scraped data may hold, is a text like any other.
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
