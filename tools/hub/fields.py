"""The texts in a data set's rows: every column and field that could be read, and what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.column_names import is_metadata
from tools.hub.names import normalise
from tools.hub.paths import Function, Path, Template
from tools.hub.types import Type, parse_type
from tools.hub.values import Evaluator
from tools.sources import DatasetInfo

QUESTION = frozenset({"question", "query", "claim", "problem", "frage", "nl", "utterance"})
_CONTEXT_WORDS = """
    context contexts passage passages paragraph document article story background body facts
    knowledge evidence dialogue dialog conversation history kontext abschnitt
"""
CONTEXT = frozenset(_CONTEXT_WORDS.split())
INSTRUCTION = frozenset({"instruction", "instructions", "prompt", "task"})
CHOICES = frozenset({"choices", "options", "endings", "candidates", "alternatives"})
_GIVEN_WORDS = """
    input inputs source src text texts sentence content post review comment tweet message
    sms headline complex original raw noisy premise hypothesis full query
"""
GIVEN = frozenset(_GIVEN_WORDS.split())
"""Words in the names of columns that are nearly always read, not written."""
_WRITTEN_WORDS = """
    output target tgt answer response reply completion summary highlights translation simple
    simplified masked corrected normalized normalised solution reference rewritten formal
    paraphrase final gold expected
"""
WRITTEN = frozenset(_WRITTEN_WORDS.split())


@dataclass(frozen=True)
class Field:
    """A text in the rows.

    Attributes:
        path: Where it is.
        texts: What it is in the sample rows, one each.
    """

    path: Path | Function
    type: Type
    texts: tuple[str, ...]

    @property
    def column(self) -> str:
        """The column that it is, or is in."""
        return self.path.column if isinstance(self.path, Path) else self.path.arguments[0].column

    @property
    def words(self) -> frozenset[str]:
        """The words of its column's name and, for nested ones, its own."""
        path = self.path if isinstance(self.path, Path) else self.path.arguments[0]
        return frozenset(normalise(path.names).split())

    def has_role(self, names: frozenset[str]) -> bool:
        """Whether its column's name, or the last word of it, is one of these."""
        name = normalise(self.column)
        return bool(name) and (name in names or name.split()[-1] in names)


def text_fields(info: DatasetInfo) -> list[Field]:
    """Return the strings of a data set that are no keys, in stored order: columns and fields."""
    found = []
    for column, kind in info.columns.items():
        shape = parse_type(kind)
        if shape.is_text:
            found.append(field(info, Path(column), shape))
        elif shape.fields and not is_metadata(column):
            found += [
                field(info, Path(column, (name,)), inner)
                for name, inner in shape.fields.items()
                if inner.is_text
            ]
    return found


def field(info: DatasetInfo, path: Path | Function, shape: Type | None = None) -> Field:
    """Return a field with its sample texts."""
    read = Evaluator(path, info)
    return Field(path, shape or Type("string"), tuple(read.text(row) for row in info.samples))


def sample_texts(info: DatasetInfo, found: Path | Function | Template) -> list[str]:
    """Return what an expression gives in the sample rows."""
    read = Evaluator(found, info)
    return [read.text(row) for row in info.samples]


def join(parts: Sequence[Path | Function]) -> str:
    """Return the expression that reads these parts: one by itself, several with their names."""
    if len(parts) == 1:
        return str(parts[0])
    pieces: list[str | Path | Function] = []
    for part in parts:
        path = part if isinstance(part, Path) else part.arguments[0]
        names = [path.column, *(s for s in path.steps if isinstance(s, str))]
        pieces += [f"{' ' if pieces else ''}{names[-1] if _telling(names) else names[0]}: ", part]
    return str(Template(tuple(pieces)))


def _telling(names: Sequence[str]) -> bool:
    """Whether a field's own name says more than its column's: `input`, not `text`."""
    return len(names) > 1 and names[-1].casefold() in ("input", "question", "context", "passage")
