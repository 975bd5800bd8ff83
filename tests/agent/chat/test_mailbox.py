from pathlib import Path

import pytest

from agent.chat.mailbox import Mailbox


@pytest.fixture
def box(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "chat.sqlite")


def test_a_question_is_asked_once_and_answered_once(box: Mailbox) -> None:
    asked = box.post("understood", "Is this right?", "interrupt-1", {"version": 1})
    assert asked is not None
    assert box.post("understood", "Is this right?", "interrupt-1") is None
    assert box.open_question() == asked
    assert box.say("yes", answers=asked.id) is not None
    assert box.say("no", answers=asked.id) is None
    assert box.open_question() is None
    answer = box.answer_to(asked.id)
    assert answer is not None
    assert answer.text == "yes"


def test_a_message_is_heard_by_one(box: Mailbox) -> None:
    said = box.say("what is it doing?", files=["inbox/a.csv"])
    assert said is not None
    assert box.unheard() == [said]
    assert said.data == {"files": ["inbox/a.csv"]}
    assert box.take(said.id, "graph")
    assert not box.take(said.id, "attendant")
    assert box.unheard() == []


def test_what_is_unheard_is_found_without_reading_all_that_was_said(box: Mailbox) -> None:
    asked: list[str] = []
    box._db.set_trace_callback(asked.append)
    box.unheard()
    plan = box._db.execute(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()
    assert [row[3] for row in plan] == ["SCAN messages USING INDEX unheard"]


def test_another_process_reads_what_was_said(box: Mailbox, tmp_path: Path) -> None:
    first = box.say("lone \ud800 surrogate")
    other = Mailbox(tmp_path / "chat.sqlite")
    box.show_progress("training")
    box.ask_stop("round")
    assert first is not None
    assert [m.text for m in other.after(0)] == ["lone ? surrogate"]
    assert other.after(first.id) == []
    progress = other.progress()
    assert progress is not None
    assert progress[1] == "training"
    assert other.stop_asked() == "round"
    other.clear_stop()
    assert box.stop_asked() is None
