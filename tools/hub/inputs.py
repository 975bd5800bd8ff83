"""Which columns make up the input."""

from collections.abc import Sequence

from tools.column_names import INPUT_NAMES, TEXT_NAMES, is_metadata
from tools.hub.columns import obvious_text, text_columns
from tools.hub.fields import (
    CHOICES,
    CONTEXT,
    INSTRUCTION,
    QUESTION,
    Field,
    field,
    join,
    sample_texts,
    text_fields,
)
from tools.hub.instruction import mentions
from tools.hub.names import normalise
from tools.hub.paths import Expression, Function, Path, columns_of
from tools.hub.types import parse_type
from tools.services import ToolError
from tools.sources import DatasetInfo

MOST_JOINED = 3
_REVISED = frozenset(
    ["rewritten", "revised", "clean", "cleaned", "normalized", "normalised", "corrected"]
)
_ABOUT = frozenset({"speaker", "author", "user", "username", "subreddit", "channel", "publisher"})
"""Columns that say whose a text is, or where it was, and are no part of it."""
_CONTEXT_FIELDS = ("sentences", "text", "paragraphs", "passage", "content")
_LONG = 12
"""Characters that answers have on average if no text holds them by chance."""


def choose_input(
    info: DatasetInfo, given: str | None, not_text: Sequence[str], instruction: str = "",
    answer: Expression | None = None,
) -> tuple[str, str]:  # fmt: skip
    """Return the expression of the input, and why.

    Args:
        info: The data set.
        given: The input as the planner names it; None leaves it open.
        not_text: Columns that hold the output or labels.
        instruction: The task in words.
        instruction: The task in words.
        answer: The output of a text task; None for labels.

    Raises:
        ToolError: No column holds text, or too many do.
    """
    if given is not None:
        return given, f"input: `{given}`, as asked"
    pool = _pool(info, not_text, answer)
    asked = _asked_about(info, pool, not_text)
    if asked:
        return _joined(asked, "what is asked about, and the question")
    # The name of a column may be in the task only because the column holds what it speaks of.
    said = [f for f in _fields(info) if f not in pool and f.column not in not_text
            and mentions(instruction, f.column)]  # fmt: skip
    obvious = obvious_text([f.column for f in pool])
    chosen = [f for f in pool if f.column == obvious] if obvious else _likeliest(pool)
    if not chosen or len(chosen) > MOST_JOINED:
        raise _unclear(info, [str(f.path) for f in chosen or pool])
    if len(chosen) == len(pool) == 1 and not said:
        return _joined(chosen, "the only text column")
    reason = "the task speaks of it" if said else "named as the text"
    if len(chosen) + len(said) > 1 and not said:
        reason = "no single column holds the whole input"
    return _joined([*chosen, *said], reason)


def _joined(chosen: Sequence[Field], reason: str) -> tuple[str, str]:
    text = join([f.path for f in chosen])
    shown = f"`{text}`" if len(chosen) == 1 else f'"{text}"'
    return text, f"input: {shown} ({reason})"


def _fields(info: DatasetInfo) -> list[Field]:
    return [f for f in text_fields(info) if isinstance(f.path, Path) and not f.path.steps]


def _pool(info: DatasetInfo, not_text: Sequence[str], answer: Expression | None) -> list[Field]:
    """The columns that hold text of their own and do not give the answer away."""
    readable = [c for c in text_columns(info, not_text) if c not in not_text]
    flat = [field(info, Path(column), parse_type(info.columns[column])) for column in readable]
    if not flat:
        # Single words are text too where there is nothing else.
        flat = [f for f in _fields(info) if f.column not in not_text and not is_metadata(f.column)]
    answers = sample_texts(info, answer) if answer else []
    own = [f for f in flat if not _made_of_others(f, flat, answers)]
    return _without_variants(info, own or flat, columns_of(answer) if answer else ())


def _made_of_others(f: Field, flat: Sequence[Field], answers: Sequence[str]) -> bool:
    """Whether a text is put together of others: two columns, or a column and the answer.

    A text that holds a long answer is left out where another does not, unless it is what the
    answer is to be found in.
    """
    others = [o for o in flat if o is not f]
    held = [o for o in others if _holds(f, o.texts)]
    if len(held) > 1 or (held and _holds(f, answers)):
        return True
    found_in = f.has_role(CONTEXT) or f.column.casefold() in TEXT_NAMES
    telling = sum(map(len, answers)) >= _LONG * max(1, len(answers))
    return not found_in and telling and bool(others) and _holds(f, answers)


def _holds(f: Field, texts: Sequence[str]) -> bool:
    pairs = [(a, b) for a, b in zip(f.texts, texts, strict=False) if b]
    inside = [b in a and len(a) > len(b) for a, b in pairs]
    return len(inside) > 1 and sum(inside) >= 0.75 * len(inside)


def _without_variants(
    info: DatasetInfo, flat: Sequence[Field], taken: Sequence[str]
) -> list[Field]:
    """Drop columns that are another in a different form; one made better comes first.

    Of what the output is a form of, or is the form of, nothing is left.
    """
    names = {c: normalise(c) for c in (*(f.column for f in flat), *taken)}
    flat = [
        f
        for f in flat
        if len(flat) == 1 or not any(_forms(names[f.column], names[c]) for c in taken)
    ]
    kept: list[Field] = []
    for f in flat:
        others = [n for c, n in names.items() if c != f.column]
        if any(_is_form(names[f.column], other) for other in others):
            continue
        better = [o for o in flat if names[o.column].endswith(f" {names[f.column]}")
                  and names[o.column].split()[0] in _REVISED]  # fmt: skip
        if len(better) == 1 and isinstance(better[0].path, Path) and isinstance(f.path, Path):
            kept.append(field(info, Function("first", (better[0].path, f.path))))
        else:
            kept.append(f)
    return kept


def _is_form(name: str, of: str) -> bool:
    return name.startswith(f"{of} ") or name.endswith(f" {of}")


def _forms(a: str, b: str) -> bool:
    return _is_form(a, b) or _is_form(b, a)


def _asked_about(info: DatasetInfo, pool: Sequence[Field], taken: Sequence[str]) -> list[Field]:
    """Context and question, instruction and input, question and choices; empty if it is neither."""
    context = [f for f in pool if f.has_role(CONTEXT)] or _nested_context(info, taken)
    question = [f for f in pool if f.has_role(QUESTION)]
    instruction = [f for f in pool if f.has_role(INSTRUCTION)]
    more = [f for f in pool if normalise(f.column) in ("input", "inputs") or f in context]
    if len(instruction) == 1 and 0 < len(more) <= 1:
        return [*instruction, *more]
    if len(question) != 1:
        return []
    choices = _choices(info, taken)
    if len(context) == 1 and context[0] not in question:
        return [*context, *question, *choices]
    return [*question, *choices] if choices else []


def _nested_context(info: DatasetInfo, taken: Sequence[str]) -> list[Field]:
    for column, kind in info.columns.items():
        inner = parse_type(kind).records
        said = [n for n in inner if set(normalise(n).split()) & CONTEXT]
        name = next((n for n in (*_CONTEXT_FIELDS, *said) if n in inner), None)
        if name and column not in taken and normalise(column) in CONTEXT:
            return [field(info, Path(column, (name,)), inner[name])]
    return []


def _choices(info: DatasetInfo, taken: Sequence[str]) -> list[Field]:
    for column, kind in info.columns.items():
        if column in taken or normalise(column) not in CHOICES:
            continue
        shape = parse_type(kind)
        if shape.is_tokens:
            return [field(info, Path(column), shape)]
        if {"label", "text"} <= set(shape.records):
            pair = Function("pairs", (Path(column, ("label",)), Path(column, ("text",))))
            return [field(info, pair)]
    return []


def _likeliest(pool: Sequence[Field]) -> list[Field]:
    """Return the columns that are texts by their names, where there are too many to join them."""
    own = [f for f in pool if f.column.casefold() not in _ABOUT] or list(pool)
    if len(own) <= MOST_JOINED:
        return own
    known = [f for f in own if f.column.casefold() in INPUT_NAMES and not is_metadata(f.column)]
    return known or own


def _unclear(info: DatasetInfo, texts: Sequence[str]) -> ToolError:
    media = [c for c, kind in info.columns.items() if parse_type(kind).is_media]
    if not texts and media:
        return ToolError(
            f"{info.repo_id} is about {', '.join(media)} ({info.columns[media[0]]}), which cannot"
            " be read as text; choose another data set"
        )
    if not texts:
        columns = ", ".join(f"{name} ({kind})" for name, kind in info.columns.items())
        return ToolError(f"no column of {info.repo_id} is clearly text to read ({columns})")
    listed = ", ".join(f'input="{text}"' for text in texts)
    return ToolError(
        f"the input of {info.repo_id} is not clear; choose {listed},"
        ' or join them as in input="a: {a} b: {b}"'
    )
