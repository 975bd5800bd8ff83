"""The card of a run's published data."""

from collections import Counter
from typing import Any

from agent.export.finished import Finished
from agent.export.names import COMMIT
from agent.export.pages import on_the_hub_of, render
from agent.export.rows import Selection, asked_by
from tools.hub.licence_ids import card_fields
from tools.language import base_language

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))


def data_card(
    done: Finished, repo: str, model_repo: str, selection: Selection, described: dict[str, Any]
) -> str:
    """Return README.md of the data repository; `described` is what `write_rows` returned."""
    from huggingface_hub import DatasetCardData

    asked, summary = asked_by(done, selection.examples)
    counts = {split: len(rows) for split, rows in selection.rows.items()}
    data = DatasetCardData(
        language=base_language(done.spec.language),
        pretty_name=repo.rpartition("/")[2],
        task_categories=[done.task_id],
        size_categories=[_size(sum(counts.values()))],
        source_datasets=_sources(done, selection),
        tags=["tasksmith", *(["synthetic"] if _synthetic(selection) else [])],
        **card_fields(summary.data),
        **described,
    )
    page = render(
        "hub_data.md",
        done,
        (asked, summary),
        repo=repo,
        model_repo=model_repo,
        counts=counts,
        left_out=selection.left_out,
        imports=_imports(done, selection),
        synthetic=_synthetic(selection),
    )
    return f"---\n{data}\n---\n{page}"


def _size(n: int) -> str:
    return next((name for most, name in _SIZES if n < most), "100K<n<1M")


def _sources(done: Finished, selection: Selection) -> list[str]:
    kinds = Counter(example.evidence for example in selection.examples)
    others = {e.source for e in selection.examples if e.evidence == "retrieved"}
    original = ["original"] if kinds["gold"] or kinds["synthetic"] else []
    return original + sorted(others & on_the_hub_of(done))


def _imports(done: Finished, selection: Selection) -> list[dict[str, Any]]:
    there = {example.source for example in selection.examples}
    return [
        one | {"link": COMMIT.fullmatch(one["revision"]), "renamed": _renamed(one["label_map"])}
        for one in done.report["data"]["imports"]
        if one["dataset"] in there
    ]


def _synthetic(selection: Selection) -> int:
    return sum(example.evidence == "synthetic" for example in selection.examples)


def _renamed(label_map: dict[str, str]) -> str:
    return ", ".join(f"{theirs} → {ours}" for theirs, ours in label_map.items() if theirs != ours)
