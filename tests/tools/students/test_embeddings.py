from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.services import Encoder, ToolError, silent
from tools.students.embeddings import CHUNK, encode_missing
from tools.students.vectors import VectorCache

TEXTS = [f"{'word ' * (i % 7)}{i}" for i in range(3 * CHUNK)]


class Interrupted(BaseException):
    pass


class BatchDependent:
    """Encodes such that every vector depends on its whole chunk, as padding does a little."""

    def __init__(self, chunks: int = 1_000) -> None:
        self.left = chunks

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not self.left:
            raise Interrupted
        self.left -= 1
        total = sum(map(len, texts))
        return np.array([[len(text), total % 97, 1] for text in texts], np.float32)


def vectors(path: Path) -> dict[str, bytes]:
    return {t: v.tobytes() for t, v in VectorCache(path, "toy").read(TEXTS).items()}


def test_an_interrupted_request_ends_up_with_the_same_vectors(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.sqlite", tmp_path / "broken.sqlite"
    encode_missing(TEXTS, VectorCache(whole, "toy"), BatchDependent(), silent)
    with pytest.raises(Interrupted):
        encode_missing(TEXTS, VectorCache(broken, "toy"), BatchDependent(2), silent)
    assert len(vectors(broken)) == 2 * CHUNK
    finish = BatchDependent()
    encode_missing(list(reversed(TEXTS)), VectorCache(broken, "toy"), finish, silent)
    assert finish.left == 999
    assert vectors(broken) == vectors(whole)


def test_stored_vectors_are_neither_computed_again_nor_shared_by_encoders(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    encode_missing(TEXTS, VectorCache(path, "toy"), BatchDependent(), silent)
    encode_missing(TEXTS, VectorCache(path, "toy"), BatchDependent(0), silent)
    assert VectorCache(path, "other").read(TEXTS) == {}


def test_a_damaged_cache_is_named(tmp_path: Path) -> None:
    path = tmp_path / "vectors.sqlite"
    path.write_bytes(b"not a database, whatever its name says" * 50)
    with pytest.raises(ToolError, match=r"vectors\.sqlite"):
        VectorCache(path, "toy").read(["a"])


def test_the_real_encoder_gives_unit_vectors_that_follow_meaning(encoder: Encoder) -> None:
    texts = ["How do I change my PIN?", "I want a new pin code", "It rains in Berlin", ""]
    vectors = encoder.encode([*texts, texts[0]])
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(vectors[0], vectors[4])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    np.testing.assert_array_equal(encoder.encode(texts), vectors[:4])
    assert len(encoder.encode([])) == 0
