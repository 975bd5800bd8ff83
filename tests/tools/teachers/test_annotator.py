import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.tools.teachers.desk import Desk, asked
from tools.examples import Example
from tools.llm.prompt import Json, Prompt, Reply
from tools.task import Label, TaskSpec
from tools.teachers.annotator import LLMAnnotator, groups
from tools.teaching import Annotator

SPEC = TaskSpec(
    instruction="Sort.",
    labels=(Label(name="Ham", meaning="wanted mail"), Label(name="Spam", borderline="ads: Spam")),
)


def shown(n: int) -> list[Example]:
    return [Example(f"text {i}", "Ham", "train", "s", "mit", "gold", id=i) for i in range(n)]


def outputs(*pairs: tuple[object, object]) -> Json:
    return {"outputs": [{"id": id_, "output": output} for id_, output in pairs]}


def test_every_text_gets_the_answer_that_is_its_own() -> None:
    desk = Desk()
    annotator: Annotator = LLMAnnotator(desk)
    texts = [f"{'spam' if i % 3 else 'HAM'} number {i}" for i in range(45)]
    answers = annotator.answer(SPEC, shown(9), texts, call="c1")
    assert answers == ["Spam" if i % 3 else "Ham" for i in range(45)]
    assert [len(asked(p)["inputs"]) for p in desk.prompts("outputs")] == [20, 20, 5]
    prompt = desk.prompts("outputs")[0]
    assert prompt.user.count('"output": "Ham"') == 3
    assert "- Ham: wanted mail" in prompt.user
    assert "- Spam (borderline: ads: Spam)" in prompt.user
    assert prompt.temperature == 0


def test_another_seed_asks_in_another_order() -> None:
    desk = Desk()
    texts = [f"ham {i}" for i in range(20)]
    for seed in (1, 1, 2):
        LLMAnnotator(desk).answer(SPEC, (), texts, call="c", seed=seed)
    first, again, other = desk.prompts("outputs")
    assert first == again
    assert first.seed != other.seed
    assert asked(first) != asked(other)
    assert set(asked(first)["inputs"].values()) == set(asked(other)["inputs"].values())


def test_answers_that_cannot_be_used_are_none() -> None:
    reply = outputs(("1", "spam"), ("2", "loan"), ("3", 7), (4, "Ham"), ("9", "Ham"), ("1", "Ham"))
    desk = Desk(lambda _: Reply({"outputs": [*reply["outputs"], "x", {"id": "5"}]}))
    answers = LLMAnnotator(desk).answer(SPEC, (), [f"t{i}" for i in range(5)], call="c")
    assert sorted(map(str, answers)) == ["Ham", "None", "None", "None", "Spam"]


def test_past_the_budget_there_are_no_answers() -> None:
    def spoil(prompt: Prompt) -> Reply | None:
        return Reply(None, "budget") if prompt is not desk.waves[0][0] else None

    desk = Desk(spoil)
    answers = LLMAnnotator(desk).answer(SPEC, (), [f"ham {i}" for i in range(50)], call="c")
    assert (answers.count("Ham"), answers.count(None)) == (20, 30)


def test_what_was_too_long_or_cut_off_is_asked_again_in_smaller_portions() -> None:
    def spoil(prompt: Prompt) -> Reply | None:
        inputs = asked(prompt)["inputs"]
        if prompt is desk.waves[0][0]:
            return Reply(outputs(("1", "Ham")), truncated=True)
        return Reply(None, "too long") if len(inputs) > 4 else None

    desk = Desk(spoil)
    answers = LLMAnnotator(desk).answer(SPEC, shown(30), [f"ham {i}" for i in range(40)], call="c")
    assert answers == ["Ham"] * 40
    assert len(desk.waves[1]) == 10


def test_labels_of_the_examples_serve_where_the_task_names_none() -> None:
    desk = Desk(lambda p: Reply(outputs(("1", "ham" if "- Ham" in p.user else "none"))))
    spec = TaskSpec(instruction="sort")
    assert LLMAnnotator(desk).answer(spec, shown(2), ["a"], call="c") == ["Ham"]


def test_text_tasks_are_answered_freely() -> None:
    desk = Desk()
    spec = TaskSpec(instruction="first word", output_type="text")
    texts = ["Where to", "no way"]
    assert LLMAnnotator(desk).answer(spec, shown(3), texts, call="c") == ["Where", "no"]
    schema = desk.prompts("outputs")[0].schema["properties"]["outputs"]["items"]
    assert schema["properties"]["output"] == {"type": "string"}
    assert not re.search("# Labels", desk.prompts("outputs")[0].user)


def test_json_is_answered_in_the_spelling_of_the_task() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "n": {"type": "integer"}}}
    spec = TaskSpec(instruction="read", output_type="text", output_schema=schema)
    given = [("1", "{'n': 1, 'a': 'x'}"), ("2", {"n": 2}), ("3", "no JSON")]
    desk = Desk(lambda _: Reply(outputs(*given)))
    answers = LLMAnnotator(desk).answer(spec, (), ["a", "b", "c"], call="c")
    assert sorted(map(str, answers)) == ["no JSON", '{"a": "x", "n": 1}', '{"n": 2}']
    assert "# JSON Schema of the output" in desk.prompts("outputs")[0].user


def test_unclear_is_an_answer_where_it_may_be_one_and_is_no_label() -> None:
    desk = Desk(lambda _: Reply(outputs(("1", "Unclear"))))
    annotator = LLMAnnotator(desk)
    assert annotator.answer(SPEC, (), ["a"], call="c", unclear=True) == ["unclear"]
    assert annotator.answer(SPEC, (), ["a"], call="c") == [None]
    named = TaskSpec(instruction="Sort.", labels=(Label(name="Unclear"), Label(name="clear")))
    assert annotator.answer(named, (), ["a"], call="c", unclear=True) == ["Unclear"]
    text = TaskSpec(instruction="first word", output_type="text")
    assert annotator.answer(text, (), ["a"], call="c", unclear=True) == ["Unclear"]
    offered = ['or "unclear"' in prompt.user for prompt in desk.prompts("outputs")]
    assert offered == [True, False, False, False]
    fields = desk.prompts("outputs")[0].schema["properties"]["outputs"]["items"]["properties"]
    assert sorted(fields["output"]["enum"]) == ["Ham", "Spam", "unclear"]


@given(st.lists(st.integers(0, 20_000), max_size=60), st.integers(1, 20))
def test_groups_hold_every_place_once_and_are_not_too_large(
    sizes: Sequence[int], most: int
) -> None:
    texts = ["x" * size for size in sizes]
    made = groups(texts, range(len(texts)), most)
    assert [place for group in made for place in group] == list(range(len(texts)))
    for group in made:
        assert 0 < len(group) <= most
        assert len(group) == 1 or sum(sizes[place] for place in group) <= 16_000
