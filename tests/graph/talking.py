"""A conversation with the graph, as the worker of a run would lead it."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from agent.planners.rules import RulesPlanner
from graph.builder import build_graph
from graph.state import Json
from tests.small_task import FILLER, WORDS
from tools.services import Services
from tools.sources import DatasetInfo
from tools.teaching import Draft, RewritingRequest, TeachingRequest, Usage

CONFIG: Any = {"configurable": {"thread_id": "1"}, "recursion_limit": 300}
LIMITS = {
    "max_rounds": 3,
    "minutes": 5.0,
    "usd": 1.0,
    "patience": 2,
    "min_gain": 0.0,
    "target": None,
}


@dataclass
class Talk:
    """One thread; every message is answered by a new graph on the same file, as after a crash.

    Attributes:
        said: What was said to the person, latest last.
        nodes: Nodes that have run since the last message.
    """

    services: Services
    student: str | None = None
    planner: BaseChatModel = field(default_factory=RulesPlanner)
    given: str = "rules"
    mode: str = "chat"
    said: list[str] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    id: int = 0

    def say(self, text: str, files: tuple[str, ...] = ()) -> Json | None:
        """Say something, and return what is asked then; None where the thread has come to rest."""
        self.id += 1
        with closing(self._database()) as database:
            graph = self._graph(database)
            state = graph.get_state(CONFIG)
            if state.interrupts:
                answer = {"text": text, "id": self.id, "files": list(files)}
                return self._drive(graph, Command(resume=answer))
            message = HumanMessage(text, additional_kwargs={"files": list(files)})
            given: Json = {"messages": [message], "heard": self.id, "mode": self.mode}
            if not state.values:
                given |= {"limits": LIMITS, "planner": self.given, "student": self.student}
            return self._drive(graph, given)

    def go_on(self) -> Json | None:
        """Go on with a thread that was cut off."""
        with closing(self._database()) as database:
            return self._drive(self._graph(database), None)

    def _drive(self, graph: Any, given: Any) -> Json | None:
        self.nodes.clear()
        steps = graph.stream(given, CONFIG, context=self.services, durability="sync")
        for step in steps:
            for node, update in step.items():
                if node == "__interrupt__":
                    return dict(update[0].value)
                self.nodes.append(node)
                if (update or {}).get("reply"):
                    self.said.append(update["reply"])
        return None

    @property
    def state(self) -> Json:
        """What the thread knows."""
        with closing(self._database()) as database:
            return dict(self._graph(database).get_state(CONFIG).values)

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file, check_same_thread=False)

    @property
    def file(self) -> Path:
        """Where the thread is kept."""
        return self.services.workspace / "state.sqlite"

    def _graph(self, database: sqlite3.Connection) -> Any:
        graph = build_graph(self.planner, RulesPlanner())
        return graph.compile(checkpointer=SqliteSaver(database))


class Writer:
    """A teacher that writes what it is asked for, and remembers what that was."""

    name = "writer"

    def __init__(self) -> None:
        self.requests: list[TeachingRequest] = []

    def write(self, request: TeachingRequest) -> Iterator[Draft]:
        self.requests.append(request)
        rng = random.Random(request.call)
        french = "French" in request.guidance
        for label, wanted in request.quotas.items():
            for number in range(3 * wanted):
                words = rng.sample(FRENCH if french else FILLER, 6)
                words += [rng.choice([*WORDS.get(label, []), label]), f"{request.call}x{number}"]
                yield Draft(" ".join([*words, label]), label)

    def rewrite(self, request: RewritingRequest) -> Iterator[Draft]:  # noqa: ARG002
        yield from ()

    def usage(self) -> Usage:
        return Usage()


FRENCH = ("pourquoi", "monsieur", "est-ce", "acheter", "quelque", "chose", "avec", "vous", "merci")


@dataclass
class Shelf:
    """A data set of bank questions with a column of labels."""

    repo_id: str
    seed: int
    labels: tuple[str, ...] = ("card", "rate", "transfer")
    each: int = 60
    name: str = "shelf"

    def infos(self) -> list[DatasetInfo]:
        return [
            DatasetInfo(
                repo_id=self.repo_id,
                config="default",
                title="Questions of bank customers",
                description="Questions of bank customers about card, rate and transfer.",
                licence="mit",
                languages=("en",),
                tags=(),
                columns={"text": "string", "label": "class_label"},
                label_names={"label": self.labels},
                splits={"train": self.each * len(self.labels), "test": 10 * len(self.labels)},
                samples=tuple(self._rows("train", 1)),
                revision="1",
            )
        ]

    def rows(self, info: DatasetInfo, split: str) -> Iterator[Json]:
        del info
        yield from self._rows(split, self.each if split == "train" else 10)

    def _rows(self, split: str, each: int) -> Iterator[Json]:
        rng = random.Random(f"{self.seed}{split}")
        for number in range(each):
            for place, label in enumerate(self.labels):
                words = rng.sample(FILLER, 5) + [f"{split}{self.seed}x{number}x{place}"]
                words.append(rng.choice([*WORDS.get(label, []), label]))
                yield {"text": " ".join(rng.sample(words, len(words))), "label": place}
