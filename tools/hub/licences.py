"""What a data set's licence lets a run do with it.

Licences are expressions over the ids of the Hugging Face Hub; `tools.hub.licence_names` reads them.
"""

from collections.abc import Iterable
from shlex import quote
from typing import Literal

from tools.hub.licence_names import CUSTOM, clauses, kind_of, normalise

Terms = Literal["permissive", "share-alike", "non-commercial", "unknown"]
_STRICTNESS: tuple[Terms, ...] = ("permissive", "share-alike", "non-commercial", "unknown")
_FREE: tuple[Terms, ...] = ("permissive", "share-alike")


def classify(licence: str) -> Terms:
    """Return the terms of a licence or an expression; what is not on the list is `unknown`.

    Of licences that apply together the strictest counts, of those to choose from the mildest.
    No-derivatives licences count as unknown: rewriting rows would break them. So do licences with
    conditions of use of their own (OpenRAIL, Llama, Gemma), which keep their names.
    """
    return strictest(min(map(_terms, part), key=_STRICTNESS.index) for part in clauses(licence))


def strictest(terms: Iterable[Terms]) -> Terms:
    """Return the strictest of some terms; `permissive` where there are none."""
    return max(terms, key=_STRICTNESS.index, default="permissive")


def _terms(name: str) -> Terms:
    kind = kind_of(name)
    if kind in ("public", "permissive", "attribution"):
        return "permissive"
    if kind == "share-alike":
        return "share-alike"
    return "non-commercial" if kind == "non-commercial" else "unknown"


def mildest(options: Iterable[str]) -> str:
    """Return the one of several licences to choose from that asks least."""
    return min(sorted(options), key=lambda name: _STRICTNESS.index(_terms(name)))


def how_to_allow(licence: str) -> str:
    """Return what to do so that a licence is allowed, as a shell takes it."""
    return f"allow it with --allow-license {quote(licence)}"


def is_allowed(licence: str, allowed: frozenset[str]) -> bool:
    """Whether data under `licence` may be used.

    Args:
        licence: Id or expression as on the card.
        allowed: Ids or expressions that the user allows by name, in any spelling.
    """
    # A name of the owner's own may be given as it stands on the card.
    names = {normalise(prefix + name) for name in allowed for prefix in ("", CUSTOM)}
    return normalise(licence) in names or all(
        any(_terms(name) in _FREE or name in names for name in part) for part in clauses(licence)
    )
