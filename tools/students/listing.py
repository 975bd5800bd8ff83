"""Base models that the Hugging Face Hub lists: a few bounded questions, remembered for a day."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.hub import access
from tools.hub.gather import gather
from tools.hub.remembered import recall, remember
from tools.language import base_language
from tools.services import Json, ToolError
from tools.students import hub_model
from tools.students.base import Base, Kind

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

SECONDS = 6.0
"""What all questions together may take."""

_LIST = "the list of models"
_LISTED = 40
_FEWEST_DOWNLOADS = 1_000
SIZES = "min:5M,max:5B"
"""Numbers of weights; among the most downloaded are toys for tests."""

_EXPAND = (
    "cardData", "config", "disabled", "downloads", "gated", "library_name", "pipeline_tag",
    "private", "safetensors", "sha", "tags",
)  # fmt: skip
_LIBRARIES = {"transformers", "sentence-transformers"}
# T5 and its like go by their architecture, since the Hub has named their task in several ways.
_QUESTIONS: dict[Kind, tuple[Json, ...]] = {
    "encoder": ({"filter": ["sentence-transformers"]}, {"pipeline_tag": "fill-mask"}),
    "causal": ({"pipeline_tag": "text-generation"},),
    "seq2seq": ({"filter": ["t5"]},),
}


@dataclass(frozen=True)
class Listed:
    """What the Hub lists.

    Attributes:
        bases: Those that can be loaded, in the order of their downloads.
        objections: What speaks against each of the others, in a few words.
        note: Why the answer is incomplete; empty where it is not.
        silent: Whether the Hub gave no answer at all, so that nothing can be downloaded from it.
    """

    bases: tuple[Base, ...] = ()
    objections: tuple[str, ...] = ()
    note: str = ""
    silent: bool = False


def listed(kinds: Collection[Kind], language: str, cache: Path) -> Listed:
    """Ask the Hub for popular models of some kinds that know a language; never take long.

    Args:
        kinds: What the methods can train.
        language: BCP 47 tag.
        cache: Directory of caches that outlive a run.
    """
    if access.offline():
        return Listed(note="offline, so only what is on this machine is ranked")
    questions = [
        {**question, "kind": kind, "language": base_language(language) or language}
        for kind in sorted(kinds)
        for question in _QUESTIONS[kind]
    ]
    end = time.monotonic() + SECONDS
    answers: list[Json] = []
    note = ""
    for question in questions:
        try:
            answers += _answer(question, cache, end)
        except access.UnreachableError as error:
            note = f"the Hub's list is incomplete, since it {error.reason}"
            break
    rows = {answer["base"]["name"]: answer for answer in answers}.values()
    return Listed(
        bases=tuple(_base(row["base"]) for row in rows if not row["objection"]),
        objections=tuple(row["objection"] for row in rows if row["objection"]),
        note=note,
        silent=bool(note) and not answers,
    )


def _answer(question: Json, cache: Path, end: float) -> list[Json]:
    """Return one question's rows, from the cache where it was asked within a day.

    Raises:
        UnreachableError: The Hub does not answer, or not in time.
    """
    # What another version stored in another form is another question.
    asked = [access.endpoint(), question, SIZES, sorted(Base.__annotations__)]
    folder = cache / "models"
    if (known := recall(folder, asked)) is not None:
        return known
    left = max(0.1, end - time.monotonic())
    rows = _within(lambda: _ask(question, left), left)
    remember(folder, asked, rows)
    return rows


def _within(work: Callable[[], list[Json]], seconds: float) -> list[Json]:
    """Do work in a thread that may be left behind, since a slow drip knows no timeout.

    Raises:
        UnreachableError: It failed, or did not end in time.
    """
    try:
        (rows,) = gather([work], seconds)
    except access.UnreachableError:
        raise
    except ToolError:
        raise access.UnreachableError(_LIST, "gave an answer that cannot be read") from None
    if rows is None:
        raise access.UnreachableError(_LIST, "took too long to answer")
    return rows


def _ask(question: Json, seconds: float) -> list[Json]:
    """Ask as `HfApi.list_models` does, but once and for one page: that goes on for half a minute.

    Raises:
        ToolError: The Hub does not answer, or not so that it can be read.
    """
    from huggingface_hub import ModelInfo

    query: Json = {
        "filter": [*question.get("filter", ()), "safetensors", question["language"]],
        "num_parameters": SIZES,
        "sort": "downloads",
        "limit": _LISTED,
        "expand": list(_EXPAND),
    }
    if "pipeline_tag" in question:
        query["pipeline_tag"] = question["pipeline_tag"]
    found = access.list_repos("models", query, seconds)
    with access.asking(_LIST, "base"):
        infos = [ModelInfo(**item) for item in found]  # type: ignore[no-untyped-call]
        return [
            {
                "base": vars(hub_model.described(info)),
                "objection": objection(info, question["kind"]),
            }
            for info in infos
            # What only some may see is not for a cache that outlives the token.
            if not info.private
        ]


def objection(info: "ModelInfo", kind: Kind) -> str | None:
    """Return in a few words why a listed model is no candidate, or None."""
    if reason := hub_model.objection(info):
        return hub_model.IN_SHORT[reason]
    if info.disabled or info.library_name not in _LIBRARIES:
        return "for other libraries"
    if hub_model.described(info).kind != kind:
        return "of another kind"
    if (info.downloads or 0) < _FEWEST_DOWNLOADS:
        return "seldom downloaded"
    return None


def _base(row: dict[str, Any]) -> Base:
    return Base(**row | {"languages": tuple(row["languages"]), "unproven": True})
