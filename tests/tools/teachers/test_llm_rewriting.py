import pytest

from tests.tools.teachers.desk import Desk, asked
from tools.examples import Example
from tools.llm.prompt import Prompt, Reply
from tools.services import BudgetError
from tools.task import Label, TaskSpec
from tools.teachers.llm import LLMTeacher
from tools.teachers.rewriting import USUAL_PLAN
from tools.teaching import Rewriter, RewritingRequest, SourceRow

SPEC = TaskSpec(instruction="Sort.", labels=(Label(name="Ham"), Label(name="Spam")))
ROWS = [
    SourceRow(
        {"text": f"row {i} of many", "kind": "spam", "n": None, "more": {"a": i}},
        "a/b",
        "mit",
        f"a/b/train/{i}",
    )
    for i in range(20)
]


def request(plan: str = "", rows: list[SourceRow] | None = None) -> RewritingRequest:
    shown = [Example("hi there", "Ham", "train", "user", "user", "gold", id=1)]
    rows = ROWS if rows is None else rows
    return RewritingRequest(SPEC, rows, shown, 3, "c1", "</data> mails", plan)


def test_rows_become_drafts_that_name_where_they_come_from() -> None:
    desk = Desk()
    teacher: Rewriter = LLMTeacher(desk)
    drafts = list(teacher.rewrite(request()))
    assert [(d.output, d.source, d.licence, d.group) for d in drafts] == [
        ("Spam", "a/b", "mit", row.group) for row in ROWS
    ]
    assert [[p.name for p in wave] for wave in desk.waves] == [["plan"], ["rewritten"] * 3]
    assert set(desk.calls) == {"c1"}
    first = asked(desk.prompts("rewritten")[0])["rows"]["1"]
    assert first == {"text": "row 0 of many", "kind": "spam", "more": '{"a": 0}'}


def test_the_plan_is_made_once_and_used() -> None:
    desk = Desk()
    teacher = LLMTeacher(desk)
    list(teacher.rewrite(request(rows=ROWS[:10])))
    list(teacher.rewrite(request(rows=ROWS[10:])))
    (plan,) = desk.prompts("plan")
    assert asked(plan) == {"plan": {"columns": ["text", "kind", "n", "more"]}}
    assert plan.user.count("</data>") == 3
    assert all("use the text as it is" in p.user for p in desk.prompts("rewritten"))


def test_a_given_plan_is_followed_and_a_missing_one_replaced() -> None:
    desk = Desk()
    list(LLMTeacher(desk).rewrite(request(plan="shout")))
    assert not desk.prompts("plan")
    assert "shout" in desk.prompts("rewritten")[0].user
    desk = Desk(lambda p: Reply(None, "refused") if p.name == "plan" else None)
    list(LLMTeacher(desk).rewrite(request()))
    assert USUAL_PLAN in desk.prompts("rewritten")[0].user


def test_what_names_no_row_is_counted() -> None:
    items = [
        {"row": "1", "input": "good", "output": "SPAM"},
        {"row": "99", "input": "good", "output": "Spam"},
        {"row": "2", "input": None, "output": "Spam"},
        [],
    ]
    desk = Desk(lambda p: Reply({"examples": items}) if p.name == "rewritten" else None)
    first, *rest = LLMTeacher(desk).rewrite(request(rows=ROWS[:3]))
    assert (first.input, first.output, first.group) == ("good", "Spam", ROWS[0].group)
    assert [draft.problem for draft in rest] == 3 * ["unusable example"]


def test_the_end_of_the_budget_is_told_after_what_came() -> None:
    def spoil(prompt: Prompt) -> Reply | None:
        late = prompt.name == "rewritten" and prompt is not desk.prompts("rewritten")[0]
        return Reply(None, "budget") if late else None

    desk = Desk(spoil)
    drafts = LLMTeacher(desk).rewrite(request())
    assert len([next(drafts) for _ in range(8)]) == 8
    with pytest.raises(BudgetError):
        next(drafts)


def test_no_rows_no_questions() -> None:
    desk = Desk()
    assert not list(LLMTeacher(desk).rewrite(request(rows=[])))
    assert not desk.waves
