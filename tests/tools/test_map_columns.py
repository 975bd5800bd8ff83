from pathlib import Path
from typing import Any

import pytest

from tests.tools.hub.makers import Row, call_on, class_card, write_set
from tools.examples import Example
from tools.map_columns import map_columns
from tools.services import Call, ToolError

WORDS = ["apple", "brick", "cloud", "dance", "eagle", "flame", "grape", "horse", "igloo", "jelly"]


def _rows(label: object, start: int, count: int) -> list[Row]:
    numbers = range(start, start + count)
    return [
        {
            "text": f"{WORDS[i % 10]} {WORDS[i // 10 % 10]} {WORDS[i * 7 % 10]} {i:05d}",
            "label": label,
        }
        for i in numbers
    ]


def _texts(call: Call, split: str) -> set[str]:
    store = call.services.store
    return {e.input for e in store.written_by(call.id) if e.split == split and not e.reason}


def _two(root: Path, **card: Any) -> None:
    rows = _rows(0, 0, 60) + _rows(1, 100, 60)
    test = _rows(0, 300, 10) + _rows(1, 400, 10)
    write_set(root, "me/mail", {"train": rows, "test": test},
              class_card("text", "label", ["ham", "spam"], **card))  # fmt: skip


def test_imports_class_labels_under_the_names_of_the_task(tmp_path: Path) -> None:
    _two(tmp_path / "c")
    call = call_on(tmp_path / "c", tmp_path, ["spam", "not_spam"])
    text, artifact = map_columns(call, "me/mail")
    assert artifact["label_map"] == {"ham": "not_spam", "spam": "spam"}
    assert artifact["imported"]["test"] == 20
    assert sum(artifact["imported"].values()) + sum(artifact["rejected"].values()) == 140
    assert "input: `text`" in text
    examples = call.services.store.accepted("train")
    assert {(e.source, e.licence, e.evidence) for e in examples} == {
        ("me/mail", "mit", "retrieved")
    }


def test_a_repeated_call_changes_nothing(tmp_path: Path) -> None:
    _two(tmp_path / "c")
    call = call_on(tmp_path / "c", tmp_path, ["spam", "ham"])
    first = map_columns(call, "me/mail@default")
    texts = _texts(call, "train")
    assert map_columns(call, "me/mail@default") == first
    assert _texts(call, "train") == texts


def test_without_labels_the_data_bring_theirs(tmp_path: Path) -> None:
    _two(tmp_path / "c")
    _, artifact = map_columns(call_on(tmp_path / "c", tmp_path), "me/mail")
    assert artifact["labels"] == ["ham", "spam"]


def test_flawed_rows_are_stored_with_their_reasons(tmp_path: Path) -> None:
    train: list[Row] = [
        *_rows("yes", 0, 30), *_rows("no", 100, 30), *_rows("odd", 500, 6),
        {"text": " ", "label": "yes"}, {"text": "twice said here", "label": "yes"},
        {"text": "Twice said  here", "label": "yes"}, {"text": "both ways it goes", "label": "yes"},
        {"text": "both ways it goes", "label": "no"}, {"text": "seen in the test", "label": "no"},
    ]  # fmt: skip
    test: list[Row] = [
        *_rows("yes", 300, 6),
        *_rows("no", 400, 6),
        {"text": "Seen in the test", "label": "no"},
    ]
    write_set(tmp_path / "c", "me/odd", {"train": train, "test": test})
    call = call_on(tmp_path / "c", tmp_path, ["yes", "no"])
    _, artifact = map_columns(call, "me/odd")
    reasons = {
        e.input.casefold(): e.reason for e in call.services.store.written_by("c1") if e.reason
    }
    assert reasons["twice said  here"] == "duplicate"
    assert reasons["both ways it goes"] == "contradiction"
    assert reasons["seen in the test"] == "contamination"
    assert reasons[""] == "empty"
    assert artifact["rejected"]["label not in task"] == 6
    assert "seen in the test" not in {t.casefold() for t in _texts(call, "train")}


def test_test_rows_never_become_training_rows(tmp_path: Path) -> None:
    _two(tmp_path / "c")
    call = call_on(tmp_path / "c", tmp_path, ["spam", "ham"])
    mine = Example("the user's own test row", "spam", "test", "user", "", "gold")
    call.services.store.write("intake", [mine])
    map_columns(call, "me/mail")
    assert not _texts(call, "test")
    assert not any(int(text.split()[-1]) >= 300 for text in _texts(call, "train"))


def test_what_the_user_tests_on_is_not_trained_on(tmp_path: Path) -> None:
    _two(tmp_path / "c")
    call = call_on(tmp_path / "c", tmp_path, ["spam", "ham"])
    taken = str(_rows(0, 7, 1)[0]["text"])
    call.services.store.write("intake", [Example(taken, "ham", "test", "user", "", "gold")])
    _, artifact = map_columns(call, "me/mail")
    assert artifact["rejected"]["contamination"] >= 1
    assert taken not in _texts(call, "train")


def test_lists_keep_rows_with_one_label(tmp_path: Path) -> None:
    features = [
        {"name": "text", "dtype": "string"},
        {"name": "labels", "list": {"class_label": {"names": {"0": "joy", "1": "fear"}}}},
    ]
    rows = [{"text": r["text"], "labels": [i % 2] if i % 5 else [0, 1]}
            for i, r in enumerate(_rows(0, 0, 50))]  # fmt: skip
    write_set(tmp_path / "c", "me/feel", {"train": rows}, {"dataset_info": {"features": features}})
    _, artifact = map_columns(call_on(tmp_path / "c", tmp_path, ["fear", "joy"]), "me/feel")
    assert artifact["rejected"]["several labels"] == 10
    assert set(artifact["label_map"]) == {"joy", "fear"}


def test_two_texts_are_joined_and_stay_together(tmp_path: Path) -> None:
    rows = [
        {
            "context": f"the {WORDS[i // 4]} story goes on",
            "question": f"what of {WORDS[i % 10]} {i}",
            "label": "yes" if i % 2 else "no",
        }
        for i in range(40)
    ]
    write_set(tmp_path / "c", "me/pairs", {"train": rows})
    call = call_on(tmp_path / "c", tmp_path, ["yes", "no"])
    _, artifact = map_columns(call, "me/pairs")
    assert artifact["input"] == "context: {context} question: {question}"
    assert call.services.store.accepted("train")[0].input.startswith("context: the apple story")


def test_two_label_columns_are_told_apart_or_asked_about(tmp_path: Path) -> None:
    rows = [{"text": r["text"], "coarse": "AB"[i % 2], "fine": "WXYZ"[i % 4]}
            for i, r in enumerate(_rows(0, 0, 60))]  # fmt: skip
    write_set(tmp_path / "c", "me/twofold", {"train": rows})
    _, artifact = map_columns(call_on(tmp_path / "c", tmp_path, ["W", "X", "Y", "Z"]), "me/twofold")
    assert artifact["output"] == "fine"
    with pytest.raises(ToolError, match='output="coarse".*output="fine"'):
        map_columns(call_on(tmp_path / "c", tmp_path), "me/twofold")
    _, artifact = map_columns(call_on(tmp_path / "c", tmp_path), "me/twofold", output="coarse")
    assert artifact["labels"] == ["A", "B"]


def test_a_label_map_decides(tmp_path: Path) -> None:
    _two(tmp_path / "c")
    call = call_on(tmp_path / "c", tmp_path, ["junk", "fine"])
    given = {"spam": "junk", "ham": "fine"}
    assert map_columns(call, "me/mail", label_map=given)[1]["label_map"] == given
    with pytest.raises(ToolError, match="'nope'.*ham, spam"):
        map_columns(call, "me/mail", label_map={"nope": "junk"})
    with pytest.raises(ToolError, match="'nope'.*junk, fine"):
        map_columns(call, "me/mail", label_map={"spam": "nope"})


def test_text_tasks(tmp_path: Path) -> None:
    rows = [{"question": r["text"], "answer": f"answer {i}"} for i, r in enumerate(_rows(0, 0, 50))]
    write_set(tmp_path / "c", "me/qa", {"train": rows})
    _, artifact = map_columns(call_on(tmp_path / "c", tmp_path, output_type="text"), "me/qa")
    assert (artifact["input"], artifact["output"]) == ("question", "answer")
    assert sum(artifact["imported"].values()) == 50


@pytest.mark.parametrize(
    ("dataset", "arguments", "message"),
    [
        ("me/male", {}, "nearest are me/mail"),
        ("../me/mail", {}, "nearest"),
        ("me/mail@other", {}, "no config 'other'.*default"),
        ("me/mail", {"split": "dev"}, "no split 'dev'"),
        ("me/mail", {"output": "topic"}, "no column 'topic'.*label"),
        ("me/mail", {"input": "a: {b}"}, "no column .b.*text"),
        ("me/locked", {}, "me/locked has licence 'other' .unknown.; allow it with"),
    ],
)
def test_refusals_say_what_to_do(
    tmp_path: Path, dataset: str, arguments: dict[str, Any], message: str
) -> None:
    _two(tmp_path / "c")
    write_set(tmp_path / "c", "me/locked", {"train": _rows("a", 0, 9)}, {"license": "other"})
    with pytest.raises(ToolError, match=message):
        map_columns(call_on(tmp_path / "c", tmp_path, ["spam", "ham"]), dataset, **arguments)


def test_other_labels_do_not_fit(tmp_path: Path) -> None:
    _two(tmp_path / "c")
    with pytest.raises(ToolError, match="does not fit"):
        map_columns(call_on(tmp_path / "c", tmp_path, ["late", "lost", "broken"]), "me/mail")


def test_the_bundled_help_desk_set_fits_the_parcels_task(tmp_path: Path) -> None:
    root = Path(__file__).parents[2] / "examples" / "catalogue"
    labels = ["where_is_my_parcel", "change_delivery", "damaged_parcel",
              "wrong_item_or_missing_contents", "refund_request", "customs_and_fees",
              "complaint_about_driver", "praise_or_thanks"]  # fmt: skip
    _, artifact = map_columns(call_on(root, tmp_path, labels), "swiftpost/helpdesk_messages")
    assert (artifact["input"], artifact["output"]) == ("message", "topic")
    assert sorted(artifact["label_map"].values()) == sorted(labels)
    for other in ("hotelgast/reviews_sentiment", "quizkiste/allgemeinwissen"):
        with pytest.raises(ToolError):
            map_columns(call_on(root, tmp_path, labels), other)
