"""What an expression gives for a row."""

from collections.abc import Mapping, Sequence

from tools.hub.paths import BadPathError, Expression, Function, Path, paths, type_at
from tools.hub.tokens import entities, join_tokens, labelled
from tools.services import Json, ToolError
from tools.sources import DatasetInfo


class Evaluator:
    """Reads one expression from the rows of a data set.

    Args:
        expression: What to read.
        info: The data set, whose class names stand in for numbers.
    """

    def __init__(self, expression: Expression, info: DatasetInfo) -> None:
        self._expression = expression
        self._owner = info.repo_id
        self._names: Mapping[Path, Sequence[str]] = {
            path: info.label_names.get(path.names, ())
            for path in paths(expression)
            if _numbered(path, info.columns)
        }

    def value(self, row: Json) -> object:
        """Return what is there, class names in place of their numbers; a template gives text."""
        if isinstance(self._expression, Path):
            return self._get(self._expression, row)
        return self.text(row)

    def text(self, row: Json) -> str:
        """Return the value as text; empty where there is none.

        Raises:
            ToolError: The value is a record or bytes, which are no text.
        """
        if isinstance(self._expression, Path | Function):
            return self._text(self._expression, row)
        return "".join(
            part if isinstance(part, str) else self._text(part, row)
            for part in self._expression.parts
        ).strip()

    def parts(self, row: Json) -> list[str]:
        """Return the text of each path of the expression."""
        return [self._as_text(self._get(path, row), path) for path in paths(self._expression)]

    def _text(self, part: Path | Function, row: Json) -> str:
        if isinstance(part, Path):
            return self._as_text(self._get(part, row), part)
        values = [self._get(path, row) for path in part.arguments]
        if part.name == "first":
            texts = map(self._as_text, values, part.arguments)
            return next((text for text in texts if text), "")
        lists = [self._items(v, p) for v, p in zip(values, part.arguments, strict=True)]
        first, second, *order = lists
        if part.name == "entities":
            return entities([str(t) for t in first], [str(tag) for tag in second])
        items = list(zip(map(str, first), map(str, second), strict=False))
        if order:
            places = [float(str(place)) for place in order[0]]
            items = [items[i] for i in sorted(range(len(items)), key=places.__getitem__)]
        return labelled(items)

    def _get(self, path: Path, row: Json) -> object:
        found: object = row.get(path.column)
        for step in path.steps:
            found = _at(found, step)
        names = self._names.get(path)
        return found if names is None else _named(found, names)

    def _items(self, value: object, path: Path) -> list[object]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise ToolError(f"{path} of {self._owner} is no list; {self._expression} needs lists")
        return ["" if item is None else item for item in value]

    def _as_text(self, value: object, path: Path) -> str:
        if value is None:
            return ""
        if isinstance(value, list):
            flat = [item for item in value if item is not None]
            if any(isinstance(item, list) for item in flat):
                return " ".join(self._as_text(item, path) for item in flat)
            return join_tokens([self._as_text(item, path) for item in flat])
        if isinstance(value, dict | bytes):
            raise ToolError(
                f"{path} of {self._owner} is no text but {_kind(value)};"
                " name a field of it, such as answers.text[0]"
            )
        return str(value).strip()


def _kind(value: object) -> str:
    return f"a record of {', '.join(value)}" if isinstance(value, dict) else "bytes"


def _at(value: object, step: str | int) -> object:
    """Take one step into a value; a name is taken in each record of a list."""
    if isinstance(step, str):
        if isinstance(value, list):
            return [_at(item, step) for item in value]
        return value.get(step) if isinstance(value, dict) else None
    inside = isinstance(value, list) and -len(value) <= step < len(value)
    return value[step] if inside and isinstance(value, list) else None


def _named(value: object, names: Sequence[str]) -> object:
    if isinstance(value, list):
        return [_named(item, names) for item in value]
    if isinstance(value, int):
        return names[value] if 0 <= value < len(names) else None
    return value


def _numbered(path: Path, columns: Mapping[str, str]) -> bool:
    try:
        found = type_at(path, columns)
    except BadPathError:
        return False
    return (found.item or found).kind == "class_label"
