"""Demonstrations in the formats that people paste into a prompt, and the prose around them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.reading.blocks import find_blocks
from tools.reading.columns import is_closed_set
from tools.reading.tables import Found, find_delimited, find_json, find_markdown
from tools.task import Demonstration

_ARROW = re.compile(r"\s+(?:->|=>|-->|==>)\s+|\s*[→⇒⟶]\s*|\t+")
_QUOTED_FIRST = re.compile(r"""(["“„「'‘].+?["”“」'’])(?:\s*(?:->|=>|-->|==>|[→⇒⟶])\s*)(.+)""")
_ITEM = re.compile(r"\A\s*(?:[-*•]|\d+[.)])\s+")
_HEADING = re.compile(
    r"(?:\W*|.*\b)(?:examples?|e\.g\.|for instance|beispiele?|demonstrations?|samples?|exemples?|"
    r"ejemplos?)\b.{0,60}|.{0,30}例.{0,30}",
    re.IGNORECASE,
)
_TRAILING_HEADING = re.compile(
    r"(?<=[.!?。])\s*(?:for example|examples?|beispiele?|zum beispiel|例)\s*[:：]\s*$",
    re.IGNORECASE,
)
_LABEL_LIST = re.compile(
    r"(?:label|categor|class|kategorie|klasse|ラベル|カテゴリ).*[:：]$", re.IGNORECASE
)
_QUOTES = tuple(
    tuple(pair) for pair in ['""', "“”", "„“", "„”", "''", "‘’", "「」", "``", "«»", "»«"]
)


@dataclass(frozen=True)
class Extracted:
    """Demonstrations in the order of their formats, and the prose without them."""

    demonstrations: tuple[Demonstration, ...]
    prose: str


def extract(prompt: str) -> Extracted:
    """Take the demonstrations out of a prompt.

    Knows `Input:`/`Output:` blocks and their relatives, JSON, Markdown tables, CSV/TSV blocks with
    a header, and arrows; each bare or in a code fence.
    """
    rest = prompt.replace("\r\n", "\n")
    found: list[Demonstration] = []
    finders: Sequence[Callable[[str], Found]] = (
        find_blocks,
        find_json,
        find_markdown,
        find_delimited,
        find_arrows,
    )
    for find in finders:
        pairs, rest = find(rest)
        found += unquoted(pairs)
    return Extracted(tuple(dict.fromkeys(found)), _tidy(rest) if found else rest.strip())


def unquoted(pairs: Sequence[Demonstration]) -> list[Demonstration]:
    """Take quotation marks off where all inputs, or all outputs, are wrapped in them."""
    inputs = _unwrap([pair.input for pair in pairs])
    outputs = _unwrap([pair.output for pair in pairs])
    return [Demonstration(input=i, output=o) for i, o in zip(inputs, outputs, strict=True)]


def _unwrap(texts: Sequence[str]) -> list[str]:
    for left, right in _QUOTES:
        if all(len(t) > 2 and t[0] == left and t[-1] == right for t in texts):
            return [text[1:-1] for text in texts]
    return list(texts)


def find_arrows(text: str) -> Found:
    """Read lines such as `text -> label`; one alone counts only under a heading or when quoted."""
    lines = text.split("\n")
    used: set[int] = set()
    found: list[Demonstration] = []
    for group in _runs(lines):
        intro = next((line for line in reversed(lines[: group[0]]) if line.strip()), "").strip()
        sure = len(group) > 1 or _HEADING.fullmatch(intro) or _quoted(lines[group[0]])
        if sure and not _LABEL_LIST.search(intro):
            found += _arrow_pairs([_item(lines[n]) for n in group])
            used.update(group)
    return found, "\n".join(line for n, line in enumerate(lines) if n not in used)


def _quoted(line: str) -> re.Match[str] | None:
    return _QUOTED_FIRST.fullmatch(_item(line))


def _item(line: str) -> str:
    """Return what a line says, without the sign or number of an item before it."""
    return _ITEM.sub("", line).strip()


def _runs(lines: Sequence[str]) -> list[list[int]]:
    """Return runs of line numbers with an arrow; blank lines do not end a run."""
    runs: list[list[int]] = []
    open_run = False
    for number, line in enumerate(lines):
        if _ARROW.search(_item(line)):
            runs = runs if open_run else [*runs, []]
            runs[-1].append(number)
            open_run = True
        elif line.strip():
            open_run = False
    return runs


def _arrow_pairs(lines: Sequence[str]) -> list[Demonstration]:
    quoted = [_QUOTED_FIRST.fullmatch(line) for line in lines]
    if all(quoted):
        pairs = [match.groups() for match in quoted if match]
    else:
        pairs = [_split(line, -1) for line in lines]
        if not is_closed_set([output for _, output in pairs]):
            # The arrow of a lambda or a type belongs to the output, not to the format.
            pairs = [_split(line, 0) for line in lines]
    return [Demonstration(input=i.strip(), output=o.strip()) for i, o in pairs]


def _split(line: str, which: int) -> tuple[str, str]:
    arrow = list(_ARROW.finditer(line))[which]
    return line[: arrow.start()], line[arrow.end() :]


def _tidy(text: str) -> str:
    """Drop what only framed the demonstrations: empty fences, rulers, a heading at the end."""
    text = re.sub(r"^```\w*\s*\n(?:[ \t]*\n)*```[ \t]*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^[ \t]*(?:-{3,}|={3,}|\*{3,})[ \t]*$", "", text, flags=re.MULTILINE)
    paragraphs = [part.strip("\n") for part in re.split(r"\n\s*\n", text.strip())]
    while len(paragraphs) > 1 and _is_heading(paragraphs[-1]):
        paragraphs.pop()
    last = paragraphs[-1].split("\n")
    if len(last) > 1 and _is_heading(last[-1]):
        paragraphs[-1] = "\n".join(last[:-1])
    return _TRAILING_HEADING.sub("", "\n\n".join(paragraphs)).strip()


def _is_heading(line: str) -> bool:
    return line.rstrip().endswith((":", "：")) and _HEADING.fullmatch(line.strip()) is not None
