"""What is remembered of the Hub: answers to searches for a day, descriptions by commit for good.

One JSON file an answer, each written whole. A run keeps a file of its own beside it, so that it
goes on with the commits that it began with, whatever happens at the Hub meanwhile.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tools.files import write_text
from tools.hub.datafiles import DataFiles
from tools.hub.describe import Described
from tools.hub.remembered import recall, remember
from tools.services import Json
from tools.sources import DatasetInfo

FORM = 1
"""Version of what is stored; what another one has stored is asked for anew."""


@dataclass(frozen=True)
class AtHub:
    """A config of a repository at the Hub.

    Attributes:
        found: The config, its files as `hf://` URLs.
        names: Split name to paths of its files within the repository.
        near: Whether it is small enough to be downloaded whole.
    """

    found: Described
    names: Mapping[str, list[str]]
    near: bool


class HubCache:
    """A folder of remembered answers of one endpoint.

    Args:
        folder: The folder; made when something is remembered.
        endpoint: URL of the Hub, whose answers are kept apart from those of others.
    """

    def __init__(self, folder: Path, endpoint: str) -> None:
        self._folder = folder / "hub" / _hash(endpoint)

    def listing(self, query: Json) -> list[Json] | None:
        """Return what the Hub listed for a query less than a day ago."""
        return recall(self._folder / "listed", [FORM, query])

    def keep_listing(self, query: Json, found: list[Json]) -> None:
        """Remember what the Hub listed."""
        remember(self._folder / "listed", [FORM, query], found)

    def described(self, repo_id: str, sha: str, about: str) -> list[AtHub]:
        """Return the configs of a repository at one commit that matter for what is wanted."""
        return read_described(self._description(repo_id, sha, about))

    def keep_described(self, repo_id: str, sha: str, about: str, configs: list[AtHub]) -> None:
        """Remember the configs of a repository that matter for what is wanted."""
        write_described(self._description(repo_id, sha, about), configs)

    def everything(self) -> Iterator[AtHub]:
        """Yield every config that was ever described."""
        for path in sorted(self._folder.glob("described/*.json")):
            yield from read_described(path)

    def _description(self, repo_id: str, sha: str, about: str) -> Path:
        return self._folder / "described" / f"{_hash(f'{repo_id}@{sha} {about}')}.json"


def read_described(path: Path) -> list[AtHub]:
    """Return the configs that a file holds; none where there is no file that can be read."""
    if not path.is_file():
        return []
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return [_from_json(row) for row in stored["configs"]] if stored["form"] == FORM else []
    except (ValueError, LookupError, TypeError):
        return []  # another version wrote it, or a disk lost it: it is looked at again


def write_described(path: Path, configs: list[AtHub]) -> None:
    """Write configs into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = {"form": FORM, "configs": [_to_json(config) for config in configs]}
    write_text(path, json.dumps(stored, ensure_ascii=False, default=str))


def _to_json(config: AtHub) -> Json:
    from datasets import Features

    files = config.found.files
    features = Features(files.features).to_dict() if files.features else {}
    return {
        "info": asdict(config.found.info),
        "files": asdict(replace(files, features={})) | {"features": features},
        "names": dict(config.names),
        "near": config.near,
    }


def _from_json(row: Json) -> AtHub:
    from datasets import Features

    files: dict[str, Any] = row["files"]
    if files["features"]:
        files["features"] = dict(Features.from_dict(files["features"]))
    info = row["info"] | {
        name: tuple(row["info"][name]) for name in ("languages", "tags", "samples")
    }
    info["label_names"] = {name: tuple(names) for name, names in info["label_names"].items()}
    return AtHub(Described(DatasetInfo(**info), DataFiles(**files)), row["names"], row["near"])


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
