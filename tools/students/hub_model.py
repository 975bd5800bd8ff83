"""Base models of the Hugging Face Hub: what it says about one, and its weights.

Only whole models in safetensors are taken, from one commit, and no code of a repository is run.
"""

import re
import shutil
import time
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.hub.access import api, asking, endpoint, offline, patiently
from tools.hub.licence_names import card_licence
from tools.services import Progress, ToolError
from tools.students import on_disk
from tools.students.base import Base
from tools.students.loading import about_base
from tools.students.table import completed

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

_SECONDS = 10.0
_HUB_ID = re.compile(r"(?P<repo>[A-Za-z0-9][\w.-]*(/\w[\w.-]*)?)(@(?P<commit>[0-9a-f]{40}))?", re.A)
_QUANTISED = {"gguf", "awq", "gptq", "bitsandbytes", "4-bit", "8-bit", "fp8", "exl2", "mlx"}
_ADAPTERS = {"peft", "adapter-transformers", "lora"}
_PLAIN = {"F64", "F32", "F16", "BF16", "I64", "I32", "BOOL"}
_ENOUGH_DISK = 1.05
_CODE = "needs remote code, which is never run"
_PICKLE = "has no safetensors, and pickled weights are never loaded"
_QUANTISED_WEIGHTS = "has quantised weights, which cannot be trained on"
_ADAPTER = "is an adapter, not a whole model"
IN_SHORT = {
    _CODE: "with remote code",
    _PICKLE: "without safetensors",
    _QUANTISED_WEIGHTS: "quantised",
    _ADAPTER: "adapters",
}
"""Objections in a few words."""


def parse(name: str) -> tuple[str, str] | None:
    """Split `owner/name` or `owner/name@commit`; None where it can be neither.

    The Hub still knows some old models by their bare names, such as `gpt2`.
    """
    match = _HUB_ID.fullmatch(name)
    if not match or ".." in name or "--" in name or name.endswith((".", "-", ".git")):
        return None
    return match["repo"], match["commit"] or ""


def look_up(repo_id: str, revision: str = "") -> Base:
    """Ask the Hub about a model, and pin its commit.

    Raises:
        ToolError: There is none, it may not or cannot be used, or the Hub cannot be asked.
    """
    end = time.monotonic() + _SECONDS

    def ask() -> "ModelInfo":
        left = max(0.1, end - time.monotonic())
        return api().model_info(
            repo_id, revision=revision or None, files_metadata=True, timeout=left
        )

    info = patiently(ask, repo_id, "base", end)
    with asking(repo_id, "base"):
        if info.gated:
            api().auth_check(repo_id)
        reason = _objection_to_files(info) or objection(info)
        found = described(info)
    if reason:
        raise ToolError(f"{repo_id} {reason}; choose another base")
    return found


@about_base()
def fetch(base: Base, progress: Progress) -> Path:
    """Return the folder with a base's weights, downloaded first where they are not here yet.

    Raises:
        UnfitBaseError: It cannot be fetched, or turns out to need code of its own.
    """
    if not base.on_hub:
        return Path(base.source)
    from huggingface_hub import snapshot_download

    here = on_disk.cached(base.source, base.version)
    if here is None:
        _check_disk(base)
        progress(f"downloading {base.name}, {base.megabytes:,.0f} MB")
    with asking(base.name, "base"):
        folder = Path(
            snapshot_download(
                base.source,
                revision=base.version or None,
                allow_patterns=list(on_disk.FILES),
                endpoint=endpoint(),
                cache_dir=on_disk.hub_cache(),
                local_files_only=offline(),
            )
        )
    if on_disk.needs_code(on_disk.read_config(folder)):
        raise ToolError(f"{base.name} {_CODE}; choose another base")
    if not on_disk.complete(folder):
        raise ToolError(f"{base.name} {_PICKLE}; choose another base")
    return folder


def objection(info: "ModelInfo") -> str | None:
    """Return what speaks against a model by what the Hub says about it, or None."""
    tags = set(info.tags or ())
    config = info.config or {}
    if "custom_code" in tags or on_disk.needs_code(config):
        return _CODE
    if tags & _ADAPTERS or info.library_name in _ADAPTERS:
        return _ADAPTER
    dtypes = set(info.safetensors.parameters) if info.safetensors else set()
    if tags & _QUANTISED or config.get("quantization_config") or dtypes - _PLAIN:
        return _QUANTISED_WEIGHTS
    if info.siblings is None and info.safetensors is None:
        return _PICKLE
    return None


def _objection_to_files(info: "ModelInfo") -> str | None:
    names = {sibling.rfilename for sibling in info.siblings or ()}
    if any(fnmatch(name, on_disk.WEIGHTS) for name in names):
        return None
    if "adapter_config.json" in names:
        return _ADAPTER
    if any(name.endswith(".gguf") for name in names):
        return _QUANTISED_WEIGHTS
    return _PICKLE


def described(info: "ModelInfo") -> Base:
    """Describe a model by what the Hub says about it, or the table where it knows more."""
    card: Mapping[str, Any] = vars(info.card_data) if info.card_data else {}
    tags = info.tags or []
    kind = on_disk.kind_of(info.config or {})
    found = Base(
        name=info.id,
        source=info.id,
        parameters=_parameters(info),
        languages=on_disk.known_languages(card),
        licence=card_licence(card, tags),
        frozen=kind == "encoder" and "sentence-transformers" in {info.library_name, *tags},
        version=info.sha or "",
        kind=kind,
        weight_bytes=_weight_bytes(info),
        gated=bool(info.gated),
    )
    return completed(found)


def _parameters(info: "ModelInfo") -> int | None:
    if info.safetensors:
        return info.safetensors.total
    total = _stored(info)
    return total // 4 if total else None


def _weight_bytes(info: "ModelInfo") -> int:
    parameters = _parameters(info)
    stored = _stored(info)
    if stored and parameters:
        return max(1, round(stored / parameters))
    half = info.safetensors and {"F16", "BF16"} & set(info.safetensors.parameters)
    return 2 if half else 4


def _stored(info: "ModelInfo") -> int:
    """Return the bytes of a model's weights; 0 where the Hub has not been asked for sizes."""
    return sum(
        sibling.size or 0
        for sibling in info.siblings or ()
        if fnmatch(sibling.rfilename, on_disk.WEIGHTS)
    )


def _check_disk(base: Base) -> None:
    free = free_megabytes(on_disk.hub_cache())
    if base.megabytes * _ENOUGH_DISK > free:
        raise ToolError(
            f"{base.name} needs {base.megabytes:,.0f} MB, and {on_disk.hub_cache()} has "
            f"{free:,.0f} MB free; make room, or set HF_HOME to another disk"
        )


def free_megabytes(folder: Path) -> float:
    """Return the room on the disk that a folder is on, or will be."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free / 1e6
