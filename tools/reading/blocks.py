"""Demonstrations pasted as named blocks: Input/Output, Q/A, Text/Label, 入力/出力 and the like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.reading.columns import role
from tools.reading.tables import Found
from tools.task import Demonstration

_MARKER = re.compile(
    r"""[ \t]*(?:[-*•>]\s+|\d+[.)]\s+|\#+\s+)?[*_\[]*
    (?P<name>[^\W\d_]+(?:[ -][^\W\d_]+)?)[ _]?\#?\d*[\]*_]*[ \t]*
    (?:[:：]|=(?=\s*["']))[*_]*[ \t]*(?P<rest>.*)""",
    re.VERBOSE,
)
_INLINE = re.compile(
    r"""[\s,;|/]+[*_\[]*(?P<name>[^\W\d_]+)[\]*_]*[ \t]*(?:[:：]|=(?=\s*["']))[*_]*\s*"""
)
_BREAK = re.compile(
    r"\s*(?:[-=*_#]{3,}|[#*\s]*(?:example|beispiel|demonstration|sample|exemple|ejemplo|case|例)"
    r"\W*\d*\W*)\s*",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"(?:.*\b(?:examples?|beispiele?|demonstrations?|samples?)\b.{0,60}|.{0,30}例.{0,30})[:：]",
    re.IGNORECASE,
)
_INITIALS = {"q": "input", "f": "input", "a": "output"}
_PLAINEST = ("input", "eingabe", "入力", "entrée", "entrada")


@dataclass(frozen=True)
class _Marker:
    line: int
    name: str
    role: str
    rest: str


def find_blocks(text: str) -> Found:
    """Read named blocks; values run over several lines, the last output up to a blank line."""
    lines = text.split("\n")
    markers = _markers(lines)
    if not any(marker.role == "output" for marker in markers):
        lines = _split_inline(lines)
        markers = _markers(lines)
    opened = _names(lines, markers)
    if opened is None:
        return [], text
    first = _first_line(lines, markers)
    markers = [m for m in markers if m.name in opened and m.line >= first]
    found: list[Demonstration] = []
    used: set[int] = set()
    for number, (opener, closer) in enumerate(zip(markers, markers[1:], strict=False)):
        if (opener.role, closer.role) != ("input", "output"):
            continue
        following = markers[number + 2].line if number + 2 < len(markers) else None
        end = _end(lines, closer, following)
        pair = Demonstration(
            input=_value(opener, lines[opener.line + 1 : closer.line]),
            output=_value(closer, lines[closer.line + 1 : end]),
        )
        if pair.input and pair.output:
            found.append(pair)
            used.update(range(opener.line, end))
    if not found:
        return [], text
    return found, "\n".join(line for n, line in enumerate(lines) if n not in used)


def _role(name: str) -> str | None:
    return _INITIALS.get(name.casefold()) or role(name)


def _markers(lines: Sequence[str]) -> list[_Marker]:
    markers = []
    for number, line in enumerate(lines):
        match = _MARKER.fullmatch(line)
        kind = _role(match["name"]) if match else None
        if match and kind:
            markers.append(_Marker(number, match["name"].casefold(), kind, match["rest"]))
    return markers


def _split_inline(lines: Sequence[str]) -> list[str]:
    """Break `Input: a Output: b` into two lines."""
    result: list[str] = []
    for line in lines:
        marker = _MARKER.fullmatch(line)
        splits = [m for m in _INLINE.finditer(line) if _role(m["name"]) == "output"]
        if marker and _role(marker["name"]) == "input" and splits:
            result += [line[: splits[-1].start()], line[splits[-1].start() :].lstrip(" ,;|/")]
        else:
            result.append(line)
    return result


def _names(lines: Sequence[str], markers: Sequence[_Marker]) -> tuple[str, str] | None:
    """Return the names that open input and output; other known names belong to the values."""
    for number, closer in enumerate(markers):
        before = [marker for marker in markers[:number] if marker.role == "input"]
        if closer.role == "output" and before:
            plain = [marker for marker in before if marker.name in _PLAINEST]
            opener = (plain or before)[-1]
            # `Context:` directly above `Question:` is the first field of the same input.
            for above in reversed(before[:-1] if not plain else []):
                if all(line.strip() for line in lines[above.line : opener.line]):
                    opener = above
            return opener.name, closer.name
    return None


def _first_line(lines: Sequence[str], markers: Sequence[_Marker]) -> int:
    """Return the line of the examples' heading; blocks before it describe the format."""
    last = max((m.line for m in markers if m.role == "output"), default=0)
    headings = [n for n, line in enumerate(lines[:last]) if _HEADING.fullmatch(line.strip())]
    return headings[0] if headings else 0


def _end(lines: Sequence[str], closer: _Marker, following: int | None) -> int:
    """Return the line after an output: at a ruler, a closing fence, or the next block."""
    in_fence = closer.rest.startswith("```")
    started = bool(closer.rest.strip())
    end = following if following is not None else len(lines)
    for number in range(closer.line + 1, end):
        line = lines[number]
        if line.strip().startswith("```"):
            if started:
                return number + in_fence  # its own fence closes, or the one around the block
            in_fence = True
        elif started and not in_fence and _ends(lines, number, end):
            return number
        started = started or bool(line.strip())
    return end


def _ends(lines: Sequence[str], number: int, end: int) -> bool:
    """A ruler ends an output; a blank line the last one, or one that an announcement follows."""
    if lines[number].strip():
        return _BREAK.fullmatch(lines[number]) is not None
    if end == len(lines):
        return True
    remaining = [line.strip() for line in lines[number:end] if line.strip()]
    return not remaining or (len(remaining) == 1 and remaining[0].endswith((":", "：")))


def _value(marker: _Marker, following: Sequence[str]) -> str:
    lines = [marker.rest, *following]
    text = "\n".join(lines).strip()
    fenced = re.fullmatch(r"```[^\n]*\n(.*?)\n?```", text, re.DOTALL)
    return fenced[1].strip("\n") if fenced else text
