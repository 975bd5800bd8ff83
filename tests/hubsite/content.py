"""The contents of files: bytes, files on disk, or files of any size made up as they are read."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_SUFFIXES = (
    ".7z .arrow .bin .bz2 .ckpt .gguf .gz .h5 .msgpack .npy .npz .onnx .parquet .pkl .pt "
    ".pth .safetensors .tar .tgz .wasm .xz .zip .zst"
)
LFS_SUFFIXES = frozenset(_SUFFIXES.split())
LFS_BYTES = 10_000_000
SAMPLED_BYTES = 4_096


@dataclass(frozen=True)
class Virtual:
    """A file that is made up as it is read, so that it can be of any size.

    Attributes:
        size: In bytes.
        read: Gives bytes `[start, end)`, always the same.
        rows: Rows that it holds, for the viewer, which could not count them.
    """

    size: int
    read: Callable[[int, int], bytes]
    rows: int | None = None


Source = bytes | Path | Virtual
Files = Mapping[str, Source]
"""Path in the repository to content."""


class Blob:
    """One version of one file.

    Args:
        path: Path in the repository, which decides about LFS.
    """

    def __init__(self, path: str, source: Source) -> None:
        self.path = path
        self.source = source

    @cached_property
    def size(self) -> int:
        """In bytes."""
        if isinstance(self.source, bytes):
            return len(self.source)
        return self.source.size if isinstance(self.source, Virtual) else self.source.stat().st_size

    @property
    def lfs(self) -> bool:
        """Whether the Hub would keep it outside git."""
        return Path(self.path).suffix in LFS_SUFFIXES or self.size > LFS_BYTES

    def read(self, start: int = 0, end: int | None = None) -> bytes:
        """Return bytes `[start, end)`."""
        end = self.size if end is None else min(end, self.size)
        if isinstance(self.source, bytes):
            return self.source[start:end]
        if isinstance(self.source, Virtual):
            return self.source.read(start, end)
        with self.source.open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    @cached_property
    def sha256(self) -> str:
        """The digest that LFS names a file by; of a virtual file only both ends are hashed."""
        if isinstance(self.source, Virtual):
            ends = self.read(0, SAMPLED_BYTES) + self.read(max(0, self.size - SAMPLED_BYTES))
            return hashlib.sha256(f"{self.size}\0".encode() + ends).hexdigest()
        return hashlib.sha256(self.read()).hexdigest()

    @cached_property
    def oid(self) -> str:
        """The git object id; of an LFS file that of its pointer."""
        content = self.pointer if self.lfs else self.read()
        return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()

    @property
    def pointer(self) -> bytes:
        """What git keeps of an LFS file."""
        version = "version https://git-lfs.github.com/spec/v1"
        return f"{version}\noid sha256:{self.sha256}\nsize {self.size}\n".encode()

    @property
    def etag(self) -> str:
        """What names the content, without quotes."""
        return self.sha256 if self.lfs else self.oid


PHRASES: Mapping[str, tuple[str, ...]] = {
    "delivery": ("the parcel has not arrived", "the courier left it in the rain"),
    "billing": ("the invoice was charged twice", "the refund is missing on my card"),
    "praise": ("thank you for the friendly help", "the new version works very well"),
    "question": ("how do I change my address", "which sizes do you have in stock"),
}
"""Label to what its rows say."""

LINE_BYTES = 128
VARIANTS = 211


def big_jsonl(rows: int, seed: int = 0, labels: Mapping[str, tuple[str, ...]] = PHRASES) -> Virtual:
    """Return JSON lines with `text` and `label`, of 128 bytes each, the labels in turn.

    Args:
        rows: Number of lines; 40 million are 5 GB.
        seed: Another seed gives other rows.
        labels: Label to the phrases that its texts are made of.
    """
    lines = [[_line(labels, label, variant) for variant in range(VARIANTS)] for label in labels]

    def line(index: int) -> bytes:
        head, tail = lines[index % len(lines)][(index * 97 + seed * 31) % VARIANTS]
        return head + b"%012d" % (index + seed * 1_000_003) + tail

    def read(start: int, end: int) -> bytes:
        first, last = start // LINE_BYTES, -(-end // LINE_BYTES)
        raw = b"".join(map(line, range(first, last)))
        return raw[start - first * LINE_BYTES :][: end - start]

    return Virtual(rows * LINE_BYTES, read, rows)


def _line(labels: Mapping[str, tuple[str, ...]], label: str, variant: int) -> tuple[bytes, bytes]:
    """Return a line of LINE_BYTES but for the 12 digits that go between its parts."""
    phrases = labels[label]
    said = f"{phrases[variant % len(phrases)]}, case {variant}"
    head = '{"text": "No. '
    tail = f', "label": {json.dumps(label)}}}\n'
    room = LINE_BYTES - len(head) - 12 - len(': "') - len(tail.encode())
    return head.encode(), f': {said[:room].ljust(room, ".")}"{tail}'.encode()


def big_safetensors(parameters: int, dtype: str = "F32") -> Virtual:
    """Return a file of weights, all zero, whose header says that it holds so many parameters."""
    width = {"F32": 4, "F16": 2, "BF16": 2, "I8": 1}[dtype]
    tensor = {"dtype": dtype, "shape": [parameters], "data_offsets": [0, parameters * width]}
    head = json.dumps({"__metadata__": {"format": "pt"}, "weight": tensor}).encode()
    head = len(head).to_bytes(8, "little") + head

    def read(start: int, end: int) -> bytes:
        return head[start:end] + bytes(end - max(start, min(end, len(head))))

    return Virtual(len(head) + parameters * width, read)
