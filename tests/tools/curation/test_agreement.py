from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from tools.curation.agreement import agree
from tools.examples import Example
from tools.task import TaskSpec
from tools.teaching import Annotator, Draft

SPEC = TaskSpec(instruction="sort")


@dataclass
class Panel:
    """Answers by text and turn, as told; keeps what it was asked."""

    answers: Mapping[str, Sequence[str | None]]
    asked: list[tuple[list[str], int]] = field(default_factory=list)
    name: str = "panel"

    def answer(
        self,
        spec: TaskSpec,
        examples: Sequence[Example],
        texts: Sequence[str],
        *,
        call: str,
        seed: int = 0,
        unclear: bool = False,
    ) -> list[str | None]:
        assert unclear
        del spec, examples, call
        self.asked.append((list(texts), seed))
        turn = len(self.asked) - 1
        return [self.answers[text][turn] for text in texts]


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        (["a"], True),
        ([" A"], True),
        (["b", "b"], False),
        (["b", "a", "a"], True),
        (["b", "a", "b"], False),
        (["b", "a", "c"], False),
        (["b", "a", None], False),
        (["b", None], False),
        (["unclear", "a", "a"], True),
        (["unclear", "a", "unclear"], False),
        (["unclear", "unclear"], False),
        ([None, "b"], False),
        ([None, None, "b"], False),
        ([None, "a"], True),
        ([None, None, None], True),
    ],
)
def test_the_majority_decides(answers: list[str | None], *, kept: bool) -> None:
    judge: Annotator = Panel({"x": answers})
    assert agree(judge, SPEC, (), [Draft("x", "a")], "c") == [kept]


def test_only_what_differs_is_asked_again() -> None:
    panel = Panel({"x": ["a"], "y": ["b", "a", "a"], "z": ["b", "b"]})
    drafts = [Draft("x", "a"), Draft("y", "a"), Draft("z", "a")]
    assert agree(panel, SPEC, (), drafts, "c") == [True, True, False]
    assert panel.asked == [(["x", "y", "z"], 1), (["y", "z"], 2), (["y"], 3)]


def test_nothing_to_check() -> None:
    panel = Panel({})
    assert agree(panel, SPEC, (), [], "c") == []
    assert not panel.asked
