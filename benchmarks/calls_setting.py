"""What the measurements of calls to a teacher share: examples, a bank, and a desk to work at."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path

from tests.small_task import make_call
from tests.standin.server import MODEL
from tools.curation.duplicates import clusters
from tools.examples import Example, Split
from tools.llm.book import Book
from tools.llm.endpoint import Endpoint
from tools.llm.gateway import Gateway
from tools.llm.prices import Prices
from tools.services import Call
from tools.task import Label, TaskSpec
from tools.teachers.llm import LLMTeacher

TASK = "Sort what people say to a voice assistant by what they want."
REPO = "clinc/clinc_oos"
HELD: tuple[Split, ...] = ("train", "train", "validation", "test")
"""Splits of the rows of a label that the task begins with."""
NO_CAP_USD = 1e6
_NUMBERS = count()

Pair = tuple[str, str]
Line = tuple[str, str, str]
"""Figure, asked, measured."""


@dataclass(frozen=True)
class Material:
    """Rows of clinc (150 labels, without `oos`).

    Attributes:
        examples: Four real rows a label: two to learn from, one each to validate and test.
        bank: What the teacher knows: the training rows, none a near-duplicate of any other row.
    """

    examples: Sequence[Example]
    bank: Sequence[Pair]

    @property
    def labels(self) -> list[str]:
        """The labels, in alphabetical order."""
        return sorted({example.output for example in self.examples})


def material(catalogue: Path) -> Material:
    """Read the rows out of a catalogue."""
    from datasets import load_dataset

    data = load_dataset(str(catalogue / REPO), "full")
    feature = data["train"].features["intent"]

    def pairs(split: str) -> list[Pair]:
        rows = zip(data[split]["text"], feature.int2str(list(data[split]["intent"])), strict=True)
        return [(text, label) for text, label in rows if label != "oos"]

    own = _own(pairs("validation"))
    everything = [*((e.input, e.output) for e in own), *pairs("train")]
    seen: set[int] = set()
    bank = []
    for place, number in enumerate(clusters([text for text, _ in everything])):
        if number not in seen and place >= len(own):
            bank.append(everything[place])
        seen.add(number)
    return Material(own, bank)


def _own(pairs: Sequence[Pair]) -> list[Example]:
    by_label: dict[str, list[str]] = defaultdict(list)
    for text, label in pairs:
        by_label[label].append(text)
    return [
        Example(text, label, split, REPO, "cc-by-3.0", "retrieved")
        for label, texts in sorted(by_label.items())
        for text, split in zip(texts, HELD, strict=False)
    ]


def write_pairs(path: Path, pairs: Sequence[Pair]) -> Path:
    """Write pairs as JSON lines; return the path."""
    lines = [json.dumps({"input": i, "output": o}, ensure_ascii=False) for i, o in pairs]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def bank_file(given: Material) -> str:
    """Return the bank as the stand-in's command line takes it."""
    return str(write_pairs(root() / "bank.jsonl", given.bank).with_suffix(""))


@cache
def _place() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="calls-")


def root() -> Path:
    """Return the folder of this process, which goes when the process ends."""
    return Path(_place().name)


def fresh() -> Path:
    """Return the path of a folder that does not exist yet."""
    return root() / str(next(_NUMBERS))


@contextmanager
def desk(
    folder: Path,
    given: Material,
    url: str,
    *,
    prices: Path | None = None,
    cap_usd: float = NO_CAP_USD,
    start: int = 32,
    call_timeout_s: float = 120.0,
) -> Iterator[tuple[Call, Book]]:
    """Give a tool call whose teacher is the model at `url`, on a store in a new `folder`."""
    folder.mkdir()
    call = make_call(folder)
    store = call.services.store
    store.write("import", given.examples)
    book = Book(folder / "calls.sqlite", cap_usd)
    place = Endpoint(MODEL, url, "none")
    gateway = Gateway(
        place, book, Prices(prices), "teacher", start=start, call_timeout_s=call_timeout_s
    )
    spec = TaskSpec(instruction=TASK, labels=tuple(Label(name=name) for name in given.labels))
    services = replace(call.services, teacher=LLMTeacher(gateway), book=book)
    try:
        yield replace(call, spec=spec, services=services), book
    finally:
        gateway.close()
        book.close()
        store.close()
