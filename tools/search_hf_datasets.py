"""Tool: find existing data sets for the task."""

import json
from collections.abc import Sequence

from tools.hub.columns import label_columns
from tools.hub.licence_names import normalise
from tools.hub.licences import classify, how_to_allow
from tools.hub.peek import first_split
from tools.hub.phrasings import keywords, phrasings
from tools.hub.ranking import Hit, rank
from tools.hub.rows import native_split
from tools.language import base_language
from tools.services import Call, EndpointError, Json, ToolError, ToolResult
from tools.sources import DatasetInfo, SearchableSource, Wanted
from tools.task import TaskSpec
from tools.teaching import Rewriter
from tools.text import one_line

MOST_HITS = 20
NOTES_SHOWN = 2
SAMPLE_CHARACTERS = 600
CELL_CHARACTERS, TITLE_CHARACTERS, LABELS_SHOWN = 100, 80, 20


def search_hf_datasets(
    call: Call,
    query: str,
    language: str | None = None,
    limit: int = 5,
    licence: str | None = None,
    min_rows: int = 0,
) -> ToolResult:
    """Search all sources by meaning, words, labels and language.

    Args:
        call: The tool call.
        query: What the data should be about, in a few words or a sentence.
        language: BCP 47 tag of the texts; the task's language where None.
        limit: Most data sets to show.
        licence: Show only data sets under this licence.
        min_rows: Leave out data sets with fewer rows.

    Raises:
        ToolError: Nothing is in the language, or has columns that the task could use.
        EndpointError: The Hub is silent, and without it there is nothing to go on with.
    """
    spec = call.spec
    if language is not None:
        if base_language(language) is None:
            raise ToolError(f"{language!r} is no language tag; use one such as 'en' or 'de'")
        spec = spec.model_copy(update={"language": language})
    services = call.services
    found, notes, silent = _search(call, query, spec)
    if silent and not found and not _goes_on_without(call):
        raise EndpointError("the Hugging Face Hub cannot be reached, and nothing else has data")
    infos = [
        info for info in found
        if (licence is None or normalise(licence) == normalise(info.licence))
        and sum(info.splits.values()) >= min_rows
    ]  # fmt: skip
    hits = rank(infos, query, spec, services.encoder, services.allowed_licences)
    if not hits:
        raise ToolError("; ".join([_nothing(len(found), spec), *notes[:NOTES_SHOWN]]))
    shown = hits[: max(1, min(limit, MOST_HITS))]
    artifact = {
        "tool": "search_hf_datasets",
        "datasets": [_entry(hit) for hit in shown],
        "notes": notes,
    }
    return "\n".join(
        [_text(shown, labels=spec.output_type == "label"), *(f"note: {note}" for note in notes)]
    ), artifact


def _goes_on_without(call: Call) -> bool:
    """Say whether there are rows, or a teacher who writes some, so that a run needs no data set."""
    store = call.services.store
    return store.count("train") > 0 or isinstance(call.services.teacher, Rewriter)


def _search(call: Call, query: str, spec: TaskSpec) -> tuple[list[DatasetInfo], list[str], bool]:
    """Return what all sources have, what they could not look at, and whether one was silent."""
    wanted = Wanted(
        tuple(phrasings(query, spec)), tuple(keywords(query, spec)), spec.language, spec.output_type
    )
    infos: dict[tuple[str, str], DatasetInfo] = {}
    notes: list[str] = []
    silent = False
    for source in call.services.sources:
        if isinstance(source, SearchableSource):
            call.services.progress(f"searching {source.name}")
            result = source.search(wanted)
            found: Sequence[DatasetInfo] = result.infos
            notes += result.notes
            silent = silent or result.silent
        else:
            found = source.infos()
        for info in found:
            infos.setdefault((info.repo_id, info.config), info)
    return list(infos.values()), notes, silent


def _nothing(looked_at: int, spec: TaskSpec) -> str:
    if not looked_at:
        return "no data set that can be read was found with --datasets"
    wanted = "labels" if spec.output_type == "label" else "text"
    return (
        f"none of {looked_at} data sets has {wanted} in language {spec.language!r} and what else"
        " was asked for; try another search, or go on with generate_batch"
    )


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
        "revision": info.revision,
        "gated": info.gated,
        "changed": info.changed,
        "downloads": info.downloads,
        "rows": sum(info.splits.values()),
        "columns": dict(info.columns),
        "why": hit.why,
    }


def _text(hits: list[Hit], *, labels: bool) -> str:
    lines = []
    if not any(hit.plausible for hit in hits):
        lines.append("Nothing fits the task well; the nearest are:")
    for hit in hits:
        info = hit.info
        splits = ", ".join(f"{name} {rows:,}" for name, rows in info.splits.items())
        columns = ", ".join(f"{name} ({kind})" for name, kind in info.columns.items())
        lines += [
            f"{info.repo_id}@{info.config} | {one_line(info.title, TITLE_CHARACTERS)!r}"
            f" | score {hit.score:.2f}"
            f" | {'plausible' if hit.plausible else 'not a good fit'}",
            f"  rows: {'about ' if info.approximate else ''}{splits} | licence: {_licence(hit)}",
            f"  columns: {columns}",
            *(_labels(info) if labels else []),
            f"  sample: {_sample(info)}",
            f"  why: {hit.why}",
        ]
    return "\n".join(lines)


def _licence(hit: Hit) -> str:
    licence = hit.info.licence
    if hit.allowed:
        return licence
    return f"{licence} ({classify(licence)}; {how_to_allow(licence)})"


def _sample(info: DatasetInfo) -> str:
    """One training row on one line; what stands in it is data, whatever it says."""
    if not info.samples or native_split(first_split(info.splits)) != "train":
        return "none, since there is no training split"
    shown = {name: _cell(value) for name, value in info.samples[0].items()}
    return json.dumps(shown, ensure_ascii=False)[:SAMPLE_CHARACTERS]


def _cell(value: object) -> object:
    """A value, shortened so that every column of a row is seen."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return one_line(text, CELL_CHARACTERS)


def _labels(info: DatasetInfo) -> list[str]:
    """The names of the classes in the likeliest label column."""
    columns = [column for column in label_columns(info) if column.names]
    if not columns:
        return []
    first = columns[0]
    more = ", …" if len(first.names) > LABELS_SHOWN else ""
    named = one_line(", ".join(first.names[:LABELS_SHOWN]), SAMPLE_CHARACTERS)
    return [f"  labels of {first.column} ({len(first.names)}): {named}{more}"]
