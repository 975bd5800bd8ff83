"""The cards of a published model and of its data: metadata for the Hub, pages for people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.errors import UserError
from agent.export.evaluation import hub_metric, results
from agent.export.finished import Finished
from agent.export.names import COMMIT, on_hub, shown
from agent.export.rows import Selection, asked_by
from prompts import templates
from tools.hub.licence_ids import card_fields
from tools.hub.licence_names import UNKNOWN
from tools.hub.obligations import Licences, Obligation
from tools.language import base_language
from tools.services import ToolError
from tools.students import METHODS, bases
from tools.students.on_disk import BUNDLED

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))


def model_card(done: Finished, repo: str, data_repo: str | None, selection: Selection) -> str:
    """Return README.md of the model repository.

    Args:
        done: The run.
        repo: The repository's name.
        data_repo: Name of the repository that its data is published in, if any.
        selection: What is published there.
    """
    from huggingface_hub import ModelCardData

    licence = done.report["data"]["licence"]
    base = licence["base"]
    everything = [example for rows in done.rows.values() for example in rows]
    own_base = (shown(base["name"]), base["licence"]) if base else None
    asked, summary = asked_by(done, everything, own_base)
    kind = kind_of(done)
    sources = {example.source for example in everything if example.evidence == "retrieved"}
    test = done.report["test"]
    data = ModelCardData(
        language=base_language(done.spec.language),
        library_name="transformers" if kind == "classifier" else "tasksmith",
        pipeline_tag=done.task_id,
        base_model=on_hub(base["name"]) if base else None,
        datasets=sorted(sources & _on_the_hub(done)) + ([data_repo] if data_repo else []) or None,
        metrics=None if test["value"] is None else [hub_metric(test["metric"])[0]],
        tags=["tasksmith"],
        model_name=repo.rpartition("/")[2],
        eval_results=results(done, data_repo, selection),
        **card_fields(model_licence(done)),
    )
    page = _render(
        "hub_model.md",
        done,
        (asked, summary),
        repo=repo,
        data_repo=data_repo,
        base=own_base[0] if own_base else None,
        planner=done.settings["planner"],
        language_name=_language_name(done.spec.language),
        labels=_labels(done),
        **_use(done, kind),
    )
    return f"---\n{data}\n---\n{page}"


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
    page = _render(
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


def model_licence(done: Finished) -> str | None:
    """Return the licence for the model's card; None where nothing but the owner decides."""
    licence = done.report["data"]["licence"]
    model: str | None = licence["model"]
    return model if licence["clear"] else UNKNOWN


def kind_of(done: Finished) -> str:
    """Return `probe`, `classifier`, or `other` for a method that is not Tasksmith's."""
    names = {entry: name for name, entry in METHODS.items()}
    return names.get(done.student.entry, "other")


@dataclass(frozen=True)
class Needed:
    """The base that a student cannot do without, beside its own weights; see `bases.Base`."""

    name: str
    prefix: str
    version: str


def needed_base(done: Finished) -> Needed | None:
    """Return the base that the student refers to, if any.

    Raises:
        UserError: It is not on this machine, and cannot be looked up.
    """
    try:
        base = bases.referred(done.model)
    except ToolError as error:
        raise UserError(str(error), 1) from None
    return Needed(base.name, base.prefix, base.version) if base else None


def _render(
    template: str, done: Finished, asked: tuple[Sequence[Obligation], Licences], **more: Any
) -> str:
    report = done.report
    data = report["data"] | {
        "obligations": [asdict(one) for one in asked[0]],
        "licence": asdict(asked[1]),
    }
    page = templates("graph", "templates").get_template(template)
    return page.render(
        {**report, "data": data}
        | {
            "name": more["repo"].rpartition("/")[2],
            "version": done.version,
            "writer": report["data"]["licence"]["writer"],
            "teacher_name": report["data"]["licence"]["teacher"],
        }
        | more
    )


def _use(done: Finished, kind: str) -> dict[str, Any]:
    """Return what the example code depends on."""
    base = needed_base(done) if kind == "probe" else None
    commit = base is not None and COMMIT.fullmatch(base.version)
    return {
        "kind": kind,
        "entry": done.student.entry,
        "encoder": on_hub(base.name) if base else None,
        "commit": base.version if base and commit else "",
        "prefix": base.prefix if base else "",
        "bundled": base is not None and base.name == BUNDLED,
        "ngrams": done.student.hyperparameters.get("features") in ("ngrams", "both"),
    }


def _labels(done: Finished) -> list[str]:
    if done.spec.output_type == "text":
        return []
    outputs = {example.output for example in done.rows["train"]}
    return list(done.spec.label_names) or sorted(outputs)


def _language_name(tag: str) -> str:
    import langcodes

    return langcodes.get(tag).display_name()


def _size(n: int) -> str:
    return next((name for most, name in _SIZES if n < most), "100K<n<1M")


def _sources(done: Finished, selection: Selection) -> list[str]:
    kinds = Counter(example.evidence for example in selection.examples)
    others = {e.source for e in selection.examples if e.evidence == "retrieved"}
    original = ["original"] if kinds["gold"] or kinds["synthetic"] else []
    return original + sorted(others & _on_the_hub(done))


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


def _on_the_hub(done: Finished) -> set[str]:
    """Return the data sets that were read at a commit of the Hub; a folder's are nobody's page."""
    imports = done.report["data"]["imports"]
    return {one["dataset"] for one in imports if COMMIT.fullmatch(one["revision"])}
