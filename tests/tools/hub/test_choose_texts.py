"""Schemas in small; the benchmark `map_gold` measures the choice on real ones."""

from typing import Any

import pytest

from tests.tools.hub.makers import GramEncoder, Row, info_of
from tools.hub.choose_columns import choose_reading
from tools.hub.choose_texts import Reading
from tools.services import ToolError
from tools.task import TaskSpec

NAMES: dict[str, tuple[str, ...]] = {}


def read(task: str, columns: dict[str, str], samples: list[Row], **more: Any) -> Reading:
    spec = TaskSpec(instruction=task, output_type="text", language=more.pop("language", "en"))
    given = (more.pop("input", None), more.pop("output", None))
    info = info_of(columns, more.pop("names", NAMES), samples, **more)
    return choose_reading(info, spec, GramEncoder(), given)


def pair(task: str, columns: dict[str, str], samples: list[Row], **more: Any) -> tuple[str, str]:
    reading = read(task, columns, samples, **more)
    return reading.input, reading.output


S = "string"
BASH = {"nl": S, "bash": S}
BASH_ROWS: list[Row] = [{"nl": "list all files here", "bash": "ls -a"},
                        {"nl": "count lines of f", "bash": "wc -l f"}]  # fmt: skip
MASKED = {"full_text": S, "masked": S,
          "spans": "list<struct<entity_type: string, value: string, start: int32>>"}  # fmt: skip
MASKED_ROWS: list[Row] = [
    {"full_text": "I am Ann Lee", "masked": "I am {{PERSON}}",
     "spans": [{"entity_type": "PERSON", "value": "Ann Lee", "start": 5}]},
    {"full_text": "Go to Rome now", "masked": "Go to {{PLACE}} now",
     "spans": [{"entity_type": "PLACE", "value": "Rome", "start": 6}]},
]  # fmt: skip
TIMES = {"text": S, "reference_time": S, "expression": S, "timex": S}
TIMES_ROWS: list[Row] = [
    {"text": "I left two days ago", "reference_time": "2016-11-07", "expression": "two days ago",
     "timex": "2016-11-05"},
    {"text": "See you tomorrow", "reference_time": "2016-11-07", "expression": "tomorrow",
     "timex": "2016-11-08"},
]  # fmt: skip
READ = {"title": S, "context": S, "question": S,
        "answers": "struct<text: list<string>, answer_start: list<int32>>"}  # fmt: skip
READ_ROWS: list[Row] = [
    {"title": "Lake", "context": "The lake is 30 metres deep.", "question": "How deep is it?",
     "answers": {"text": ["30 metres"], "answer_start": [12]}},
    {"title": "Hill", "context": "The hill is far away.", "question": "Where is it?",
     "answers": {"text": ["far away"], "answer_start": [12]}},
]  # fmt: skip
DE_EN = {"translation": "struct<de: string, en: string>"}
DE_EN_ROWS: list[Row] = [{"translation": {"de": "Das Haus", "en": "the house"}}]


@pytest.mark.parametrize(
    ("task", "columns", "rows", "expected"),
    [
        ("Write the Bash command.", BASH, BASH_ROWS, ("nl", "bash")),
        ("Explain a Bash command.", BASH, BASH_ROWS, ("bash", "nl")),
        ("Mask personal data.", MASKED, MASKED_ROWS, ("full_text", "masked")),
        ("Name the people and places in a text.", MASKED, MASKED_ROWS,
         ("full_text", "pairs(spans.entity_type, spans.value, spans.start)")),
        ("Find the expression of time and give its timex.", TIMES, TIMES_ROWS,
         ("text", "{expression} = {timex}")),
        ("Find the expression and give its timex, given a reference time.", TIMES, TIMES_ROWS,
         ("text: {text} reference_time: {reference_time}", "{expression} = {timex}")),
        ("Answer questions about a passage.", READ, READ_ROWS,
         ("context: {context} question: {question}", "answers.text[0]")),
        ("Write a question about a passage.", READ, READ_ROWS, ("context", "question")),
        ("Translate English into German.", DE_EN, DE_EN_ROWS,
         ("translation.en", "translation.de")),
        ("Übersetze aus dem Deutschen ins Englische.", DE_EN, DE_EN_ROWS,
         ("translation.de", "translation.en")),
        ("Split a long sentence.", {"complex": S, "simple_1": S, "simple_2": S},
         [{"complex": "a b and c d", "simple_1": "a b", "simple_2": "c d"}],
         ("complex", "{simple_1} {simple_2}")),
        ("Follow an instruction.",
         {"instruction": S, "instances": "list<struct<input: string, output: string>>"},
         [{"instruction": "Give the plural", "instances": [{"input": "ox", "output": "oxen"}]}],
         ("instruction: {instruction} input: {instances[0].input}", "instances[0].output")),
        ("Reply like an assistant.", {"messages": "list<struct<role: string, content: string>>"},
         [{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"},
                        {"role": "assistant", "content": "a"}]}],
         ("messages[1].content", "messages[2].content")),
        ("Write Python for a request.", {"intent": S, "rewritten_intent": S, "snippet": S},
         [{"intent": "sort a list", "rewritten_intent": "sort the list x", "snippet": "x.sort()"}],
         ("first(rewritten_intent, intent)", "snippet")),
        ("Solve word problems.",
         {"Body": S, "Question": S, "Equation": S, "Answer": S, "both": S},
         [{"Body": "Ann has two.", "Question": "How many?", "Equation": "( 2 )", "Answer": "2",
           "both": "Ann has two. How many?"},
          {"Body": "Bob has six.", "Question": "What is left?", "Equation": "( 6 )", "Answer": "6",
           "both": "Bob has six. What is left?"}],
         ("Body: {Body} Question: {Question}", "Answer")),
    ],
)  # fmt: skip
def test_what_is_clear_is_chosen(
    task: str, columns: dict[str, str], rows: list[Row], expected: tuple[str, str]
) -> None:
    assert pair(task, columns, rows) == expected


@pytest.mark.parametrize(
    ("task", "forwards"),
    [
        ("Solve maths problems.", True),
        ("Respond to a question.", True),
        ("Find the answer to a maths question.", True),
        ("Give the solution of a word problem.", True),
        ("Read a question and answer it.", True),
        ("Invent a maths problem to fit a solution.", False),
        ("Write a question for an answer.", False),
        ("Turn an answer into a question.", False),
    ],
)
def test_questions_are_given_or_wanted(task: str, *, forwards: bool) -> None:
    rows: list[Row] = [{"question": "How many are left?", "answer": "Four minus two is two."}]
    expected = ("question", "answer") if forwards else ("answer", "question")
    assert pair(task, {"question": S, "answer": S}, rows) == expected


def test_tags_of_tokens_are_entities() -> None:
    columns = {"tokens": "list<string>", "pos": "list<class_label>", "ner": "list<class_label>"}
    names = {"pos": ("NN", "VB"), "ner": ("O", "B-per", "I-per")}
    rows: list[Row] = [{"tokens": ["Ann", "ran"], "pos": [0, 1], "ner": [1, 0]}]
    found = pair("Name the people in a text.", columns, rows, names=names)
    assert found == ("tokens", "entities(tokens, ner)")


@pytest.mark.parametrize(
    ("task", "columns", "rows", "more", "message"),
    [
        ("Write a reply.", {"text": S, "label": "class_label"}, [{"text": "hi you", "label": 0}],
         {"names": {"label": ("a", "b")}}, 'no column is clearly.*or, as text, output="label"'),
        ("Classify.", {"label": "class_label"}, [{"label": 0}], {"names": {"label": ("a", "b")}},
         'the task asks for text, and me/set has label.*output="label"'),
        ("Answer questions about a text.", {"question": S, "answer": S},
         [{"question": "who is it?", "answer": "Ann"}], {},
         'has the question alone.*input="question"'),
        ("Translate.", DE_EN, DE_EN_ROWS, {"language": "fr"},
         'does not say which.*input="translation.de", output="translation.en"; input='),
        ("Translate into French.", DE_EN, DE_EN_ROWS, {}, "holds de, en, and the task does not"),
        ("Rewrite.", {"text": S, "left": S, "right": S},
         [{"text": "a b", "left": "c d", "right": "e f"}], {}, 'output="left".*output="right"'),
        ("Give the singular of a noun in the plural.", {"input": S, "output": S},
         [{"input": "ox", "output": "oxen"}], {"config": "singular_to_plural"},
         'the other way; choose input="input", output="output" or input="output"'),
        ("Extract the facts from a sentence.", {"facts_given": S, "reference": S},
         [{"facts_given": "a[b], c[d]", "reference": "The a is b and the c is d."}], {},
         "is longer than `facts_given`"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_asked_about(
    task: str, columns: dict[str, str], rows: list[Row], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        read(task, columns, rows, **more)


def test_what_the_planner_names_is_taken() -> None:
    assert pair("Reply.", READ, READ_ROWS, input="title", output="question") == (
        "title", "question")  # fmt: skip
    found = pair("Reply.", READ, READ_ROWS, output="answers.text[0]")
    assert found == ("context: {context} question: {question}", "answers.text[0]")
