"""The parts of a model's page that show words of a task, of data or of a model: as text alone."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.shipping.templates.command_line import Likely

About = Mapping[str, Any]
"""What a page tells: `title`, `task`, `kind` (`label` or `text`), `labels` (name and meaning each),
`examples`, `unsure` (`below`, and `said` in words), `sections` (title, lines, and a table)."""
SHOWN = 5
"""Labels with a bar of their own."""
_SILENT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARKS = {"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;"}

CSS = """
.gradio-container { max-width: 60rem !important; margin: 0 auto !important; }
.gradio-container .html-container { padding: 0 !important; }
footer .divider { display: none; }
.task { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 12rem; overflow-y: auto; }
.muted { color: var(--body-text-color-subdued); }
.plain { color: var(--body-text-color); line-height: 1.5; overflow-wrap: anywhere; }
.plain h1 { font-size: 1.5rem; font-weight: 650; margin: 0 0 .35rem; }
.plain p { margin: .3rem 0; }
.plain ul { margin: .3rem 0; padding-left: 1.2rem; list-style: disc; }
.plain details { border-top: 1px solid var(--border-color-primary); padding: .55rem 0; }
.plain summary { cursor: pointer; font-weight: 600; }
.plain summary:focus-visible { outline: 2px solid var(--color-accent); outline-offset: 3px; }
.plain table { border-collapse: collapse; margin: .4rem 0; width: 100%; border: 0 !important; }
.plain tr { border: 0 !important; }
.plain th { overflow-wrap: normal; }
.plain th, .plain td { text-align: left; padding: .25rem .6rem .25rem 0 !important;
  vertical-align: top; border: 0 !important;
  border-bottom: 1px solid var(--border-color-primary) !important; }
.answer { border: 1px solid var(--border-color-primary); border-radius: 8px; padding: .9rem 1rem;
  background: var(--block-background-fill); min-height: 7rem; }
.answer .output { font-size: 1.35rem; font-weight: 650; white-space: pre-wrap; margin: 0 0 .4rem; }
.answer .long { font-size: 1.1rem; font-weight: 400; }
.answer .unsure { border-left: 4px solid #b45309; padding: .1rem .6rem; margin: .5rem 0; }
.answer .row { margin: .45rem 0; }
.answer .name { display: flex; justify-content: space-between; gap: 1rem; font-size: .92rem; }
.answer .bar { height: .5rem; border-radius: 4px; background: var(--border-color-primary); }
.answer .bar div { height: 100%; border-radius: 4px; background: var(--color-accent); }
"""


def plain(text: str) -> str:
    """Return HTML that shows a text as it is; nothing in it is markup, or a template's."""
    shown = html.escape(_SILENT.sub("\ufffd", text))
    return "".join(_MARKS.get(character, character) for character in shown)


def head(about: About) -> str:
    """Return what the page begins with: what the model is for."""
    parts = [f"<h1 dir='auto'>{plain(about['title'])}</h1>"]
    if about["task"] != about["title"]:
        parts.append(f"<p class='task' dir='auto'>{plain(about['task'])}</p>")
    if about["labels"]:
        rows = [[label["name"], label["meaning"]] for label in about["labels"]]
        title = f"It answers with one of {len(rows)} labels"
        if any(meaning for _, meaning in rows):
            parts.append(_section(title, [], _table([("label", "meaning"), *rows])))
        else:
            parts.append(_section(title, [", ".join(name for name, _ in rows)], ""))
    return f"<div class='plain'>{''.join(parts)}</div>"


def facts(about: About) -> str:
    """Return what is known of the model: how good it is, where it fails, what its data ask."""
    sections = [
        _section(one["title"], one["lines"], _table(one["table"]), is_open=number == 0)
        for number, one in enumerate(about["sections"])
    ]
    return f"<div class='plain'>{''.join(sections)}</div>"


def nothing() -> str:
    """Return what stands in place of an answer before there is one."""
    return said("The answer comes here.")


def said(sentence: str) -> str:
    """Return a sentence in place of an answer."""
    return f"<div class='answer plain' role='status'><p class='muted'>{plain(sentence)}</p></div>"


def answer(about: About, likely: Likely) -> str:
    """Return an answer with how sure it is; of labels, the likeliest few with bars."""
    (output, confidence), labels = likely[0], about["kind"] == "label"
    kind = "output" if labels else "output long"
    empty = "" if output else "<p class='muted'>The answer is empty.</p>"
    parts = [f"<p class='{kind}' dir='auto'>{plain(output)}</p>{empty}"]
    if is_unsure(about, confidence):
        parts.append(f"<p class='unsure'><b>Unsure.</b> {plain(about['unsure']['said'])}</p>")
    if labels and len(likely) > 1:
        parts += _bars(likely)
    else:
        parts.append(f"<p class='muted'>Confidence {_percent(confidence)}, by its own account.</p>")
    return f"<div class='answer plain' role='status'>{''.join(parts)}</div>"


def is_unsure(about: About, confidence: float) -> bool:
    """Say whether an answer is one of those that a model is least sure of."""
    return bool(confidence < about["unsure"]["below"])


def _bars(likely: Likely) -> Iterator[str]:
    for label, chance in likely[:SHOWN]:
        width = f"<div style='width:{100 * min(1.0, chance):.1f}%'></div>"
        yield (
            f"<div class='row'><div class='name'><span dir='auto'>{plain(label)}</span>"
            f"<span>{_percent(chance)}</span></div><div class='bar' aria-hidden='true'>{width}"
            "</div></div>"
        )
    others = len(likely) - SHOWN
    if others > 0:
        rest = _percent(sum(chance for _, chance in likely[SHOWN:]))
        yield f"<p class='muted'>{others} other {'label' if others == 1 else 'labels'}: {rest}</p>"


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.01 else f"{100 * share:.0f}%"


def _section(title: str, lines: Sequence[str], table: str, *, is_open: bool = False) -> str:
    listed = "".join(f"<li dir='auto'>{plain(line)}</li>" for line in lines)
    shown = f"<ul>{listed}</ul>" if len(lines) > 1 else f"<p dir='auto'>{plain(''.join(lines))}</p>"
    opened = " open" if is_open else ""
    body = (shown if lines else "") + table
    return f"<details{opened}><summary>{plain(title)}</summary>{body}</details>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table, the first row of which are its heads; nothing where there are no rows."""
    if not rows:
        return ""
    first = "".join(f"<th scope='col'>{plain(cell)}</th>" for cell in rows[0])
    others = ("".join(f"<td dir='auto'>{plain(cell)}</td>" for cell in row) for row in rows[1:])
    return f"<table><tr>{first}</tr>{''.join(f'<tr>{row}</tr>' for row in others)}</table>"
