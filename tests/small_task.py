"""A label task of made-up bank questions, and a run directory to work on it in."""

import random
from collections.abc import Sequence
from pathlib import Path

from tests.fakes import InlineExecutor, KeywordMethod, LetterEncoder, SilentTeacher
from tools.examples import Evidence, Example, ExampleStore, Split
from tools.scoring.metrics import METRICS
from tools.services import Call, Services
from tools.students import client
from tools.task import TaskSpec

WORDS = {
    "card": ["card", "pin", "chip", "contactless", "plastic"],
    "transfer": ["transfer", "iban", "send", "recipient", "standing"],
    "rate": ["rate", "currency", "exchange", "euro", "dollar"],
}
FILLER = ["please", "help", "my", "the", "with", "is", "problem", "today", "why", "again"]


def rows(
    n: int, split: Split, seed: int, evidence: Evidence = "retrieved", clear: float = 0.7
) -> list[Example]:
    """Sentences of which the share `clear` holds a word that gives the label away."""
    rng, examples = random.Random(f"{split}{seed}"), []
    for i in range(n):
        label = sorted(WORDS)[i % 3]
        words = rng.sample(FILLER, 5) + [f"{split}{seed}x{i}"]
        words += [rng.choice(WORDS[label])] if rng.random() < clear else []
        text = " ".join(rng.sample(words, len(words)))
        examples.append(Example(text, label, split, "source", "mit", evidence))
    return examples


def make_call(folder: Path) -> Call:
    """A call on an empty store; the caller closes the store."""
    base = folder / "base"  # what a keyword student starts from: nothing, in the form of a model
    base.mkdir()
    (base / "config.json").write_text("{}", encoding="utf-8")
    (base / "model.safetensors").touch()
    services = Services(
        store=ExampleStore(folder / "data.sqlite"),
        workspace=folder,
        shared_cache=folder / "cache",
        sources=(),
        teacher=SilentTeacher(),
        encoder=LetterEncoder(),
        executor=InlineExecutor(),
        methods={"keywords": f"{KeywordMethod.__module__}:KeywordMethod"},
        metrics=METRICS,
    )
    return Call("call", TaskSpec(instruction="sort bank questions"), services)


def train(call: Call, examples: Sequence[Example] | None = None) -> str:
    """Train a keyword student, on all training rows where none are given; return its id."""
    services = call.services
    examples = services.store.accepted("train") if examples is None else examples
    base = str(services.workspace / "base")
    return client.train(services, call.spec, examples, "keywords", base, {}).student
