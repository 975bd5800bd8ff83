import pytest

from tools.reading.language import input_language, named_language
from tools.task import Demonstration


@pytest.mark.parametrize(
    ("prose", "tag"),
    [
        ("Classify German sentences.", "de"),
        ("deutsche Sätze sortieren", "de"),
        ("Kommentare auf Französisch sortieren", "fr"),
        ("日本語の文を分類する", "ja"),
        ("次の英語の文を日本語に翻訳する", "en"),
        ("Translate German into Python", "de"),
        ("Translate to plain English from Polish", "pl"),
        ("Polish the text", None),
        ("Answer questions in Spanish", None),
        ("Übersetze ins Englische", None),
        ("Classify reviews written in Italian", "it"),
        ("Sort the mails", None),
    ],
)
def test_named_language(prose: str, tag: str | None) -> None:
    assert named_language(prose) == tag


def test_a_language_that_is_a_label_is_not_that_of_the_inputs() -> None:
    assert named_language("German or French?", ["German", "French"]) is None


def test_demonstrations_outweigh_the_prose() -> None:
    shown = [Demonstration(input="Wo bleibt denn bloß mein Paket?", output="where")]
    assert input_language("Sort the messages.", shown) == ("de", None)


def test_a_guess_is_said() -> None:
    tag, why = input_language("Sort the messages of our customers.", [])
    assert tag == "en"
    assert why == "No language is named, so I took the inputs to be in English, as the task is."
    assert input_language("12", [])[1] is not None
