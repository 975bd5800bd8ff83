"""Text vectors from a frozen encoder, and a cache of them that outlives runs.

Vectors depend a little on the batch they are computed in. So that an interrupted run ends up with
the same ones as an undisturbed run, what is missing is cut into chunks in a fixed order, and each
chunk is stored as a whole: what an interruption leaves to do begins at the same boundary.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.services import Executor, Json, Progress, silent
from tools.students import bases, hub_model
from tools.students.base import Base
from tools.students.loading import loading
from tools.students.vectors import VectorCache, cache_file

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CHUNK = 256
_SECONDS_BETWEEN_MESSAGES = 2.0
_shared: Path | None = None
Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def shared_cache() -> Path | None:
    """Return the cache file that students in this process use; None where there is none."""
    return _shared


@contextmanager
def sharing(cache: Path | None) -> Iterator[None]:
    """Have the students in this process use a cache file, or none, for a while."""
    global _shared
    before, _shared = _shared, cache
    try:
        yield
    finally:
        _shared = before


def encode_missing(
    texts: Sequence[str], cache: VectorCache, encode: Encode, progress: Progress
) -> None:
    """Bring the vectors of all `texts` into `cache`."""
    stored = cache.read(texts).keys()
    last = time.monotonic()
    distinct = len(set(texts))
    done = len(stored)
    for chunk in _chunks([text for text in texts if text not in stored]):
        cache.add(chunk, encode(chunk).astype(np.float16))
        done += len(chunk)
        if time.monotonic() - last > _SECONDS_BETWEEN_MESSAGES:
            last = time.monotonic()
            progress(f"encoding {done:,} of {distinct:,}")


def embed(
    texts: Sequence[str], base: Base, cache: Path | None, progress: Progress = silent
) -> NDArray[np.float32]:
    """Return unit vectors of shape (len(texts), dimensions), computed in this process.

    Args:
        texts: What to encode.
        base: The encoder.
        cache: File to look in first and to store in; None to compute all.
        progress: Told now and then how far it is.
    """
    if cache is not None:
        vectors = VectorCache(cache, base.key)
        encode_missing(texts, vectors, lambda chunk: _encode(chunk, base), progress)
        return _stack(texts, vectors.read(texts))
    found: dict[str, NDArray[np.float16]] = {}
    for chunk in _chunks(texts):
        found.update(zip(chunk, _encode(chunk, base).astype(np.float16), strict=True))
    return _stack(texts, found)


def encode_job(payload: Json, progress: Progress) -> Json:
    """Job: bring the vectors of `texts` by `base` into the file `cache`."""
    base = bases.find(payload["base"])
    cache = VectorCache(Path(payload["cache"]), base.key)
    encode_missing(payload["texts"], cache, lambda chunk: _encode(chunk, base), progress)
    return {}


class CachedEncoder:
    """An Encoder that computes in an executor what its cache does not hold.

    Args:
        executor: Runs the encoder.
        cache: Directory of the vectors, which students that use the same base share.
        model: Name of a base, Hub id or local folder; the default base where empty.
        progress: Told now and then how far it is.
    """

    def __init__(
        self, executor: Executor, cache: Path, model: str = "", progress: Progress = silent
    ) -> None:
        base = bases.find(model or bases.default().name)
        self.name = base.key
        self._base = base.reference
        self._executor = executor
        self._path = cache_file(cache)
        self._progress = progress

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of shape (len(texts), dimensions), in the order of `texts`."""
        cache = VectorCache(self._path, self.name)
        found = cache.read(texts)
        if len(found) < len(set(texts)):
            payload = {"texts": list(texts), "base": self._base, "cache": str(self._path)}
            self._executor.run("tools.students.embeddings:encode_job", payload, self._progress)
            found = cache.read(texts)
        return _stack(texts, found)


def _chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    """Cut the distinct texts into chunks of similar lengths, which need little padding."""
    ordered = sorted(set(texts), key=lambda text: (len(text), text))
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def _stack(texts: Sequence[str], found: dict[str, NDArray[np.float16]]) -> NDArray[np.float32]:
    if not texts:
        return np.empty((0, 0), np.float32)
    vectors = np.stack([found[text] for text in texts]).astype(np.float32)
    # Half precision leaves lengths off by up to a thousandth.
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _encode(texts: Sequence[str], base: Base) -> NDArray[np.float32]:
    prefixed = [base.prefix + text for text in texts]
    return load_encoder(base).encode(prefixed, normalize_embeddings=True, show_progress_bar=False)


def parameters(base: Base) -> int:
    """Count the weights of an encoder."""
    return sum(weights.numel() for weights in load_encoder(base).parameters())


@lru_cache(maxsize=1)
def load_encoder(base: Base) -> "SentenceTransformer":
    """Load an encoder, from the Hub if need be; the last one stays in memory.

    Raises:
        ToolError: It cannot be had or loaded.
    """
    from sentence_transformers import SentenceTransformer

    folder = hub_model.fetch(base, silent)
    with loading(base.name, "an encoder"):
        return SentenceTransformer(
            str(folder), model_kwargs={"use_safetensors": True}, trust_remote_code=False
        )
