"""What a data set's licence lets a run do with it.

Ids are those of the Hugging Face Hub's list, which follows SPDX in lower case.
"""

from typing import Literal

Terms = Literal["permissive", "share-alike", "non-commercial", "unknown"]

_PERMISSIVE = (
    "apache-", "mit", "bsd", "cc0-", "cc-by-", "pddl", "odc-by", "unlicense", "isc", "zlib",
    "wtfpl", "afl-", "artistic-", "bsl-", "ecl-", "postgresql", "ncsa", "cdla-permissive",
    "ms-pl", "etalab-", "dl-de-", "public-domain", "cc-pddc",
)  # fmt: skip
_SHARE_ALIKE = (
    "cc-by-sa-", "gpl", "lgpl", "agpl", "odbl", "gfdl", "mpl-", "epl-", "eupl-", "osl-",
    "cdla-sharing",
)  # fmt: skip


def _starts(licence: str, families: tuple[str, ...]) -> bool:
    """Whether `licence` is one of the families, with or without a version behind it."""
    return any(
        licence == family.rstrip("-") or licence.startswith(family.rstrip("-") + "-")
        for family in families
    )


def classify(licence: str) -> Terms:
    """Return the terms of a licence id; what is not on the list is `unknown`.

    No-derivatives licences count as unknown: rewriting rows would break them.
    """
    name = licence.strip().casefold()
    parts = name.split("-")
    if "nc" in parts or "noncommercial" in parts:
        return "non-commercial"
    if "nd" in parts:
        return "unknown"
    if _starts(name, _SHARE_ALIKE):
        return "share-alike"
    return "permissive" if _starts(name, _PERMISSIVE) else "unknown"


def is_allowed(licence: str, allowed: frozenset[str]) -> bool:
    """Whether data under `licence` may be used.

    Args:
        licence: Id as on the card.
        allowed: Ids that the user allows by name, in any case.
    """
    if classify(licence) in ("permissive", "share-alike"):
        return True
    return licence.strip().casefold() in {name.strip().casefold() for name in allowed}
