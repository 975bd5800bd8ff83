import pytest

from agent.chat.editor import Editor, LeaveError
from agent.chat.screen import laid_out


def typed(*keys: str) -> tuple[Editor, list[str]]:
    editor, sent = Editor(), []
    for key in keys:
        sent += editor.feed(key)
    return editor, sent


def test_enter_sends_and_empties() -> None:
    editor, sent = typed("h", "i", "\r")
    assert sent == ["hi"]
    assert editor.text == ""


@pytest.mark.parametrize(
    "pasted",
    [
        "Sort mails.\rspam one -> spam\rham one -> ham\r",
        "\x1b[200~Sort mails.\r\nspam one -> spam\nham one -> ham\x1b[201~\r",
        "\x1b[200~Sort mails.\rspam one -> spam\rham one -> ham\x1b[201~" + "\r",
    ],
    ids=["plain", "bracketed", "bracketed, as terminals send it"],
)
def test_pasted_lines_are_one_message(pasted: str) -> None:
    _, sent = typed(pasted)
    assert sent == ["Sort mails.\nspam one -> spam\nham one -> ham"]


def test_a_paste_may_come_in_pieces_and_hold_control_characters() -> None:
    _, sent = typed("\x1b[20", "0~a\tb\x03\r", "c\x1b[201", "~", "\r")
    # What is in the paste itself is text, but for what marks its end.
    assert sent == ["a\tb\x03\nc"]


def test_editing_keys() -> None:
    editor, _ = typed("hello wrld", "\x1b[D" * 3, "o", "\x01", ">", "\x05", "!")
    assert editor.text == ">hello world!"
    editor.feed("\x17\x7f")
    assert editor.text == ">hello"
    editor.feed("\x15")
    assert editor.text == ""


def test_unknown_escapes_and_controls_are_no_text() -> None:
    editor, sent = typed("a\x1b[5;3~\x1bOP\x00\x07b")
    assert editor.text == "ab"
    assert sent == []


def test_alt_enter_begins_a_line_and_history_comes_back() -> None:
    editor, sent = typed("one", "\x1b\r", "two", "\r", "\x1b[A")
    assert sent == ["one\ntwo"]
    assert editor.text == "one\ntwo"
    editor.feed("\x1b[B")
    assert editor.text == ""


def test_ctrl_d_leaves_only_an_empty_line() -> None:
    editor, _ = typed("ab", "\x01", "\x04")
    assert editor.text == "b"
    with pytest.raises(LeaveError):
        typed("\x04")


def test_rows_fit_the_terminal_and_show_the_cursor() -> None:
    rows, row, column = laid_out("日本語" * 20, 60, 40)
    assert len(rows) == 4
    assert (row, column) == (3, 2 + 2 * 6)
    rows, row, column = laid_out("\n".join("abcdefghijkl"), 0, 80)
    assert (rows[0], row, column) == ("› a", 0, 2)
    rows, row, _ = laid_out("\n".join("abcdefghijkl"), 23, 80)
    assert (rows[-1], row) == ("  l", 7)
