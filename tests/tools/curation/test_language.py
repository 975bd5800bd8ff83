import pytest

from tools.curation.language import is_foreign

GERMAN = "Wann kommt mein Paket endlich an? Ich warte schon seit Tagen darauf."
ENGLISH = "When will my parcel finally arrive? I have been waiting for days now."


@pytest.mark.parametrize(
    ("text", "language", "foreign"),
    [
        (GERMAN, "en", True),
        (GERMAN, "de", False),
        (GERMAN, "de-AT", False),
        (ENGLISH, "en-GB", False),
        (ENGLISH, "ja", True),
        ("Guten Tag", "en", False),
        (GERMAN, "x-unknown", False),
    ],
)
def test_only_long_texts_in_another_known_language_are_foreign(
    text: str, language: str, foreign: bool
) -> None:
    assert is_foreign(text, [language]) is foreign
