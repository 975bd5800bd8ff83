from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.tools.hub.makers import info_of
from tools.hub.paths import (
    BadPathError,
    Function,
    Path,
    Template,
    columns_of,
    expression,
    parse,
    paths,
    type_at,
)
from tools.hub.types import parse_type
from tools.hub.values import Evaluator
from tools.services import ToolError

COLUMNS = {
    "id": "string",
    "context": "string",
    "odd.name": "string",
    "answers": "struct<text: list<string>, answer_start: list<int32>>",
    "instances": "list<struct<input: string, output: string>>",
    "tokens": "list<string>",
    "ner_tags": "list<class_label>",
    "spans": "list<struct<kind: class_label, value: string, start: int32>>",
    "translation": "struct<de: string, en: string>",
    "unknown": "struct",
}
ROW = {
    "id": "7",
    "context": " Paris is {old}. ",
    "odd.name": "odd",
    "answers": {"text": ["Paris", "old Paris"], "answer_start": [0, 3]},
    "instances": [{"input": "a", "output": "b"}, {"input": "", "output": "c"}],
    "tokens": ["Alan", "Turing", "left", "Paris", "."],
    "ner_tags": [1, 2, 0, 3, 0],
    "spans": [{"kind": 1, "value": "Paris", "start": 9}, {"kind": 0, "value": "Alan", "start": 0}],
    "translation": {"de": "Haus", "en": "house"},
    "unknown": {"a": {"b": "deep"}},
}
INFO = info_of(
    COLUMNS,
    {"ner_tags": ("O", "B-person", "I-person", "B-place"), "spans.kind": ("person", "place")},
    [ROW],
)

_names = st.text(
    st.characters(exclude_characters="`{}", exclude_categories=["Cs"]), min_size=1, max_size=8
).filter(lambda name: bool(name.strip()))
_paths = st.builds(
    Path,
    _names,
    st.lists(st.one_of(_names, st.integers(-9, 99)), max_size=3).map(tuple),
)
_functions = st.builds(
    Function,
    st.sampled_from(["first", "entities", "pairs"]),
    st.lists(_paths, min_size=2, max_size=2).map(tuple),
)


@given(st.one_of(_paths, _functions))
def test_what_is_written_is_read_back(found: Path | Function) -> None:
    # The types of the columns are not told, so that every step is possible.
    columns = {path.column: "unknown" for path in paths(found)}
    assume(str(found) not in columns)
    assert parse(str(found), columns) == found
    assert parse(f"a {{{found}}}", columns) == Template(("a ", found))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_plain_text_around_a_slot_is_kept(text: str) -> None:
    template = Template((text, Path("id"))) if text else Template((Path("id"),))
    assert parse(str(template), COLUMNS) == template
    assert Evaluator(template, INFO).text(ROW) == f"{text}7".strip()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("context", "Paris is {old}."),
        ("odd.name", "odd"),
        ("`odd.name`", "odd"),
        ("answers.text[0]", "Paris"),
        ("answers.text[-1]", "old Paris"),
        ("answers.text[5]", ""),
        ("instances[1].output", "c"),
        ("instances[9].output", ""),
        ("translation.de", "Haus"),
        ("unknown.a.b", "deep"),
        ("tokens", "Alan Turing left Paris."),
        ("entities(tokens, ner_tags)", "person: Alan Turing; place: Paris"),
        ("pairs(spans.kind, spans.value)", "place: Paris; person: Alan"),
        ("pairs(spans.kind, spans.value, spans.start)", "person: Alan; place: Paris"),
        ("first(instances[1].input, id)", "7"),
        ("q: {id} {{a}} {answers.text[0]}", "q: 7 {a} Paris"),
        ("{id}={first(id, context)}", "7=7"),
    ],
)
def test_values(text: str, value: str) -> None:
    assert Evaluator(parse(text, COLUMNS), INFO).text(ROW) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "no column 'nothing'"),
        ("answers.words", "no field 'words' in 'answers' .fields are text, answer_start"),
        ("context.text", "no field 'text' in 'context' .it is string"),
        ("context[0]", "takes a place of what is no list"),
        ("a {id", "not closed"),
        ("a } {id}", "closed that was not opened"),
        ("only {{text}}", "names no column"),
        ("upper(id)", "no function 'upper'; there are entities, pairs, first"),
        ("entities(tokens)", "takes 2 to 2 columns, not 1"),
        ("answers..text", "no path"),
        ("answers[x]", "no path"),
        ("", "no path"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, message: str) -> None:
    with pytest.raises(BadPathError, match=message):
        parse(text, COLUMNS)


def test_errors_for_planners_name_the_columns() -> None:
    with pytest.raises(ToolError, match=r"output='sql'.*no column 'sql'; me/it has id \(string\)"):
        expression("sql", {"id": "string"}, "output=", "me/it")


def test_records_are_no_text() -> None:
    with pytest.raises(ToolError, match=r"answers of me/set is no text but a record of text"):
        Evaluator(Path("answers"), INFO).text(ROW)
    with pytest.raises(ToolError, match=r"context of me/set is no list"):
        Evaluator(parse("entities(context, ner_tags)", COLUMNS), INFO).text(ROW)


@pytest.mark.parametrize("missing", [{}, {"answers": None}, {"answers": {"text": []}}])
def test_what_is_missing_is_empty(missing: dict[str, Any]) -> None:
    assert Evaluator(parse("answers.text[0]", COLUMNS), INFO).text(missing) == ""


def test_columns_and_types() -> None:
    found = parse("{context}: {first(id, context)}", COLUMNS)
    assert columns_of(found) == ("context", "id")
    assert type_at(Path("spans", ("value",)), COLUMNS).is_tokens
    assert parse_type("list<struct<a: list<int32>, b: string>>").records["a"].item is not None
