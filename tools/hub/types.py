"""The short types of columns, taken apart: `struct<text: list<string>, start: list<int32>>`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

STRINGS = ("string", "large_string")
WHOLE_NUMBERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
_MEDIA = ("image", "audio", "video", "pdf", "nifti", "mesh", "binary", "large_binary")


@dataclass(frozen=True)
class Type:
    """The type of a column or of a field in it.

    Attributes:
        kind: `string`, `int64`, `class_label`, `list`, `struct`, `image`…
        item: Type of a list's items.
        fields: Types of a struct's fields; empty where the source does not tell them.
    """

    kind: str
    item: "Type | None" = None
    fields: Mapping[str, "Type"] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        """Whether values are strings."""
        return self.kind in STRINGS

    @property
    def is_tokens(self) -> bool:
        """Whether values are lists of strings."""
        return self.item is not None and self.item.is_text

    @property
    def is_media(self) -> bool:
        """Whether values are images, sound or other bytes, which no text can be made of."""
        inner = self.item or self
        return inner.kind in _MEDIA or any(f.kind in _MEDIA for f in inner.fields.values())

    @property
    def records(self) -> Mapping[str, "Type"]:
        """The fields of a struct, or of the structs in a list."""
        return (self.item or self).fields


def parse_type(short: str) -> Type:
    """Return the type that `tools.hub.features.short_types` wrote."""
    if short.startswith("list<") and short.endswith(">"):
        return Type("list", item=parse_type(short[5:-1]))
    if short.startswith("struct<") and short.endswith(">"):
        parts = (part.partition(": ") for part in _split(short[7:-1]))
        return Type("struct", fields={name: parse_type(kind) for name, _, kind in parts})
    return Type(short)


def _split(inner: str) -> Iterator[str]:
    """Yield what stands between the outermost commas."""
    depth, start = 0, 0
    for place, sign in enumerate(inner):
        depth += (sign == "<") - (sign == ">")
        if depth == 0 and inner.startswith(", ", place):
            yield inner[start:place]
            start = place + 2
    yield inner[start:]
