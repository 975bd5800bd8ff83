import pytest

from tools.language import base_language, identifiable, identify


@pytest.mark.parametrize(
    ("tag", "base"),
    [
        ("de-AT", "de"),
        ("deu_Latn", "de"),
        ("ger", "de"),
        ("cmn", "zh"),
        ("tl", "fil"),
        ("xx!", None),
    ],
)
def test_tags_are_cut_to_their_language(tag: str, base: str | None) -> None:
    assert base_language(tag) == base


def test_a_text_is_identified_among_all_or_some() -> None:
    text = "Wann kommt mein Paket endlich an? Ich warte schon seit Tagen darauf."
    code, probability = identify(text)
    assert code == "de"
    assert 0.99 < probability <= 1.0
    assert identify(text, ("en", "ja"))[0] == "en"


def test_what_can_be_identified_is_named_by_base_languages() -> None:
    assert {"de", "ja", "fil"} <= identifiable()
    assert "tl" not in identifiable()
