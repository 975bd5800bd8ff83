"""Repositories of small models for a Hub of the tests."""

import json
from pathlib import Path
from typing import Any

import yaml

from tests.hubsite.repo import Repo
from tests.hubsite.site import Site

CARD = {"license": "mit", "language": "en", "library_name": "sentence-transformers"}


def files_of(model: Path, config: dict[str, Any] | None = None, **card: Any) -> dict[str, Any]:
    """Return the files of a model by their paths, its card and its configuration changed."""
    files: dict[str, Any] = {path.name: path for path in model.iterdir()}
    stored = json.loads((model / "config.json").read_text()) | (config or {})
    about = yaml.safe_dump(CARD | card)
    return files | {
        "config.json": json.dumps(stored).encode(),
        "README.md": f"---\n{about}---\nA model.\n".encode(),
    }


def add_model(
    site: Site,
    repo_id: str,
    model: Path,
    config: dict[str, Any] | None = None,
    downloads: int = 5_000,
    gated: Any = False,
    **card: Any,
) -> Repo:
    """Serve a model; `card` is what its README says beside the usual."""
    files = files_of(model, config, **card)
    return site.add_repo("model", repo_id, files, downloads=downloads, gated=gated)
