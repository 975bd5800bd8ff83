"""The card of a published model: metadata for the Hub, a page for people."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.errors import UserError
from agent.export.evaluation import hub_metric, results
from agent.export.finished import Finished
from agent.export.measured import Measured
from agent.export.names import COMMIT, on_hub, shown
from agent.export.pages import (
    everything,
    label_names,
    language_name,
    on_the_hub_of,
    own_base,
    render,
)
from agent.export.rows import Selection, asked_by
from tools.hub.licence_ids import card_fields
from tools.hub.licence_names import UNKNOWN
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

if TYPE_CHECKING:
    from huggingface_hub import ModelCardData

_LIBRARIES = {
    "safetensors": "transformers", "onnx": "onnx", "onnx-int8": "onnx", "gguf": "gguf",
}  # fmt: skip
_SHIPPED_AS = {
    "safetensors": "The weights as they were trained, for `transformers`.",
    "onnx": "An ONNX graph with 32-bit weights, for `onnxruntime`.",
    "onnx-int8": "An ONNX graph with 8-bit weights, for `onnxruntime`: small, quick, and rounded.",
    "gguf": "One file for llama.cpp and what builds on it.",
}


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
    data = _metadata(done, repo, data_repo, selection, library)
    page = model_page("hub_model.md", done, repo, data_repo, _use(done, kind))
    return f"---\n{data}\n---\n{page}"


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
    data = _metadata(done, name, None, Selection({}, {}), _LIBRARIES[format_])
    more = shipped_as(done, format_, shipped, measured)
    return f"---\n{data}\n---\n{model_page('shipped_model.md', done, name, None, more)}"


def licence_list(done: Finished, name: str) -> str:
    """Return LICENCES.md: every source with its licence and what that asks."""
    base = done.report["data"]["licence"]["base"]
    asked = asked_by(done, everything(done), own_base(done))
    named = base and {"name": shown(base["name"]), "licence": base["licence"]}
    return render("licences.md", done, asked, repo=name, base=named)


def model_page(
    template: str, done: Finished, repo: str, data_repo: str | None, more: dict[str, Any]
) -> str:
    """Return what a card of the model tells people; `more` is what its template needs beside."""
    base = own_base(done)
    return render(
        template,
        done,
        asked_by(done, everything(done), base),
        repo=repo,
        data_repo=data_repo,
        base=base[0] if base else None,
        planner=done.settings["planner"],
        language_name=language_name(done.spec.language),
        labels=label_names(done),
        **more,
    )


def shipped_as(
    done: Finished, format_: str, shipped: Shipped, measured: Measured | None
) -> dict[str, Any]:
    """Return what the page of a shipped model tells of its form; arguments as `shipped_card`."""
    return {
        "shipped_as": _SHIPPED_AS[format_],
        "measured": measured,
        "notes": shipped.notes,
        "program": shipped.program,
        "list_of_labels": SETTINGS if shipped.program else FORM,
        "prompting": None if shipped.program else gguf.prompting(done.model),
    }


def datasets_of(done: Finished) -> list[str]:
    """Return the data sets on the Hub that rows of the run came from."""
    sources = {example.source for example in everything(done) if example.evidence == "retrieved"}
    return sorted(sources & on_the_hub_of(done))


def _metadata(
    done: Finished, repo: str, data_repo: str | None, selection: Selection, library: str
) -> "ModelCardData":
    from huggingface_hub import ModelCardData

    base = done.report["data"]["licence"]["base"]
    test = done.report["test"]
    return ModelCardData(
        language=base_language(done.spec.language),
        library_name=library,
        pipeline_tag=done.task_id,
        base_model=on_hub(base["name"]) if base else None,
        datasets=datasets_of(done) + ([data_repo] if data_repo else []) or None,
        metrics=None if test["value"] is None else [hub_metric(test["metric"])[0]],
        tags=["tasksmith"],
        model_name=repo.rpartition("/")[2],
        eval_results=results(done, data_repo, selection),
        **card_fields(model_licence(done)),
    )


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
