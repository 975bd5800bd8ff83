"""The cards of a published model and of its data: metadata for the Hub, pages for people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.errors import UserError
from agent.export.evaluation import hub_metric, results
from agent.export.finished import Finished
from agent.export.measured import Measured
from agent.export.names import COMMIT, on_hub, shown
from agent.export.rows import Selection, asked_by
from prompts import templates
from tools.examples import Example
from tools.hub.licence_ids import card_fields
from tools.hub.licence_names import UNKNOWN
from tools.hub.obligations import Licences, Obligation
from tools.language import base_language
from tools.services import ToolError
from tools.shipping import gguf
from tools.shipping.ship import Kind
from tools.shipping.ship import kind_of as kind_of_student
from tools.shipping.shipped import SETTINGS, Shipped
from tools.shipping.texts import form_of
from tools.students import bases
from tools.students.manifest import MANIFEST
from tools.students.on_disk import BUNDLED
from tools.students.text.form import FORM

_LIBRARIES = {
    "safetensors": "transformers", "onnx": "onnx", "onnx-int8": "onnx", "gguf": "gguf",
}  # fmt: skip
_SHIPPED_AS = {
    "safetensors": "The weights as they were trained, for `transformers`.",
    "onnx": "An ONNX graph with 32-bit weights, for `onnxruntime`.",
    "onnx-int8": "An ONNX graph with 8-bit weights, for `onnxruntime`: small, quick, and rounded.",
    "gguf": "One file for llama.cpp and what builds on it.",
}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))


def model_card(done: Finished, repo: str, data_repo: str | None, selection: Selection) -> str:
    """Return README.md of the model repository.

    Args:
        done: The run.
        repo: The repository's name.
        data_repo: Name of the repository that its data is published in, if any.
        selection: What is published there.
    """
    kind = kind_of(done)
    library = "transformers" if kind in ("classifier", "causal", "seq2seq") else "tasksmith"
    return _model_card("hub_model.md", done, repo, data_repo, selection, library, _use(done, kind))


def shipped_card(
    done: Finished, name: str, format_: str, shipped: Shipped, measured: Measured | None
) -> str:
    """Return README.md of a folder that stands for itself.

    Args:
        done: The run.
        name: What the folder is called.
        format_: One of `tools.shipping.ship.FORMATS`.
        shipped: What was written.
        measured: How it answers; None where nobody has asked it.
    """
    more = {
        "shipped_as": _SHIPPED_AS[format_],
        "measured": measured,
        "notes": shipped.notes,
        "program": shipped.program,
        "list_of_labels": SETTINGS if shipped.program else FORM,
        "prompting": None if shipped.program else gguf.prompting(done.model),
    }
    library = _LIBRARIES[format_]
    return _model_card("shipped_model.md", done, name, None, Selection({}, {}), library, more)


def licence_list(done: Finished, name: str) -> str:
    """Return LICENCES.md: every source with its licence and what that asks."""
    base = done.report["data"]["licence"]["base"]
    asked = asked_by(done, _everything(done), _own_base(done))
    named = base and {"name": shown(base["name"]), "licence": base["licence"]}
    return _render("licences.md", done, asked, repo=name, base=named)


def _model_card(
    template: str,
    done: Finished,
    repo: str,
    data_repo: str | None,
    selection: Selection,
    library: str,
    more: dict[str, Any],
) -> str:
    from huggingface_hub import ModelCardData

    licence = done.report["data"]["licence"]
    base = licence["base"]
    everything = _everything(done)
    own_base = _own_base(done)
    asked, summary = asked_by(done, everything, own_base)
    sources = {example.source for example in everything if example.evidence == "retrieved"}
    test = done.report["test"]
    data = ModelCardData(
        language=base_language(done.spec.language),
        library_name=library,
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
        template,
        done,
        (asked, summary),
        repo=repo,
        data_repo=data_repo,
        base=own_base[0] if own_base else None,
        planner=done.settings["planner"],
        language_name=_language_name(done.spec.language),
        labels=_labels(done),
        **more,
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


def kind_of(done: Finished) -> Kind:
    """Return what kind of student came of a run.

    Raises:
        UserError: It is damaged.
    """
    try:
        return kind_of_student(done.model, done.student.entry)
    except ToolError as error:
        raise UserError(str(error), 1) from None


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
        "form": form_of(done.model) if kind in ("causal", "seq2seq") else None,
        "list_of_labels": MANIFEST,
        "entry": done.student.entry,
        "encoder": on_hub(base.name) if base else None,
        "commit": base.version if base and commit else "",
        "prefix": base.prefix if base else "",
        "bundled": base is not None and base.name == BUNDLED,
        "ngrams": done.student.hyperparameters.get("features") in ("ngrams", "both"),
    }


def _everything(done: Finished) -> list[Example]:
    return [example for rows in done.rows.values() for example in rows]


def _own_base(done: Finished) -> tuple[str, str] | None:
    base = done.report["data"]["licence"]["base"]
    return (shown(base["name"]), base["licence"]) if base else None


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
