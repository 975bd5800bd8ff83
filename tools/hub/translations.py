"""Which of two languages is translated into which."""

import re
from collections.abc import Sequence

from tools.hub.fields import Field, sample_texts
from tools.hub.instruction import direction, languages_named, shortens, translates
from tools.hub.paths import Path, parse
from tools.hub.types import parse_type
from tools.language import base_language, identify
from tools.services import ToolError
from tools.sources import DatasetInfo
from tools.task import TaskSpec

_ENOUGH = 60
"""Characters from which the language of a text is identified with some certainty."""
_SURE = 0.95
Pair = tuple[Path, Path]


def translation(info: DatasetInfo, spec: TaskSpec) -> Pair | None:
    """Return source and target where columns or fields are named by their languages.

    Raises:
        ToolError: The task does not say which way to translate, or names other languages.
    """
    sides = _named_by_language(info)
    if len(sides) < 2:
        return None
    named, into = languages_named(spec.instruction)
    target = into if into in sides else None
    others = [tag for tag in sides if tag in named and tag != target]
    source = others[0] if len(others) == 1 else base_language(spec.language)
    if target is None and source in sides:
        left = [tag for tag in sides if tag != source and (not into or tag == into)]
        target = left[0] if len(left) == 1 else None
    if target and source not in sides and len(sides) == 2:
        source = next(tag for tag in sides if tag != target)
    foreign = into is not None and into not in sides
    if foreign or not target or source not in sides or source == target or source is None:
        raise _unclear(info, sides)
    return sides[source], sides[target]


def _named_by_language(info: DatasetInfo) -> dict[str, Path]:
    """Return language → field, for a record with a field per language, or columns named so."""
    for column, kind in info.columns.items():
        inner = parse_type(kind).fields
        sides = {base_language(n): Path(column, (n,)) for n, t in inner.items() if t.is_text}
        if len(sides) > 1 and len(sides) == len(inner) and None not in sides:
            return {tag: path for tag, path in sides.items() if tag}
    flat = [column for column, kind in info.columns.items() if parse_type(kind).is_text]
    found = {tag: Path(c) for c in flat if (tag := _language_of(c)) is not None}
    return found if len(found) > 1 else {}


def _language_of(column: str) -> str | None:
    """`de`, `text_de`, `sentence_deu_Latn`: the language that a column is named by."""
    name = re.sub(r"^(?:text|sentence|translation|source|target|src|tgt)[ _-]", "", column)
    if not re.fullmatch(r"[a-z]{2}|[a-z]{3}_[A-Z][a-z]{3}", name):
        return None
    tag = base_language(name)
    return None if name in ("id", "no", "to", "is") and name == column else tag


def _unclear(info: DatasetInfo, sides: dict[str, Path]) -> ToolError:
    tags = list(sides)[:3]
    listed = "; ".join(
        f'input="{sides[a]}", output="{sides[b]}"' for a in tags for b in tags if a != b
    )
    return ToolError(
        f"{info.repo_id} holds {', '.join(sides)}, and the task does not say which of them"
        f" becomes which; choose {listed}"
    )


def right_way_round(
    info: DatasetInfo, spec: TaskSpec, asked: Field, answer: Field
) -> tuple[Field, Field]:
    """Return input and output of a translation in the order that the task wants.

    Raises:
        ToolError: The texts are in a language that the task does not name.
    """
    if not translates(spec.instruction):
        return asked, answer
    _, into = languages_named(spec.instruction)
    from_, to = _config_pair(info) or (_language(asked.texts), _language(answer.texts))
    if into and from_ == into and to != into:
        return answer, asked
    if into and to is not None and to != into:
        raise ToolError(
            f"{info.repo_id} translates into {to}, and the task into {into}; choose another"
            " data set, or say with input= and output= which columns to take"
        )
    return asked, answer


def _config_pair(info: DatasetInfo) -> tuple[str, str] | None:
    """Return the languages of a config such as `en-de` or `translation_en-de`."""
    match = re.search(r"(?:^|[^a-z])([a-z]{2})[-_]([a-z]{2})$", info.config)
    pair = [base_language(tag) for tag in match.groups()] if match else []
    return (str(pair[0]), str(pair[1])) if pair and None not in pair else None


def check_name(info: DatasetInfo, instruction: str, asked: str, answer: str) -> None:
    """Refuse a task that goes the other way than `singular_to_plural` or `nl2bash` says.

    Raises:
        ToolError: The task wants what the name of the data set has first, from what it has second.
    """
    for name in (info.config, info.repo_id.split("/")[-1]):
        match = re.search(r"([a-z]+)(?:_to_|-to-|2)([a-z]+)", name.casefold())
        if match is None:
            continue
        first, second = (direction(instruction, word) for word in match.groups())
        if first > 0 and first > second:
            raise ToolError(
                f"{info.repo_id}@{info.config} leads from {match.group(1)} to {match.group(2)}, and"
                f' the task seems to go the other way; choose input="{asked}", output="{answer}"'
                f' or input="{answer}", output="{asked}"'
            )


def check_lengths(info: DatasetInfo, instruction: str, asked: str, answer: str) -> None:
    """Refuse a task that shortens texts if the output is mostly longer than the input.

    Raises:
        ToolError: So it is in the sample rows.
    """
    if not shortens(instruction):
        return
    sides = [sample_texts(info, parse(text, info.columns)) for text in (asked, answer)]
    pairs = [(a, b) for a, b in zip(*sides, strict=True) if a and b]
    if sum(len(b) > len(a) for a, b in pairs) * 2 > len(pairs):
        raise ToolError(
            f"the task takes something short out of a text, and `{answer}` of {info.repo_id} is"
            f' longer than `{asked}`; choose input="{asked}", output="{answer}" or'
            f' input="{answer}", output="{asked}"'
        )


def _language(texts: Sequence[str]) -> str | None:
    text = " ".join(texts)
    if len(text) < _ENOUGH:
        return None
    language, probability = identify(text)
    return language if probability >= _SURE else None
