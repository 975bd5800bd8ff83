import pytest

from tools.hub.phrasings import FEWEST_KEYWORDS, MOST_KEYWORDS, keywords, phrasings
from tools.task import Label, OutputType, TaskSpec

Case = tuple[str, str, tuple[str, ...], set[str]]

CASES: tuple[Case, ...] = (
    ("Tell which of 77 intents a bank customer's question has.", "en", (), {"intent", "bank"}),
    ("Is this SMS spam?", "en", ("spam", "ham"), {"spam", "sms", "sms spam"}),
    ("My phone gets unwanted advertising by SMS.", "en", ("spam", "ok"), {"spam", "sms"}),
    ("Decide whether a film review is positive or negative.", "en", (),
     {"sentiment", "movie review"}),
    ("Recognise what people feel.", "en", ("anger", "joy", "sadness"), {"emotion"}),
    ("Tell if a German tweet is offensive.", "de", (), {"hate", "german", "tweet"}),
    ("Finde Hassrede in Tweets.", "de", (), {"hate", "german", "hate speech"}),
    ("Ordne deutsche Sätze einem Thema zu.", "de", (), {"topic", "german"}),
    ("日本語の文の話題を分類する。", "ja", (), {"topic", "japanese"}),
    ("Classify recipes by cuisine.", "en", (), {"recipe", "cuisine"}),
    ("Detect sarcasm in newspaper headlines.", "en", (), {"sarcasm", "newspaper headline"}),
    ("Tell fake news from real news.", "en", (), {"fake-news", "news"}),
    ("Route IT support tickets to hardware, software or accounts.", "en", (),
     {"support", "ticket"}),
    ("Assign legal contracts to a clause type.", "en", (), {"legal contract", "clause"}),
)  # fmt: skip


def _spec(
    instruction: str, language: str = "en", labels: tuple[str, ...] = (), kind: OutputType = "label"
) -> TaskSpec:
    return TaskSpec(
        instruction=instruction,
        language=language,
        labels=tuple(Label(name=name) for name in labels),
        output_type=kind,
    )


@pytest.mark.parametrize(("instruction", "language", "labels", "wanted"), CASES)
def test_keywords_name_the_task_and_its_subject(
    instruction: str, language: str, labels: tuple[str, ...], wanted: set[str]
) -> None:
    found = keywords(instruction, _spec(instruction, language, labels))
    assert wanted <= set(found)
    assert FEWEST_KEYWORDS <= len(found) <= MOST_KEYWORDS
    assert len(set(found)) == len(found)
    assert all(found)
    assert not {"classify", "the", "of", "a", "tell", "whether"} & set(found)


@pytest.mark.parametrize(
    ("instruction", "wanted"),
    [
        ("Answer questions about a paragraph.", "qa"),
        ("Summarise news articles in a sentence.", "summarization"),
        ("Translate English into SQL.", "sql"),
        ("Solve arithmetic word problems.", "math"),
    ],
)
def test_keywords_for_text(instruction: str, wanted: str) -> None:
    assert wanted in keywords(instruction, _spec(instruction, kind="text"))


def test_what_the_task_is_called_comes_first() -> None:
    found = keywords("sms", _spec("Sort messages into spam and ham."))
    assert found[0] == "spam"


def test_phrasings_begin_with_the_query_and_hold_each_text_once() -> None:
    assert phrasings("spam", _spec("Sort messages.")) == ["spam", "Sort messages."]
    assert phrasings("Find spam.", _spec("Find spam.")) == ["Find spam.", "spam"]


def test_phrasings_add_known_words_in_english() -> None:
    assert phrasings("Thema", _spec("Sätze sortieren")) == [
        "Thema", "Sätze sortieren", "topic classification sentence"
    ]  # fmt: skip


def test_a_long_instruction_is_cut() -> None:
    assert len(phrasings("", _spec("many words " * 100))[0]) <= 300
