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
    """Return column name → `string`, `class_label`, `image`, `struct<text: list<string>>`."""
    return {name: _short(feature) for name, feature in features.items()}


def label_names(features: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return column name → class names, for class labels and lists of them.

    Class labels inside of records are keyed by the names on the way there: `spans.kind`.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, feature in features.items():
        inner = _item(feature)
        names = getattr(inner, "names", None)
        if names:
            found[name] = tuple(names)
        elif isinstance(inner, Mapping):
            found |= {f"{name}.{key}": value for key, value in label_names(inner).items()}
    return found


def _item(feature: Any) -> Any:
    """Return the type of a list's items, or the feature itself."""
    if isinstance(feature, list):
        return feature[0]
    return getattr(feature, "feature", feature)


def _short(feature: Any) -> str:
    if isinstance(feature, Mapping):
        return f"struct<{', '.join(f'{name}: {_short(f)}' for name, f in feature.items())}>"
    kind = type(feature).__name__
    if kind == "ClassLabel":
        return "class_label"
    if isinstance(feature, list) or kind in ("List", "LargeList", "Sequence"):
        return f"list<{_short(_item(feature))}>"
    if kind == "Translation":
        return f"struct<{', '.join(f'{language}: string' for language in feature.languages)}>"
    if kind in ("Image", "Audio", "Video", "Pdf", "Nifti", "Mesh"):
        return kind.lower()
    return str(getattr(feature, "dtype", kind.lower()))
