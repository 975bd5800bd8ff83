"""Column types as a card declares them, in the short form that a planner reads."""

from collections.abc import Mapping
from typing import Any

from tools.hub.layout import BrokenDatasetError

Declared = dict[str, tuple[dict[str, Any], dict[str, int]]]
"""Config name → features and row counts; either may be empty."""


def declared_features(card: Mapping[str, Any]) -> Declared:
    """Return what the card declares about its configs.

    Raises:
        BrokenDatasetError: The card's `dataset_info` makes no sense.
    """
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData

    if not card.get("dataset_info"):
        return {}
    try:
        data = DatasetCardData(dataset_info=card["dataset_info"])
        infos = DatasetInfosDict.from_dataset_card_data(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenDatasetError(f"`dataset_info` in its card cannot be read: {error}") from error
    return {
        str(config): (
            dict(info.features or {}),
            {str(name): split.num_examples for name, split in (info.splits or {}).items()},
        )
        for config, info in infos.items()
    }


def short_types(features: Mapping[str, Any]) -> dict[str, str]:
    """Return column name → `string`, `int64`, `class_label`, `list<string>`, `struct`."""
    return {name: _short(feature) for name, feature in features.items()}


def label_names(features: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return column name → class names, for class labels and lists of them."""
    found: dict[str, tuple[str, ...]] = {}
    for name, feature in features.items():
        inner = getattr(feature, "feature", feature)
        names = getattr(inner, "names", None)
        if names:
            found[name] = tuple(names)
    return found


def _short(feature: Any) -> str:
    if isinstance(feature, Mapping):
        return "struct"
    if isinstance(feature, list):
        return f"list<{_short(feature[0])}>"
    kind = type(feature).__name__
    if kind == "ClassLabel":
        return "class_label"
    if kind in ("List", "LargeList", "Sequence"):
        return f"list<{_short(feature.feature)}>"
    return str(getattr(feature, "dtype", kind.lower()))
