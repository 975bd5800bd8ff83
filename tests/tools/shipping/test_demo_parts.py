import re
from html.parser import HTMLParser

import pytest

from tests.tools.shipping.told import ABOUT, HOSTILE, likely
from tools.shipping.templates import demo_parts
from tools.shipping.templates.demo_parts import plain

OURS = {"div", "p", "h1", "details", "summary", "table", "tr", "th", "td", "ul", "li", "span", "b"}


class Read(HTMLParser):
    """Remembers the tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    "page",
    [
        demo_parts.head(ABOUT),
        demo_parts.facts(ABOUT),
        demo_parts.answer(ABOUT, likely("")),
        demo_parts.answer(ABOUT | {"kind": "text"}, [(HOSTILE, 0.2)]),
        demo_parts.said(HOSTILE),
    ],
)
def test_words_of_others_are_text_alone(page: str) -> None:
    read = Read(page)
    assert set(read.tags) <= OURS
    assert "<img src=x onerror=" in read.text
    assert "{{7*7}} ${7*7} `x` \ufffd[31m" in read.text
    # Gradio fills in templates of its own that such signs begin.
    assert not re.search(r"[{}$`\x1b]", page)


def test_line_ends_stay_and_silent_characters_are_seen() -> None:
    assert plain("a\r\n\tb\x00\x85c") == "a\r\n\tb\ufffd\ufffdc"


def test_an_answer_with_bars() -> None:
    page = demo_parts.answer(ABOUT, likely("sure"))
    assert Read(page).text.count("%") == 6
    assert "width:90.0%" in page
    assert "2 other labels: 3%" in page
    assert "Unsure" not in page
    assert "1 other label: 2%" in demo_parts.answer(ABOUT, likely("sure")[:6])
    assert "under 1%" in demo_parts.answer(ABOUT, [("a", 0.999), ("b", 0.001)])


def test_low_confidence_is_said() -> None:
    assert "<b>Unsure.</b> Such answers are often wrong." in demo_parts.answer(ABOUT, likely(""))
    assert demo_parts.is_unsure(ABOUT, 0.49)
    assert not demo_parts.is_unsure(ABOUT, 0.5)


def test_answers_without_bars() -> None:
    text = ABOUT | {"kind": "text"}
    assert "Confidence 75%, by its own account." in demo_parts.answer(text, [("x", 0.75)])
    assert "The answer is empty." in demo_parts.answer(text, [("", 0.75)])
    assert "Confidence 75%" in demo_parts.answer(ABOUT, [("only", 0.75)])


def test_labels_without_meanings_are_a_line() -> None:
    bare = ABOUT | {"labels": [{"name": "a", "meaning": ""}, {"name": "b", "meaning": ""}]}
    assert "<p dir='auto'>a, b</p>" in demo_parts.head(bare)
    assert "<details>" not in demo_parts.head(ABOUT | {"labels": []})
