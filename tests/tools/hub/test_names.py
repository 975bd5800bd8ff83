import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.hub.makers import GramEncoder
from tools.hub.label_match import match_labels
from tools.hub.names import name_similarity, normalise
from tools.task import Label


def _labels(*names: str) -> list[Label]:
    return [Label(name=name) for name in names]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("AddToPlaylist", "add to playlist"), ("Refund_not_showing_up", "refund not showing up"),
        ("Where is my parcel", "where_is_my_parcel"), ("Customs & fees", "customs_and_fees"),
        ("reverted_card_payment?", "reverted card payment"), ("GET-WEATHER", "get_weather"),
    ],
)  # fmt: skip
def test_spelling_does_not_matter(left: str, right: str) -> None:
    assert name_similarity(left, right) == 1.0


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("pos", "positive"), ("oos", "out of scope"), ("Politik", "politics"),
        ("Wrong item / missing contents", "wrong_item_or_missing_contents"),
        ("健康", "health"), ("Wissenschaft/Technik", "science/technology"),
    ],
)  # fmt: skip
def test_names_that_mean_the_same(left: str, right: str) -> None:
    assert name_similarity(left, right) >= 0.8


@pytest.mark.parametrize(
    ("left", "right"),
    [("spam", "not spam"), ("offensive", "not offensive"), ("positive", "negative"), ("", "")],
)
def test_names_that_do_not(left: str, right: str) -> None:
    assert name_similarity(left, right) < 0.8


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_similarity_is_a_share_and_symmetric_enough_to_compare(left: str, right: str) -> None:
    assert 0.0 <= name_similarity(left, right) <= 1.0
    assert normalise(normalise(left)) == normalise(left)


@settings(deadline=None)  # the first call imports
@given(st.lists(st.from_regex(r"[a-z]{3,8}_[a-z]{3,8}", fullmatch=True), min_size=2, unique=True))
def test_a_list_of_names_matches_itself(names: list[str]) -> None:
    assert match_labels(names, _labels(*names)).pairs == {name: name for name in names}


def test_rough_names_match_one_to_one() -> None:
    match = match_labels(
        ["Refund", "Driver complaint", "Praise", "Change delivery"],
        _labels("refund_request", "complaint_about_driver", "praise_or_thanks", "change_delivery"),
        GramEncoder(),
    )
    assert match.covered == match.used == 1.0
    assert match.pairs["Driver complaint"] == "complaint_about_driver"


def test_the_last_pair_follows_by_elimination() -> None:
    match = match_labels(["ham", "spam"], _labels("junk mail", "spam"))
    assert match.pairs == {"ham": "junk mail", "spam": "spam"}
    assert match.how["ham"] == "elimination"


def test_two_labels_do_not_match_seventy() -> None:
    many = [f"card_{word}" for word in "abcdefghijklmnopqrstuvwxyz"]
    assert not match_labels(many, _labels("card", "transfer"), GramEncoder()).fits


def test_ambiguous_names_stay_unmatched() -> None:
    match = match_labels(["card payment fee", "card payment limit"], _labels("card payment", "x"))
    assert "card payment" not in match.pairs.values()
