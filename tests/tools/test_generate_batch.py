import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.small_task import WORDS, make_call, rows, train
from tests.tools.teachers.fakes import ListSource, RecordingTeacher
from tools.curation.duplicates import clusters
from tools.examples import Example, Scored, text_key
from tools.generate_batch import generate_batch
from tools.services import Call, ToolError
from tools.splits import INTAKE
from tools.task import Demonstration
from tools.teachers.offline import OfflineTeacher
from tools.teaching import Draft

LABELS = sorted(WORDS)


@pytest.fixture
def call(tmp_path: Path) -> Iterator[Call]:
    made = make_call(tmp_path)
    store = made.services.store
    store.write("import", rows(60, "train", 1) + rows(30, "validation", 2) + rows(30, "test", 3))
    yield replace(made, id="g1")
    store.close()


def taught(call: Call, teacher: RecordingTeacher | OfflineTeacher) -> Call:
    return replace(call, services=replace(call.services, teacher=teacher))


def salad(n: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("abcdefghij      ", k=50)).strip() + str(i) for i in range(n)]


def drafts(n: int, seed: int = 0) -> list[Draft]:
    return [Draft(text, LABELS[i % 3]) for i, text in enumerate(salad(n, seed))]


@pytest.mark.parametrize(
    ("n", "focus", "labels", "message"),
    [
        (0, "cover", None, "n is 0"),
        (2_001, "cover", None, "n is 2001"),
        (5, "wide", None, "unknown focus 'wide'"),
        (5, "cover", ["loan"], "unknown labels"),
        (5, "hard", None, "evaluate a student first"),
        (5, "repair", None, "needs an evaluated student"),
    ],
)
def test_wrong_arguments_are_answered_with_advice(
    call: Call, n: int, focus: str, labels: list[str] | None, message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        generate_batch(call, n, focus, labels=labels)  # type: ignore[arg-type]


def test_quotas_are_filled_and_everything_is_stored(call: Call) -> None:
    store = call.services.store
    twin = Draft(store.accepted("train")[0].input, "card")
    teacher = RecordingTeacher([twin, *drafts(40)])
    text, artifact = generate_batch(replace(taught(call, teacher), round=2), 12, "cover")
    stored = store.written_by("g1")
    assert Counter(e.output for e in stored if e.reason is None) == dict.fromkeys(LABELS, 4)
    assert artifact["accepted"] == 12
    assert artifact["rejected"]["duplicate"] == 1
    assert len(stored) == 12 + sum(artifact["rejected"].values())
    assert {(e.source, e.evidence, e.round, e.split) for e in stored} == {
        ("recording-teacher", "synthetic", 2, "train")
    }
    assert artifact["diagnosis"] is None
    assert text.startswith("12 of 12")


def test_only_the_labels_asked_for_are_written(call: Call) -> None:
    teacher = RecordingTeacher(drafts(40))
    _, artifact = generate_batch(taught(call, teacher), 6, "cover", labels=["rate"])
    stored = call.services.store.written_by("g1")
    assert {e.output for e in stored if e.reason is None} == {"rate"}
    assert artifact["rejected"] == {"label has enough": 11}


def test_repeating_a_call_replaces_its_rows(call: Call) -> None:
    ready = taught(call, OfflineTeacher())
    first = generate_batch(ready, 9, "balance")
    rows_first = [(e.input, e.reason) for e in ready.services.store.written_by("g1")]
    assert generate_batch(ready, 9, "balance") == first
    assert [(e.input, e.reason) for e in ready.services.store.written_by("g1")] == rows_first
    assert first[1]["accepted"] == 9


def test_licences_of_the_parents_are_joined(call: Call) -> None:
    a, b = call.services.store.accepted("train")[:2]
    third = Example("one of another kind altogether", "card", "train", "x", "cc0-1.0", "gold")
    call.services.store.write("more", [third])
    c = call.services.store.written_by("more")[0]
    texts = salad(3)
    made = [
        Draft(texts[0], "card", parents=(a.id, c.id)),
        Draft(texts[1], "card", parents=(a.id, b.id)),
        Draft(texts[2], "card", licence="odc-by", source="a/b"),
    ]
    generate_batch(taught(call, RecordingTeacher(made)), 3, "cover", labels=["card"])
    stored = call.services.store.written_by("g1")
    assert [e.licence for e in stored] == ["cc0-1.0 AND mit", "mit", "odc-by"]
    assert [e.source for e in stored] == ["recording-teacher", "recording-teacher", "a/b"]
    assert stored[0].parents == (a.id, c.id)


def test_a_hopeless_yield_stops_with_a_diagnosis(call: Call) -> None:
    known = call.services.store.accepted("train")[0].input
    teacher = RecordingTeacher([Draft(known, LABELS[i % 3]) for i in range(1_000)])
    text, artifact = generate_batch(taught(call, teacher), 300, "cover")
    assert (artifact["accepted"], artifact["rejected"]) == (0, {"duplicate": 200})
    assert "duplicate (200)" in artifact["diagnosis"]
    assert artifact["diagnosis"] in text


def test_a_teacher_without_ideas_is_said_to_have_none(call: Call) -> None:
    _, artifact = generate_batch(taught(call, RecordingTeacher([])), 3, "cover")
    assert artifact["diagnosis"] == "Stopped: the teacher had no more ideas."


def test_nothing_held_out_is_ever_shown_to_a_teacher(call: Call) -> None:
    store = call.services.store
    held = store.accepted("validation") + store.accepted("test")
    # One text of the test split is in the training rows and in the related data too.
    store.write("leak", [replace(held[-1], split="train")])
    fresh = salad(5, seed=9)
    related = ListSource(
        "a/b", "mit", {"train": [*(e.input for e in held), *fresh], "eval": ["no"]}
    )
    student = train(call)
    teacher = RecordingTeacher(drafts(20))
    services = replace(call.services, teacher=teacher, sources=[related])
    ready = replace(call, services=services, best=student, related=("a/b@default",))
    generate_batch(ready, 6, "cover")
    keys = {e.key for e in held}
    for request in teacher.requests:
        assert {text_key(r.text) for r in request.related} == {text_key(t) for t in fresh}
        shown = [e.input for e in request.examples]
        assert not keys & {text_key(text) for text in shown}
        assert {e.split for e in request.examples} == {"train"}


def test_demonstrations_are_not_shown_since_they_may_be_held_out(call: Call) -> None:
    shown = Demonstration(input="where is my card", output="card")
    spec = call.spec.model_copy(update={"demonstrations": (shown,)})
    teacher = RecordingTeacher(drafts(20))
    generate_batch(replace(taught(call, teacher), spec=spec), 6, "cover")
    assert teacher.requests
    assert all(request.spec.demonstrations == () for request in teacher.requests)
    assert all(request.spec.instruction == spec.instruction for request in teacher.requests)


def test_related_data_under_a_forbidden_licence_is_not_read(call: Call) -> None:
    related = ListSource("a/b", "cc-by-nc-4.0", {"train": salad(5, seed=9)})
    teacher = RecordingTeacher(drafts(20))
    services = replace(call.services, teacher=teacher, sources=[related])
    ready = replace(call, services=services, best=train(call), related=("a/b@default",))
    generate_batch(ready, 6, "cover")
    assert [request.related for request in teacher.requests] == [[]] * len(teacher.requests)


def test_hard_asks_for_both_sides_of_what_the_student_confuses(call: Call) -> None:
    store = call.services.store
    training = store.accepted("train")
    mistaken = next(e for e in training if e.output == "card")
    answers = [Scored(e.id, e.output, 0.9, 0.8) for e in training if e is not mistaken]
    store.save_predictions("s1", "oof", [*answers, Scored(mistaken.id, "rate", 0.6, 0.2)])
    teacher = RecordingTeacher(drafts(60))
    generate_batch(replace(taught(call, teacher), best="s1"), 10, "hard")
    assert teacher.requests[0].quotas == {"card": 5, "rate": 5}
    assert teacher.requests[0].confusions == [("card", "rate", 1)]


def test_repair_drops_doubtful_rows_but_none_of_the_users(call: Call) -> None:
    store = call.services.store
    made = Example("exchange currency dollar euro rate 0", "card", "train", "t", "mit", "synthetic")
    mine = replace(made, input="exchange currency dollar euro rate 1", evidence="gold")
    right = [
        Example(f"euro dollar rate exchange currency {w}", "rate", "train", "t", "mit", "gold")
        for w in ("please", "today", "why", "again", "help")
    ]
    store.write("more", [made, mine, *right])
    answers = [
        Scored(e.id, "rate" if e.input.startswith("exchange") else e.output, 0.95, 0.9)
        for e in store.accepted("train")
    ]
    store.save_predictions("s1", "oof", answers)
    ready = replace(call, best="s1")
    for _ in range(2):
        text, artifact = generate_batch(ready, 5, "repair")
        assert artifact["dropped"] == 1
        assert text.startswith("1 training rows")
        reasons = [e.reason for e in store.written_by("more")]
        assert reasons == ["label doubt", *[None] * 6]
    assert store.restore("g1") == 1


def test_the_users_examples_are_split_before_anything_is_written(tmp_path: Path) -> None:
    made = make_call(tmp_path)
    made.services.store.write(INTAKE, [replace(e, evidence="gold") for e in rows(40, "train", 5)])
    ready = taught(made, OfflineTeacher())
    generate_batch(ready, 6, "cover")
    store = ready.services.store
    held = [e.input for e in store.accepted("test")]
    written = [e.input for e in store.accepted("train")]
    found = clusters([*held, *written])
    assert held
    assert not set(found[: len(held)]) & set(found[len(held) :])
    store.close()
