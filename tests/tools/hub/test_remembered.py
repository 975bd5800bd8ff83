from pathlib import Path

import pytest

from tools.hub import remembered
from tools.hub.remembered import recall, remember

QUESTION = {"search": "intent", "limit": 5}


def test_an_answer_is_known_for_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "lists"
    assert recall(folder, QUESTION) is None
    remember(folder, QUESTION, [{"id": "lab/\ud800é"}])
    assert recall(folder, dict(reversed(QUESTION.items()))) == [{"id": "lab/\ud800é"}]
    assert recall(folder, QUESTION | {"limit": 6}) is None
    monkeypatch.setattr(remembered, "DAY_S", 0)
    assert recall(folder, QUESTION) is None


@pytest.mark.parametrize(
    "stored", [b"", b"{", b"\xff", b"[]", b"{}", b'{"at": "now", "rows": []}', b'{"at": 9e9}']
)
def test_what_cannot_be_read_is_asked_again(tmp_path: Path, stored: bytes) -> None:
    remember(tmp_path, QUESTION, [{"id": "lab/a"}])
    (path,) = tmp_path.iterdir()
    path.write_bytes(stored)
    assert recall(tmp_path, QUESTION) is None
    remember(tmp_path, QUESTION, [{"id": "lab/b"}])
    assert recall(tmp_path, QUESTION) == [{"id": "lab/b"}]


def test_an_answer_of_the_future_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        later.setattr("time.time", lambda: 4e9)
        remember(tmp_path, QUESTION, [])
    assert recall(tmp_path, QUESTION) is None
