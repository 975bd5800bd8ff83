from agent.ui.figures import ago, interval, minutes, score, span, usd
from agent.ui.safe import notice, render, shown

HOSTILE = "<b>x</b><script>alert(1)</script> {{ 7 * 7 }} ${alert(1)} **y** \u202eevil\x07 \"'"


def test_everything_that_is_filled_in_is_text() -> None:
    html = notice(HOSTILE, "error")
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "{{ 7 * 7 }} ${alert(1)} **y**" in html
    assert 'role="alert"' in html


def test_letters_that_turn_or_hide_text_are_marked() -> None:
    assert shown("a\u202eb\x07c\u2066d\ufeff") == "a␣b␣c␣d␣"
    assert shown("two\nlines\tand é 漢字 👩‍💻") == "two\nlines\tand é 漢字 👩‍💻"


def test_long_texts_are_cut() -> None:
    assert shown("x" * 10, 5) == "xxxx…"
    assert shown("x" * 5, 5) == "xxxxx"


def test_figures_say_what_is_unknown() -> None:
    assert [f(None) for f in (score, interval, usd, span, minutes)] == ["–"] * 5
    assert ago("") == "–"


def test_figures_are_short() -> None:
    assert [span(s) for s in (0, 3.2, 59, 65, 3600, 90_061)] == [
        "0 s", "3.2 s", "59 s", "1 min 5 s", "1 h", "1 d 1 h",
    ]  # fmt: skip
    assert [usd(v) for v in (0.0, 0.004, 1.5)] == ["0.00 USD", "0.0040 USD", "1.50 USD"]
    assert ago("2020-01-01T00:00:00").endswith("d ago")


def test_what_an_older_run_lacks_is_a_dash() -> None:
    html = render("rounds.html", plot="", rounds=[{"round": 1, "focus": "start"}])
    assert "–" in html
