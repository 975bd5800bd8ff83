import numpy as np
import pytest

from tests.tools.hub.makers import GramEncoder
from tools.hub.retrieval import Collection, Document, popularity

CARDS = {
    "spam": "Text messages, marked as spam or legitimate.",
    "bank": "Questions that customers of an online bank typed.",
    "film": "Sentences from film reviews and their verdict.",
}


def _collection(**counts: float) -> Collection:
    documents = [Document(key, (text,), text, counts.get(key)) for key, text in CARDS.items()]
    return Collection(documents, GramEncoder())


def _found(collection: Collection, *phrasings: str) -> list[str]:
    scores = collection.scores(phrasings)
    return [collection.documents[i].id for i in collection.order(scores)]


@pytest.mark.parametrize(
    ("phrasing", "wanted"),
    [
        ("Is this text message spam?", "spam"),
        ("a customer's question to the bank", "bank"),
        ("Did the review of the film praise it?", "film"),
    ],
)
def test_the_fitting_card_comes_first(phrasing: str, wanted: str) -> None:
    assert _found(_collection(), phrasing)[0] == wanted


def test_the_best_of_several_views_counts() -> None:
    two = [Document("a", ("weather", "spam messages"), ""), Document("b", ("spam wetter",), "")]
    cosines = Collection(two, GramEncoder()).cosines(["spam messages", "weather"])
    assert cosines.shape == (2, 2)
    assert cosines[:, 0] == pytest.approx([1.0, 1.0], abs=1e-4)
    assert (cosines[:, 1] < 0.9).all()


def test_words_are_found_in_any_number() -> None:
    scores = _collection().words(["review"])
    assert scores.tolist() == [0.0, 0.0, 1.0]


def test_words_that_no_card_has_do_not_count() -> None:
    assert _collection().words(["quantum", "the"]).tolist() == [0.0, 0.0, 0.0]


def test_documents_without_words_are_ranked_by_meaning() -> None:
    bare = [Document("a", ("x",), ""), Document("b", ("spam",), "")]
    assert _found(Collection(bare, GramEncoder()), "spam") == ["b", "a"]


def test_downloads_decide_between_equals() -> None:
    same = [Document(name, ("spam",), "spam", n) for name, n in [("few", 10), ("many", 90_000)]]
    collection = Collection(same, GramEncoder())
    assert _found(collection, "spam") == ["many", "few"]


def test_a_popular_set_on_another_subject_does_not_win() -> None:
    collection = _collection(spam=3, film=5_000_000, bank=40_000)
    assert _found(collection, "Is this text message spam?")[0] == "spam"


def test_what_nobody_counts_is_average() -> None:
    assert popularity([None, None]).tolist() == [0.0, 0.0]
    few, unknown, many = popularity([9, None, 999])
    assert (few, unknown, many) == (-1.0, 0.0, 1.0)


def test_equals_keep_their_order() -> None:
    order = _collection().order(np.array([0.5, 0.7, 0.5]))
    assert order.tolist() == [1, 0, 2]
