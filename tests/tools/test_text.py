from tools.text import one_line, printable


def test_nothing_passes_for_a_line_of_ours_or_speaks_to_a_terminal() -> None:
    assert one_line("a\x1b[2J\nb\u2028 c\x9b1m") == "a [2J b c 1m"
    assert one_line("word " * 99, 10) == "word word…"
    assert printable("a\x1b]0;x\x07\nb") == "a ]0;x \nb"
