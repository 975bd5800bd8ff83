"""Which data sets fit a task: by meaning, by words, by labels, by language, by licence.

Meaning decides (cosine of sentence vectors), since tasks and cards rarely share words; BM25, sample
rows, size and downloads order what meaning leaves close. Label names count most when many match.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.hub.choose_columns import choose_reading
from tools.hub.columns import label_columns
from tools.hub.documents import full_text, passages, sample_texts
from tools.hub.label_match import LabelMatch, match_labels
from tools.hub.languages import languages_of
from tools.hub.licences import is_allowed
from tools.hub.phrasings import phrasings
from tools.hub.retrieval import POPULARITY, Collection, Document
from tools.language import base_language
from tools.services import Encoder, ToolError
from tools.sources import DatasetInfo
from tools.task import TaskSpec

PLAUSIBLE = 0.43
"""Relevance from which importing is worth a try. Set between the best relevance of sentences that
nothing in a catalogue of 62 configs fits and the relevance of the right set for those that fit."""
PER_LABEL = 0.04
MOST_LABELS_COUNTED = 7
FAR_BEHIND = 0.25
MISSING_SHOWN = 6
_BM25, _SAMPLES, _SIZE, _MOST = 0.05, 0.1, 0.03, 1.6


@dataclass(frozen=True)
class Hit:
    """A data set that was found.

    Attributes:
        score: 0 to 1, for ordering.
        plausible: Whether it is worth trying to import it.
        why: What speaks for it and against it, for the planner.
    """

    info: DatasetInfo
    score: float
    plausible: bool
    allowed: bool
    why: str


def rank(
    infos: Sequence[DatasetInfo], query: str, spec: TaskSpec, encoder: Encoder,
    allowed: frozenset[str],
) -> list[Hit]:  # fmt: skip
    """Rank the configs that are in the task's language and have a column to learn from.

    Args:
        infos: What there is.
        query: The planner's words; the instruction and labels of `spec` are searched with too.
        spec: The task.
        encoder: Judges meaning.
        allowed: Licences allowed by name.

    Returns:
        Best first.
    """
    fitting = [info for info in infos if _fits(info, spec)]
    if not fitting:
        return []
    said = phrasings(query, spec)
    cards = Collection([_document(info) for info in fitting], encoder)
    meaning = _shared(fitting, cards.cosines(said).max(axis=0))
    words = _shared(fitting, cards.words([*said, " ".join(spec.label_names)]))
    samples = _shared(fitting, _sample_cosines(fitting, said, encoder))
    matches = [_labels(info, spec, encoder) for info in fitting]
    bonus = np.array([_label_bonus(match, spec) for match in matches])
    relevance = meaning + bonus
    size = np.log10([1 + sum(info.splits.values()) for info in fitting])
    extra = _BM25 * words + _SAMPLES * samples + _SIZE * size + POPULARITY * cards.popularity
    scores = np.clip((relevance + extra) / _MOST, 0, 1)
    least = max(PLAUSIBLE, float(relevance.max()) - FAR_BEHIND)
    hits = [
        Hit(
            info=info,
            score=round(float(scores[i]), 4),
            plausible=bool(relevance[i] >= least) and _readable(info, spec, matches[i]),
            allowed=is_allowed(info.licence, allowed),
            why=_why(info, float(meaning[i]), matches[i], spec),
        )
        for i, info in enumerate(fitting)
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.info.repo_id, hit.info.config))


def _fits(info: DatasetInfo, spec: TaskSpec) -> bool:
    languages = languages_of(info)
    in_language = not languages or base_language(spec.language) in languages
    return in_language and (spec.output_type == "text" or bool(label_columns(info)))


def _document(info: DatasetInfo) -> Document:
    return Document(
        f"{info.repo_id}@{info.config}", tuple(passages(info)), full_text(info), info.downloads
    )


def _sample_cosines(
    infos: Sequence[DatasetInfo], said: Sequence[str], encoder: Encoder
) -> NDArray[np.float64]:
    """Return, per data set, the mean cosine of its sample rows with the nearest phrasing."""
    rows = [sample_texts(info) for info in infos]
    texts = [text for group in rows for text in group]
    if not texts:
        return np.zeros(len(infos))
    cosines = (encoder.encode(texts) @ encoder.encode(said).T).max(axis=1).astype(np.float64)
    groups = np.split(cosines, np.cumsum([len(group) for group in rows])[:-1])
    return np.array([float(group.mean()) if group.size else 0.0 for group in groups])


def _shared(infos: Sequence[DatasetInfo], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give configs that differ in size alone the best value of any: chance samples do not rank."""
    best: dict[object, float] = {}
    keys = [
        (info.repo_id, languages_of(info), tuple(sorted(info.label_names.items())))
        if info.label_names
        else (info.repo_id, info.config)
        for info in infos
    ]
    for key, value in zip(keys, values, strict=True):
        best[key] = max(best.get(key, -1.0), float(value))
    return np.array([best[key] for key in keys])


def _labels(info: DatasetInfo, spec: TaskSpec, encoder: Encoder) -> LabelMatch | None:
    """Match of the label column that fits the task's labels best; None if names are unknown."""
    columns = [column for column in label_columns(info) if column.names]
    if spec.output_type != "label" or not spec.labels or not columns:
        return None
    found = [match_labels(column.names, spec.labels, encoder) for column in columns]
    return max(found, key=lambda match: (match.covered * match.used, match.covered))


def _label_bonus(match: LabelMatch | None, spec: TaskSpec) -> float:
    """More labels in common, more certainty: two may agree by chance, seven hardly."""
    if match is None or not spec.labels:
        return 0.0
    share = min(match.covered, match.used)
    return PER_LABEL * max(0, min(len(match.pairs), MOST_LABELS_COUNTED) - 1) * share


def _readable(info: DatasetInfo, spec: TaskSpec, match: LabelMatch | None) -> bool:
    if spec.output_type == "label":
        return match is None or match.fits
    try:
        choose_reading(info, spec, None, (None, None))
    except ToolError:
        return False
    return True


def _why(info: DatasetInfo, meaning: float, match: LabelMatch | None, spec: TaskSpec) -> str:
    reasons = [f"meaning {meaning:.2f}"]
    if match is not None:
        reasons.append(f"{len(match.pairs)} of the task's {len(spec.labels)} labels found")
        missing = [name for name in spec.label_names if name not in match.pairs.values()]
        if missing and match.pairs:
            some = ", ".join(missing[:MISSING_SHOWN])
            reasons.append(f"not found: {some}{', …' if len(missing) > MISSING_SHOWN else ''}")
    if info.downloads is not None:
        reasons.append(f"{info.downloads:,} downloads in 30 days")
    if info.changed:
        reasons.append(f"last changed {info.changed}")
    if info.gated:
        reasons.append("needs access: ask for it on its page and set HF_TOKEN")
    return "; ".join(reasons)
