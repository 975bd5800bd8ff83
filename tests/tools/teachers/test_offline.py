from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.examples import Example
from tools.task import Label, TaskSpec
from tools.teachers.offline import OfflineTeacher
from tools.teachers.recombine import clauses
from tools.teaching import Draft, Focus, RelatedText, Teacher, TeachingRequest
from tools.text import folded

TEXTS = {
    "late": [
        "Where is my parcel, it should be here by now.",
        "My parcel is late! Please tell me where it is.",
        "I have waited two days, and nobody came to the door.",
        "Still no delivery today, so where is my order?",
        "Could somebody find out where my order, number twelve, went?",
    ],
    "praise": [
        "Great work, thank you so much!",
        "The driver was kind, and the box came early.",
        "Thanks for the quick help, great service.",
    ],
}
EXAMPLES = [
    Example(text, label, "train", "user", "mit", "gold", id=number)
    for number, (text, label) in enumerate(
        ((t, label) for label, texts in TEXTS.items() for t in texts), start=1
    )
]


def request(
    quotas: dict[str, int], seed: int = 0, related: tuple[RelatedText, ...] = ()
) -> TeachingRequest:
    spec = TaskSpec(
        instruction="sort",
        labels=(Label(name="late", meaning="asks where a parcel is"), Label(name="praise")),
    )
    focus: Focus = "cover"
    return TeachingRequest(spec, focus, quotas, EXAMPLES, seed, 30, related=related)


def drawn(asked: TeachingRequest, n: int = 30) -> list[Draft]:
    return list(islice(OfflineTeacher().write(asked), n))


def test_it_is_a_teacher_that_costs_nothing() -> None:
    teacher = OfflineTeacher()
    assert isinstance(teacher, Teacher)
    assert (teacher.usage().usd, teacher.usage().calls) == (0.0, 0)


def test_the_seed_decides_everything() -> None:
    quotas = {"late": 5, "praise": 5}
    assert drawn(request(quotas)) == drawn(request(dict(reversed(quotas.items()))))
    assert drawn(request(quotas)) != drawn(request(quotas, seed=1))


def test_drafts_differ_from_all_examples_and_keep_the_label() -> None:
    known = {folded(example.input) for example in EXAMPLES}
    drafts = [d for d in drawn(request({"late": 5, "praise": 5}), 40) if d.parents]
    assert drafts
    labels = {example.id: example.output for example in EXAMPLES}
    for draft in drafts:
        assert folded(draft.input) not in known
        assert {labels[parent] for parent in draft.parents} == {draft.output}


@given(st.integers(0, 9), st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_the_first_drafts_respect_the_quotas(late: int, praise: int) -> None:
    quotas = {"late": late, "praise": praise}
    outputs = [draft.output for draft in drawn(request(quotas), late + praise)]
    assert outputs.count("late") <= late
    assert outputs.count("praise") <= praise


def test_it_ends_when_it_has_no_more_ideas() -> None:
    drafts = list(OfflineTeacher().write(request({"praise": 10})))
    assert len({folded(draft.input) for draft in drafts}) == len(drafts) > 3


def test_the_meaning_of_a_label_comes_first_or_else_its_name() -> None:
    first = [drawn(request({label: 1}), 1)[0] for label in ("late", "praise")]
    assert [draft.input for draft in first] == ["asks where a parcel is", "praise"]
    assert all(draft.licence == "user" for draft in first)


def test_only_related_sentences_that_the_student_is_sure_of_are_adopted() -> None:
    related = (
        RelatedText("the van never came", "a/b", "cc0-1.0", "late", 0.95),
        RelatedText("lovely weather", "a/b", "cc0-1.0", "praise", 0.6),
    )
    drafts = drawn(request({"late": 3, "praise": 3}, related=related))
    assert [d for d in drafts if d.source == "a/b"] == [
        Draft("the van never came", "late", source="a/b", licence="cc0-1.0")
    ]


def test_text_tasks_get_nothing() -> None:
    spec = TaskSpec(instruction="shorten", output_type="text")
    assert list(OfflineTeacher().write(TeachingRequest(spec, "cover", {}, EXAMPLES, 0, 5))) == []


def test_japanese_clauses_are_joined_without_spaces() -> None:
    texts = [
        "荷物が届きません、どこですか。",
        "配達が遅い、早くしてください。",
        "まだ来ない、困ります。",
    ]
    examples = [
        Example(t, "late", "train", "user", "mit", "gold", id=i + 1) for i, t in enumerate(texts)
    ]
    asked = TeachingRequest(TaskSpec(instruction="x"), "cover", {"late": 3}, examples, 0, 3)
    drafts = drawn(asked, 10)
    assert drafts
    assert all(" " not in draft.input for draft in drafts)


def test_clauses_end_at_punctuation_and_before_conjunctions() -> None:
    assert clauses("I paid 3.50, but nothing came! Help") == [
        "I paid 3.50,",
        "but nothing came!",
        "Help",
    ]
