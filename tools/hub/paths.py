"""The small language in which an input or output is named.

    path      answers.text[0]      instances[0].output      `odd.name`.field
    function  entities(tokens, ner_tags)    pairs(spans.kind, spans.value)    first(long, short)
    template  context: {context} question: {question}      {expression} = {timex}

A string that is the name of a column means that column, whatever signs are in it. In a path, a name
behind a list of records means that field of each of them. `{{` and `}}` stand for braces.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tools.hub.types import Type, parse_type
from tools.services import ToolError

FUNCTIONS: Mapping[str, tuple[int, int]] = {"entities": (2, 2), "pairs": (2, 3), "first": (2, 9)}
"""Function to the fewest and most paths it takes."""
_NAME = re.compile(r"`([^`]+)`|([^.\[\](){},`]+)")
_INDEX = re.compile(r"\[(-?\d+)\]")


@dataclass(frozen=True)
class Path:
    """A column, or a value inside of it.

    Attributes:
        steps: Names of fields and places in lists, from the outside in.
    """

    column: str
    steps: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        inner = (f"[{s}]" if isinstance(s, int) else f".{_quoted(s)}" for s in self.steps)
        return _quoted(self.column) + "".join(inner)

    @property
    def names(self) -> str:
        """The names on the way, without places: the key of class names."""
        return ".".join([self.column, *(s for s in self.steps if isinstance(s, str))])


@dataclass(frozen=True)
class Function:
    """A function of paths."""

    name: str
    arguments: tuple[Path, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True)
class Template:
    """Text with values in it."""

    parts: tuple[str | Path | Function, ...]

    def __str__(self) -> str:
        return "".join(
            p.replace("{", "{{").replace("}", "}}") if isinstance(p, str) else f"{{{p}}}"
            for p in self.parts
        )


Expression = Path | Function | Template


class BadPathError(Exception):
    """What does not follow the grammar or names what is not there; the message says what."""


def parse(text: str, columns: Mapping[str, str]) -> Expression:
    """Parse an input or output over `columns` (column name to short type).

    Raises:
        BadPathError: It follows no rule, or names no column, field or place that there is.
    """
    if text in columns:
        return Path(text)
    if "{" in text or "}" in text:
        return _template(text, columns)
    return _expression(text, columns)


def expression(text: str, columns: Mapping[str, str], argument: str, owner: str) -> Expression:
    """Parse what a planner gave as `argument` for the data set `owner`.

    Raises:
        ToolError: It cannot be read; the message names the columns there are.
    """
    try:
        return parse(text, columns)
    except BadPathError as error:
        known = ", ".join(f"{name} ({kind})" for name, kind in columns.items())
        raise ToolError(f"{argument}{text!r}: {error}; {owner} has {known}") from error


def leaves(found: Expression) -> tuple[Path | Function, ...]:
    """Return the paths and functions of an expression, in order."""
    if isinstance(found, Template):
        return tuple(part for part in found.parts if not isinstance(part, str))
    return (found,)


def paths(found: Expression) -> tuple[Path, ...]:
    """Return every path of an expression, in order."""
    inner = leaves(found)
    return tuple(
        p for leaf in inner for p in (leaf.arguments if isinstance(leaf, Function) else (leaf,))
    )


def columns_of(found: Expression) -> tuple[str, ...]:
    """Return the columns that an expression reads, each once."""
    return tuple(dict.fromkeys(path.column for path in paths(found)))


def type_at(path: Path, columns: Mapping[str, str]) -> Type:
    """Return the type of the values at a path; kind `unknown` where the source does not tell.

    Raises:
        BadPathError: There is no such column, field or list.
    """
    if path.column not in columns:
        raise BadPathError(f"no column {path.column!r}")
    found = parse_type(columns[path.column])
    for step in path.steps:
        found = _place(found, path) if isinstance(step, int) else _field(found, step, path)
    return found


def _place(found: Type, path: Path) -> Type:
    if found.kind in ("unknown", "struct") and not found.fields:
        return Type("unknown")
    if found.item is None:
        raise BadPathError(f"{path} takes a place of what is no list ({found.kind})")
    return found.item


def _field(found: Type, name: str, path: Path) -> Type:
    if found.item is not None:
        return Type("list", item=_field(found.item, name, path))
    if name in found.fields:
        return found.fields[name]
    if found.kind in ("unknown", "struct") and not found.fields:
        return Type("unknown")
    there = f"fields are {', '.join(found.fields)}" if found.fields else f"it is {found.kind}"
    raise BadPathError(f"no field {name!r} in {path.column!r} ({there})")


def _template(text: str, columns: Mapping[str, str]) -> Template:
    parts: list[str | Path | Function] = []
    plain, place = "", 0
    while place < len(text):
        if text[place : place + 2] in ("{{", "}}"):
            plain, place = plain + text[place], place + 2
        elif text[place] == "{":
            end = text.find("}", place)
            if end < 0:
                raise BadPathError("a brace is not closed")
            parts += [plain] if plain else []
            parts.append(_slot(text[place + 1 : end], columns))
            plain, place = "", end + 1
        elif text[place] == "}":
            raise BadPathError("a brace is closed that was not opened")
        else:
            plain, place = plain + text[place], place + 1
    if not parts or all(isinstance(part, str) for part in parts):
        raise BadPathError("it names no column")
    return Template((*parts, plain) if plain else tuple(parts))


def _slot(inner: str, columns: Mapping[str, str]) -> Path | Function:
    if inner in columns:
        return Path(inner)
    return _expression(inner, columns)


def _expression(text: str, columns: Mapping[str, str]) -> Path | Function:
    called = re.fullmatch(r"\s*(\w+)\((.*)\)\s*", text, re.DOTALL)
    if called is None:
        return _path(text, columns)
    name, inner = called.groups()
    if name not in FUNCTIONS:
        raise BadPathError(f"no function {name!r}; there are {', '.join(FUNCTIONS)}")
    arguments = tuple(_path(piece, columns) for piece in _pieces(inner))
    fewest, most = FUNCTIONS[name]
    if not fewest <= len(arguments) <= most:
        raise BadPathError(f"{name}() takes {fewest} to {most} columns, not {len(arguments)}")
    return Function(name, arguments)


def _pieces(inner: str) -> list[str]:
    """Split at the commas that stand outside of back quotes."""
    return re.findall(r"(?:`[^`]*`|[^,`])+", inner)


def _path(text: str, columns: Mapping[str, str]) -> Path:
    text = text.strip()
    if text in columns:
        return Path(text)
    named = _NAME.match(text)
    if named is None:
        raise BadPathError(f"{text!r} is no path")
    column = _unquoted(named)
    place, steps = named.end(), []
    while place < len(text):
        step, place = _step(text, place)
        steps.append(step)
    path = Path(column, tuple(steps))
    type_at(path, columns)
    return path


def _step(text: str, place: int) -> tuple[str | int, int]:
    index = _INDEX.match(text, place)
    if index is not None:
        return int(index.group(1)), index.end()
    named = _NAME.match(text, place + 1) if text[place] == "." else None
    if named is None:
        raise BadPathError(f"{text!r} is no path")
    return _unquoted(named), named.end()


def _unquoted(match: re.Match[str]) -> str:
    return match.group(1) or match.group(2).strip()


def _quoted(name: str) -> str:
    plain = _NAME.fullmatch(name) is not None and name == name.strip() and "`" not in name
    return name if plain else f"`{name}`"
