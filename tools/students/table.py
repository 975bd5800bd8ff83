"""The curated table of base models, `bases.toml`."""

import tomllib
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, get_args

from tools.hub.licence_names import UNKNOWN
from tools.students.base import Base, Kind


@lru_cache(maxsize=1)
def curated() -> tuple[Base, ...]:
    """Return the bases of the table that can be loaded, in its order."""
    return tuple(_base(kind, row) for kind, row in _rows() if not row.get("pickle"))


@lru_cache(maxsize=1)
def pickled() -> tuple[Base, ...]:
    """Return those whose owners publish no safetensors."""
    return tuple(_base(kind, row) for kind, row in _rows() if row.get("pickle"))


def entry(name: str) -> Base | None:
    """Return what the table says about a base, loadable or not."""
    return next((base for base in (*curated(), *pickled()) if base.name == name), None)


def completed(found: Base) -> Base:
    """Return what the table says of a base, if anything, with what its owner or files know better.

    That changes, as the licence does, or was rounded.

    Args:
        found: The base as the Hub or its files describe it.
    """
    known = entry(found.name)
    if known is None:
        return found
    return replace(
        known,
        version=found.version,
        gated=found.gated,
        licence=known.licence if found.licence == UNKNOWN else found.licence,
        parameters=found.parameters or known.parameters,
        weight_bytes=found.weight_bytes if found.parameters else known.weight_bytes,
    )


def _rows() -> list[tuple[Kind, dict[str, Any]]]:
    table = tomllib.loads((files("tools.students") / "bases.toml").read_text(encoding="utf-8"))
    return [(kind, row) for kind in get_args(Kind) for row in table[kind]]


def _base(kind: Kind, row: dict[str, Any]) -> Base:
    return Base(
        name=row["name"],
        source=row["name"],
        parameters=row["parameters"],
        languages=tuple(row["languages"]),
        licence=row["licence"],
        prefix=row.get("prefix", ""),
        frozen=row.get("frozen", False),
        kind=kind,
        context=row["context"],
        body=row["body"],
        weight_bytes=row.get("weight_bytes", 4),
        gated=row.get("gated", False),
    )
