"""What could be the output of a text task, with how much speaks for each.

Names, structure and the instruction count; where they leave two close, nothing is chosen.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.column_names import ANSWER_NAMES, TEXT_NAMES, is_metadata
from tools.hub.fields import (
    CONTEXT,
    GIVEN,
    INSTRUCTION,
    QUESTION,
    WRITTEN,
    Field,
    text_fields,
)
from tools.hub.instruction import alike, direction, finds, names_entities
from tools.hub.names import normalise
from tools.hub.paths import Expression, Function, Path, Template
from tools.hub.types import Type, parse_type
from tools.sources import DatasetInfo

_VALUES = frozenset(
    ["timex", "value", "normalized", "normalised", "norm", "resolved", "canonical", "resolution"]
)
_KINDS = ("entity_type", "type", "label", "slot", "kind", "category", "entity", "name", "tag")
_SPANS = ("value", "text", "span", "mention", "surface", "word", "entity")
_ENTITY_WORDS = frozenset(["ner", "ne", "entity", "entities", "tags", "tag", "labels"])
_ANSWERED = ("text", "output", "answer", "value", "response", "target", "content")
_ASKED = ("input", "question", "query", "source", "context")
_ASKED_FOR = ("question", "problem", "puzzle", "riddle")
_WANTED, _GIVEN, _ROLE = 2.5, 3.0, 2.0
"""What it weighs that the instruction wants a column, or gives it, or that its name says input."""


@dataclass(frozen=True)
class Output:
    """One way to read the output.

    Attributes:
        given: The input that belongs to it, where the two are fields of one column.
        kind: What it is, for messages.
    """

    found: Expression
    score: float
    kind: str
    given: tuple[Path, ...] = ()

    def __str__(self) -> str:
        return str(self.found)


def outputs(info: DatasetInfo, instruction: str) -> list[Output]:
    """Return every possible output, the one that most speaks for first."""
    fields = [f for f in text_fields(info) if not is_metadata(f.column)]
    flat = [f for f in fields if isinstance(f.path, Path) and not f.path.steps]
    found = [*_flat(info, flat, instruction), *_families(info, flat, instruction)]
    found += [*_expressions(info, flat, instruction), *_entities(info, instruction)]
    found += [*_spans(info, instruction), *_records(info, instruction)]
    found += [*_messages(info), *_lists(info)]
    return sorted(found, key=lambda output: -output.score)


def _flat(info: DatasetInfo, flat: Sequence[Field], instruction: str) -> Iterator[Output]:
    families = {f.column for family in _numbered(flat) for f in family}
    sides = _sides(info, flat)
    for f in flat:
        if f.column in families:
            continue
        score = _by_name(f) + _said(instruction, f, sides) + _of_two(instruction, f, sides)
        if f.column in info.label_names and f.column.casefold() not in ANSWER_NAMES:
            score -= 1.5
        yield Output(f.path, score, "text column")


def _sides(info: DatasetInfo, flat: Sequence[Field]) -> list[Field]:
    """Return the texts that are no classes; of one text in several columns, the first."""
    later = {f.column for family in _numbered(flat) for f in family[1:]}
    return [f for f in flat if f.column not in later and f.column not in info.label_names]


def _said(instruction: str, f: Field, sides: Sequence[Field]) -> float:
    """Return what the instruction adds to a column's score."""
    said = _direction(instruction, f, sides)
    if said == 1.0 and any(map(f.has_role, (QUESTION, CONTEXT))):
        return _ROLE + _WANTED
    return _WANTED * said if said > 0 else _GIVEN * said


def _of_two(instruction: str, f: Field, sides: Sequence[Field]) -> float:
    """Return what follows from there being one other text: one is given, the other wanted."""
    if len(sides) != 2 or f not in sides:
        return 0.0
    other = next(o for o in sides if o is not f)
    said, own = _direction(instruction, other, sides), _direction(instruction, f, sides)
    if said < 0:
        return _GIVEN
    if said == 1.0 and own < 1.0:
        return -_WANTED / 2
    # With nothing else to go by, what comes later was made from what comes before.
    return 0.5 if f is sides[-1] and own >= 0 else 0.0


def _direction(instruction: str, f: Field, sides: Sequence[Field]) -> float:
    """Return what the instruction takes a column for; people call questions problems, too."""
    called = _ASKED_FOR if normalise(f.column) in _ASKED_FOR else (f.column,)
    said = (direction(instruction, name, _shared(sides)) for name in called)
    return max(said, key=abs)


def _shared(flat: Sequence[Field]) -> frozenset[str]:
    """Return the words that the names of several texts have."""
    counts = Counter(word for f in flat for word in f.words)
    return frozenset(word for word, n in counts.items() if n > 1)


def _by_name(f: Field) -> float:
    name = f.column.casefold()
    if name in ANSWER_NAMES:
        return 1.5
    if name in TEXT_NAMES or any(map(f.has_role, (QUESTION, CONTEXT, INSTRUCTION))):
        return -_ROLE
    if f.words & WRITTEN:
        return 1.0
    return -1.0 if f.words & (GIVEN | QUESTION | CONTEXT) else 0.0


def _numbered(flat: Sequence[Field]) -> list[list[Field]]:
    """Columns that differ only in a number at the end: parts of one text."""
    families: dict[str, list[Field]] = {}
    for f in flat:
        match = re.fullmatch(r"(.*?)[ _-]?\d{1,2}", f.column)
        if match:
            families.setdefault(match.group(1), []).append(f)
    return [family for family in families.values() if len(family) > 1]


def _families(info: DatasetInfo, flat: Sequence[Field], instruction: str) -> Iterator[Output]:
    sides = _sides(info, flat)
    for family in _numbered(flat):
        first = family[0]
        parts: list[str | Path | Function] = []
        for f in family:
            parts += [" ", f.path] if parts else [f.path]
        score = _by_name(first) + _said(instruction, first, sides)
        score += _of_two(instruction, first, sides)
        yield Output(Template(tuple(parts)), score, "text in several columns")


def _expressions(info: DatasetInfo, flat: Sequence[Field], instruction: str) -> Iterator[Output]:
    """What stands in the text, with the column after it that says what it comes to."""
    for part in flat:
        later = [f for f in flat[flat.index(part) + 1 :] if f.column not in info.label_names]
        value = next((f for f in later if f.words & _VALUES), None)
        if value is None or not _stands_in(part, flat):
            continue
        found = Template((part.path, " = ", value.path))
        named = 1.0 if finds(instruction) else max(0.0, direction(instruction, part.column))
        wanted = max(0.0, direction(instruction, value.column))
        score = 0.5 + _WANTED / 2 * (named + wanted) + 0.5 * (named + wanted > 1)
        yield Output(found, score, "what is found, and its value")


def _stands_in(part: Field, flat: Sequence[Field]) -> bool:
    """Whether a text is a part of another, longer one, in nearly every sample row."""
    others = [f for f in flat if f is not part and f.column.casefold() in TEXT_NAMES]
    return any(_share_inside(part.texts, f.texts) >= 0.75 for f in others)


def _share_inside(parts: Sequence[str], wholes: Sequence[str]) -> float:
    pairs = [(p, w) for p, w in zip(parts, wholes, strict=True) if p]
    return sum(p.casefold() in w.casefold() for p, w in pairs) / len(pairs) if pairs else 0.0


def _entities(info: DatasetInfo, instruction: str) -> Iterator[Output]:
    """Tokens with a list of tags as long."""
    tokens = [c for c, kind in info.columns.items() if parse_type(kind).is_tokens]
    for column, kind in info.columns.items():
        names = info.label_names.get(column, ())
        item = parse_type(kind).item
        if item is None or item.kind != "class_label" or not _are_tags(names):
            continue
        for text in tokens:
            if _as_long(info, text, column):
                words = frozenset(normalise(column).split())
                score = 1.5 + 0.8 * bool(words & {"ner", "ne", "entity", "entities"})
                score += 0.5 * names_entities(instruction)
                pair = Function("entities", (Path(text), Path(column)))
                yield Output(pair, score, "entities in tokens", (Path(text),))
                break


def _are_tags(names: Sequence[str]) -> bool:
    return any(name in ("O", "o") for name in names)


def _as_long(info: DatasetInfo, text: str, tags: str) -> bool:
    rows = [(row[text], row[tags]) for row in info.samples if row.get(text) and row.get(tags)]
    return bool(rows) and all(len(a) == len(b) for a, b in rows)


def _spans(info: DatasetInfo, instruction: str) -> Iterator[Output]:
    """A list of records that each name a kind and what is of it."""
    for column, kind in info.columns.items():
        item = parse_type(kind).item
        inner = item.fields if item else {}
        kinds = next((n for n in _KINDS if n in inner), None)
        spans = next((n for n in _SPANS if n in inner and n != kinds), None)
        if kinds and spans and inner[spans].is_text:
            order = [Path(column, (n,)) for n in ("start", "begin", "offset") if n in inner][:1]
            pair = Function("pairs", (Path(column, (kinds,)), Path(column, (spans,)), *order))
            yield Output(pair, 1.0 + 1.5 * names_entities(instruction), "list of named values")


def _records(info: DatasetInfo, instruction: str) -> Iterator[Output]:
    """Answers in records: `answers.text[0]`, `instances[0].output`."""
    for column, kind in info.columns.items():
        shape = parse_type(kind)
        inner = shape.records
        asked = next((n for n in _ASKED if n in inner), None)
        name = next((n for n in _ANSWERED if n in inner and _written(inner[n])), None)
        answers = column.casefold() in ANSWER_NAMES
        if name is None or not (answers or asked):
            continue
        first: tuple[str | int, ...] = (0, name) if shape.item else (name,)
        last: tuple[int, ...] = (0,) if inner[name].item else ()
        given = (Path(column, (*first[:-1], asked)),) if asked else ()
        score = 2.0 + _GIVEN * min(0.0, direction(instruction, column))
        yield Output(Path(column, (*first, *last)), score, "first answer in a record", given)


def _lists(info: DatasetInfo) -> Iterator[Output]:
    """Several answers to one input: the first of them."""
    for column, kind in info.columns.items():
        last = normalise(column).split()[-1:]
        answers = column.casefold() in ANSWER_NAMES or any(
            alike(w, o) for w in last for o in WRITTEN
        )
        if answers and parse_type(kind).is_tokens:
            yield Output(Path(column, (0,)), 1.0, "first of several answers")


def _written(shape: Type) -> bool:
    return shape.is_text or shape.is_tokens


def _messages(info: DatasetInfo) -> Iterator[Output]:
    """A conversation: the first message, and the first reply to it."""
    for column, kind in info.columns.items():
        item = parse_type(kind).item
        inner = item.fields if item else {}
        who = next((n for n in ("role", "from", "speaker") if n in inner), None)
        what = next((n for n in ("content", "value", "text") if n in inner), None)
        if who and what:
            roles = [row[column][0].get(who) for row in info.samples if row.get(column)]
            first = 1 if roles and all(role == "system" for role in roles) else 0
            asked, reply = (Path(column, (n, what)) for n in (first, first + 1))
            score = 0.0 if column.casefold() == "rejected" else 2.0
            yield Output(reply, score, "reply in a conversation", (asked,))
