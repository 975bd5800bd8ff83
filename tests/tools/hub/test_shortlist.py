from dataclasses import replace

from tests.tools.hub.makers import GramEncoder
from tools.hub.shortlist import shortlist
from tools.sources import DatasetInfo

BARE = DatasetInfo(
    repo_id="", config="default", title="", description="", licence="unknown", languages=(),
    tags=(), columns={}, label_names={}, splits={}, samples=(), revision="",
)  # fmt: skip


def _card(repo: str, description: str = "", *tags: str, downloads: int | None = 0) -> DatasetInfo:
    title = repo.split("/")[1]
    return replace(
        BARE, repo_id=repo, title=title, description=description, tags=tags, downloads=downloads
    )


def _names(infos: list[DatasetInfo], *phrasings: str, limit: int = 9) -> list[str]:
    return [info.repo_id for info in shortlist(infos, phrasings, GramEncoder(), limit)]


def test_only_the_best_are_kept() -> None:
    infos = [
        _card("me/weather", "Forecasts by hour and place."),
        _card("me/sms_spam", "Text messages, marked as spam."),
        _card("me/films", "Reviews of films."),
    ]
    assert _names(infos, "Is this text message spam?", limit=1) == ["me/sms_spam"]


def test_a_set_without_a_card_is_found_by_its_name_and_tags() -> None:
    infos = [_card("me/a", "Rows."), _card("me/b", "", "task_ids:intent-classification")]
    assert _names(infos, "intent classification")[0] == "me/b"
    assert _names([_card("me/a"), _card("me/movie_reviews")], "movie reviews")[0] == (
        "me/movie_reviews"
    )


def test_tags_about_form_do_not_count() -> None:
    infos = [_card("me/x", "Rows.", "format:spam", "region:spam"), _card("me/y", "Spam rows.")]
    assert _names(infos, "spam")[0] == "me/y"


def test_a_popular_set_on_another_subject_does_not_win() -> None:
    infos = [
        _card("big/films", "Reviews of films.", downloads=9_000_000),
        _card("me/x", "Text messages, marked as spam.", downloads=3),
    ]
    assert _names(infos, "spam messages")[0] == "me/x"


def test_nothing_gives_nothing() -> None:
    assert _names([], "spam") == []
