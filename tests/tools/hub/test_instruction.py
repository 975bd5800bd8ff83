import pytest

from tools.hub.instruction import direction, languages_named, mentions


@pytest.mark.parametrize(
    ("task", "column", "taken_for"),
    [
        ("Write the SQL query for a question.", "sql", 1.0),
        ("Write the SQL query for a question.", "question", -1.0),
        ("Mask names in a text.", "masked", 1.0),
        ("Read a question and answer it.", "answer", 1.0),
        ("Turn commands into a sequence of actions.", "actions", 1.0),
        ("Describe a sequence of actions.", "actions", -1.0),
        ("Reply to a message.", "message", -1.0),
        ("Translate text to code.", "code", 1.0),
        ("The summary should be short.", "summary", 0.5),
        ("Sort messages.", "label", 0.0),
    ],
)
def test_what_a_column_is_taken_for(task: str, column: str, taken_for: float) -> None:
    assert direction(task, column) == taken_for


def test_words_that_columns_share_tell_nothing() -> None:
    assert direction("Simplify a sentence.", "complex_sentence") == 0.0
    assert direction("Simplify a sentence.", "complex_sentence", {"sentence"}) == 0.0
    assert direction("Write a complex text.", "complex_sentence", {"sentence"}) == 1.0


def test_only_names_of_several_words_are_mentions() -> None:
    assert mentions("relative to a reference time", "reference_time")
    assert not mentions("give the date", "date")


@pytest.mark.parametrize(
    ("task", "languages", "into"),
    [
        ("Translate English into German.", {"en", "de"}, "de"),
        ("Übersetze aus dem Englischen ins Deutsche.", {"en", "de"}, "de"),
        ("Translate German words.", {"de"}, None),
        ("英語をドイツ語に翻訳する。", {"en", "de"}, "de"),
        ("Sort messages.", set(), None),
    ],
)
def test_languages_in_a_task(task: str, languages: set[str], into: str | None) -> None:
    assert languages_named(task) == (frozenset(languages), into)
