from graph.state import Wish
from graph.wishes import joined
from tools.task import Label, TaskSpec

SPEC = TaskSpec(
    instruction="Sort mails.",
    labels=(Label(name="refund"), Label(name="charge")),
    other_languages=("fr",),
)


def wish(do: str, why: str, labels: list[str] | None = None, language: str | None = None) -> Wish:
    blank = {"guidance": "", "hard": False}
    return {"do": do, "why": why, "labels": labels or [], "language": language, **blank}  # type: ignore[typeddict-item]


def test_what_was_wanted_before_is_not_forgotten() -> None:
    french = [wish("write", "in French", language="fr"), wish("train", "with French")]
    smaller = [wish("train", "smaller")]
    assert [w["why"] for w in joined(french, smaller, {}, SPEC)] == [
        "in French",
        "with French",
        "smaller",
    ]
    assert joined(french, french, {}, SPEC) == french


def test_data_comes_before_training_whoever_asked_first() -> None:
    open_, new = [wish("train", "smaller")], [wish("write", "more refunds", ["refund"])]
    assert [w["do"] for w in joined(open_, new, {}, SPEC)] == ["write", "train"]


def test_wishes_follow_their_labels_and_languages() -> None:
    open_ = [
        wish("write", "renamed", ["money back"]),
        wish("write", "gone", ["loan"]),
        wish("find", "in Dutch", language="nl"),
    ]
    kept = joined(open_, [], {"money back": "refund"}, SPEC)
    assert [(w["why"], w["labels"]) for w in kept] == [("renamed", ["refund"])]
