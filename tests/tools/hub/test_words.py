import pytest

from tools.hub.words import content_words, gist, singular


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("reviews", "review"), ("queries", "query"), ("classes", "class"), ("movies", "movie"),
        ("tomatoes", "tomato"), ("boxes", "box"), ("topics", "topic"), ("sms", "sms"),
        ("phrases", "phrase"),
        ("news", "news"), ("analysis", "analysis"), ("politics", "politics"), ("virus", "virus"),
    ],
)  # fmt: skip
def test_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


def test_content_words_split_names_and_leave_possessives_out() -> None:
    assert content_words("The bank's customers of rotten_tomatoes") == [
        "bank", "customer", "rotten", "tomato"
    ]  # fmt: skip


def test_the_gist_has_no_filler_words() -> None:
    assert gist("We propose a novel method for image denoising.") == "image denoising"
    assert gist("Classify it.") == "Classify it."
