"""What the tab Data shows of rows, as HTML."""

import difflib
import re
from collections.abc import Callable, Sequence

from agent.ui.safe import MOST_SHOWN, notice, render
from tools.browsing import CUT, PAGE, Browser
from tools.examples import Example
from tools.looks import Around, Near
from tools.questions import Question
from tools.reasons import Reason

REPEATING: frozenset[Reason | None] = frozenset({"duplicate", "near-duplicate", "contamination"})
_COMPARED = 1_500
"""Characters in which differences are marked: to find them takes the square of the words."""
Parts = list[tuple[bool, str]]
"""Pieces of a text in order, and whether the other text has them, too."""


def list_html(
    browser: Browser, labels: Sequence[str], question: Question, page: int,
    said: str = "", *, warned: bool = False, opened: int = 0,
) -> str:  # fmt: skip
    """Return one page of the rows that are asked for.

    Args:
        browser: The run's examples.
        labels: What a row may be relabelled as by a choice; none where outputs are texts.
        question: Which rows.
        page: Number of the page, from 1.
        said: What came of the last edit.
        warned: Whether that is a refusal.
        opened: Id of the row that is shown below.
    """
    ids = browser.find(question)
    page = max(1, min(page, -(-len(ids) // PAGE)))
    first = (page - 1) * PAGE
    rows = browser.listed(ids[first : first + PAGE])
    return render(
        "data_list.html", rows=rows, labels=list(labels), page=page, total=len(ids),
        first=first + 1, last=min(first + PAGE, len(ids)), asked=question.any, cut=CUT,
        said=said, warned=warned, opened=opened,
    )  # fmt: skip


def row_html(
    browser: Browser,
    labels: Sequence[str],
    id_: int,
    span_of: Callable[[str], str | None],
    *,
    near: bool = False,
    whole: bool = False,
) -> str:
    """Return everything about a row.

    Args:
        browser: The run's examples.
        labels: What it may be relabelled as; none where outputs are texts.
        id_: Which row.
        span_of: Finds, in the trace, the step that made a tool call.
        near: Whether to look for the rows most like it.
        whole: Whether to show long texts in full.
    """
    row = browser.whole(id_)
    if row is None:
        return notice(f"row {id_} is gone: the step that brought it was repeated", "warning")
    example = row.example
    sought = example.reason in REPEATING
    around = browser.around(id_) if sought or near else Around(None, ())
    repeats = around.repeats if sought else None
    return render(
        "data_row.html", row=example, by=row.by, answers=row.answers, decisions=row.decisions,
        labels=list(labels), most=MOST_SHOWN, whole=whole, repeats=repeats,
        sought=sought, hidden=repeats and repeats.example.split != "train",
        sides=_sides(example, repeats), span=span_of(row.call),
        near=_near(example, around) if near else None,
    )  # fmt: skip


def _sides(example: Example, repeats: Near | None) -> list[tuple[str, str, Parts]]:
    if repeats is None:
        return []
    other = repeats.example
    mine, theirs = differences(example.input, other.input)
    head = f"row {other.id}, {repeats.similarity:.0%} alike"
    return [("this row", example.output, mine), (head, other.output, theirs)]


def _near(example: Example, around: Around) -> list[dict[str, object]]:
    return [
        {
            "row": near.example,
            "similarity": near.similarity,
            "parts": differences(example.input, near.example.input)[1],
        }
        for near in around.like
    ]


def differences(one: str, other: str) -> tuple[Parts, Parts]:
    """Return both texts in pieces, word by word, cut where they are long."""
    a, b = (re.findall(r"\s+|\w+|[^\w\s]", text[:_COMPARED]) for text in (one, other))
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    mine: Parts = []
    theirs: Parts = []
    for what, i, j, k, m in matcher.get_opcodes():
        same = what == "equal"
        if i < j:
            mine.append((same, "".join(a[i:j])))
        if k < m:
            theirs.append((same, "".join(b[k:m])))
    return mine, theirs
