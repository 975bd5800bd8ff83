from collections.abc import Sequence
from dataclasses import replace

from tests.tools.hub.makers import GramEncoder
from tools.hub.ranking import Hit, rank
from tools.sources import DatasetInfo
from tools.task import Label, TaskSpec

SPAM = DatasetInfo(
    repo_id="me/spam", config="default", title="Spam messages",
    description="Text messages, marked as spam or legitimate.", licence="mit", languages=("en",),
    tags=("spam-detection",), columns={"text": "string", "label": "class_label"},
    label_names={"label": ("ham", "spam")}, splits={"train": 500},
    samples=({"text": "win money now", "label": 1},), revision="1",
)  # fmt: skip
FILMS = replace(
    SPAM, repo_id="big/films", title="Film reviews", description="Reviews of films.",
    tags=("sentiment",), samples=({"text": "a fine film", "label": 1},), downloads=9_000_000,
)  # fmt: skip
TASK = TaskSpec(
    instruction="Is this text message spam?", labels=(Label(name="spam"), Label(name="ham"))
)


def _rank(infos: Sequence[DatasetInfo]) -> list[Hit]:
    return rank(infos, "spam messages", TASK, GramEncoder(), frozenset())


def test_a_popular_set_on_another_subject_does_not_win() -> None:
    hits = _rank([FILMS, replace(SPAM, downloads=2)])
    assert [hit.info.repo_id for hit in hits] == ["me/spam", "big/films"]
    assert hits[0].plausible


def test_of_equals_the_more_used_one_comes_first() -> None:
    infos = [replace(SPAM, repo_id=f"me/{n}", downloads=n) for n in (10, 40_000, 700)]
    assert [hit.info.downloads for hit in _rank(infos)] == [40_000, 700, 10]


def test_what_nobody_counts_stands_between_the_little_and_the_much_used() -> None:
    infos = [replace(SPAM, repo_id=f"me/{n}", downloads=n) for n in (5, None, 90_000)]
    assert [hit.info.downloads for hit in _rank(infos)] == [90_000, None, 5]


def test_downloads_do_not_make_a_set_plausible() -> None:
    alone, used = _rank([SPAM])[0], _rank([replace(SPAM, downloads=9_000_000)])[0]
    assert (alone.plausible, alone.score) == (used.plausible, used.score)


def test_why_tells_downloads_the_last_change_and_what_access_needs() -> None:
    (hit,) = _rank([replace(SPAM, downloads=12_345, changed="2024-05-01", gated=True)])
    assert "12,345 downloads in 30 days; last changed 2024-05-01" in hit.why
    assert "needs access: ask for it on its page and set HF_TOKEN" in hit.why
    assert hit.plausible
    (local,) = _rank([SPAM])
    assert not {"downloads", "changed", "access"} & set(local.why.replace(";", " ").split())
