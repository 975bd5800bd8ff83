"""Tool: find existing data sets for the task."""

import json
from collections.abc import Mapping

from tools.hub.licences import classify
from tools.hub.ranking import Hit, rank
from tools.language import base_language
from tools.services import Call, Json, ToolError, ToolResult

MOST_HITS = 20
SAMPLE_CHARACTERS = 200


def search_hf_datasets(
    call: Call, query: str, language: str | None = None, limit: int = 5
) -> ToolResult:
    """Search all sources by meaning, words, labels and language.

    Args:
        call: The tool call.
        query: What the data should be about, in a few words or a sentence.
        language: BCP 47 tag of the texts; the task's language where None.
        limit: Most data sets to show.

    Raises:
        ToolError: Nothing is in the language, or has columns that the task could use.
    """
    spec = call.spec
    if language is not None:
        if base_language(language) is None:
            raise ToolError(f"{language!r} is no language tag; use one such as 'en' or 'de'")
        spec = spec.model_copy(update={"language": language})
    services = call.services
    infos = [info for source in services.sources for info in source.infos()]
    hits = rank(infos, query, spec, services.encoder, services.allowed_licences)
    if not hits:
        if not infos:
            raise ToolError("the folders given with --datasets hold no data set that can be read")
        wanted = "labels" if spec.output_type == "label" else "text"
        raise ToolError(
            f"none of {len(infos)} data sets has {wanted} in language {spec.language!r};"
            " try another language, or go on with generate_batch"
        )
    shown = hits[: max(1, min(limit, MOST_HITS))]
    artifact = {"tool": "search_hf_datasets", "datasets": [_entry(hit) for hit in shown]}
    return _text(shown), artifact


def _entry(hit: Hit) -> Json:
    info = hit.info
    return {
        "id": f"{info.repo_id}@{info.config}",
        "repo_id": info.repo_id,
        "config": info.config,
        "title": info.title,
        "score": hit.score,
        "licence": info.licence,
        "allowed": hit.allowed,
        "plausible": hit.plausible,
        "rows": sum(info.splits.values()),
        "columns": dict(info.columns),
        "why": hit.why,
    }


def _text(hits: list[Hit]) -> str:
    lines = []
    if not any(hit.plausible for hit in hits):
        lines.append("Nothing fits the task well; the nearest are:")
    for hit in hits:
        info = hit.info
        splits = ", ".join(f"{name} {rows:,}" for name, rows in info.splits.items())
        columns = ", ".join(f"{name} ({kind})" for name, kind in info.columns.items())
        lines += [
            f"{info.repo_id}@{info.config} | {info.title} | score {hit.score:.2f}"
            f" | {'plausible' if hit.plausible else 'not a good fit'}",
            f"  rows: {splits} | licence: {_licence(hit)}",
            f"  columns: {columns}",
            f"  sample: {_sample(info.samples[0]) if info.samples else 'none'}",
            f"  why: {hit.why}",
        ]
    return "\n".join(lines)


def _licence(hit: Hit) -> str:
    licence = hit.info.licence
    if hit.allowed:
        return licence
    return f"{licence} ({classify(licence)}; allow it with --allow-license {licence})"


def _sample(row: Mapping[str, object]) -> str:
    """One row on one line; what stands in it is data, whatever it says."""
    shown = json.dumps(row, ensure_ascii=False, default=str)
    return shown if len(shown) <= SAMPLE_CHARACTERS else shown[:SAMPLE_CHARACTERS] + "…"
