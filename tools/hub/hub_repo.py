"""A dataset repository at the Hub: its card, its files, and what they show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tools.hub.access import asking
from tools.hub.datafiles import DataFiles
from tools.hub.describe import About, described, read_card
from tools.hub.features import Declared, declared_features, label_names
from tools.hub.hub_cache import AtHub
from tools.hub.hub_client import CARD, KIND, RepoFacts, download
from tools.hub.layout import (
    Files,
    Patterns,
    config_files,
    configs_of,
    options_of,
    refuse_code,
)
from tools.hub.peek import Peek, peek
from tools.hub.viewer import Viewer
from tools.services import Json


@dataclass(frozen=True)
class Looking:
    """How closely repositories are looked at.

    Attributes:
        cache: Where the `datasets` library may keep files of its own.
        near_bytes: Configs up to this size are downloaded and looked at whole.
        viewer: Asked about larger ones; None where the endpoint has no viewer.
    """

    cache: Path
    near_bytes: int
    viewer: Viewer | None


class HubRepo:
    """A repository at one commit.

    Args:
        facts: Its commit and files.
        looking: How closely to look at it.

    Raises:
        BrokenDatasetError: Its card cannot be read, or its data is made by a script.
    """

    def __init__(self, facts: RepoFacts, looking: Looking) -> None:
        self._facts = facts
        self._looking = looking
        refuse_code(facts.repo_id, list(facts.sizes))
        card: Mapping[str, Any] = {}
        text = ""
        if CARD in facts.sizes:
            (path,) = download(facts.repo_id, facts.sha, [CARD], offline=False)
            card, text = read_card(path)
        self._about = About(
            facts.repo_id, card, text, facts.sha, facts.downloads, facts.likes, facts.gated,
            facts.private, facts.changed,
        )  # fmt: skip
        self._said = configs_of(card)
        self._declared: Declared = declared_features(card)
        if len(self._declared) == len(self._said) == 1:
            self._declared = dict(zip(self._said, self._declared.values(), strict=True))

    @property
    def configs(self) -> list[str]:
        """The names of its configs, the default first."""
        return sorted(self._said, key=lambda name: not self._said[name].get("default"))

    def look(self, config: str) -> AtHub:
        """Describe one config by its files, or by the viewer where they are large.

        Raises:
            BrokenDatasetError: It cannot be read.
            UnreachableError: The Hub does not answer.
        """
        facts, said = self._facts, self._said[config]
        names = self._files(said)
        features, counts = self._declared.get(config, ({}, {}))
        root = f"hf://datasets/{facts.repo_id}@{facts.sha}"
        files = DataFiles(
            facts.repo_id,
            {split: [f"{root}/{name}" for name in paths] for split, paths in names.items()},
            features,
            options_of(said, next(iter(names.values()))[0]),
        )
        size = sum(facts.sizes[name] for paths in names.values() for name in paths)
        near = size <= self._looking.near_bytes
        found = described(
            self._about, config, files, self._peek(config, files, names, counts, near)
        )
        return AtHub(found, names, near)

    def _files(self, said: Json) -> Files:
        from datasets.data_files import get_data_patterns

        facts = self._facts

        def guess(base: str) -> Patterns:
            with asking(facts.repo_id, KIND):
                folder = f"hf://datasets/{facts.repo_id}@{facts.sha}/{base}".rstrip("/")
                patterns: Patterns = get_data_patterns(folder)
            return patterns

        return config_files(list(facts.sizes), said, guess)

    def _peek(
        self, config: str, files: DataFiles, names: Files, counts: Mapping[str, int], near: bool
    ) -> Peek:
        facts, looking = self._facts, self._looking
        if near:
            local = fetched(facts.repo_id, facts.sha, files, names)
            return peek(local, looking.cache, counts, None)
        if looking.viewer and looking.viewer.shows(facts.repo_id, facts.sha):
            seen = looking.viewer.look(facts.repo_id, facts.sha, config)
            if seen and set(seen.rows) == set(names):
                # Its hundred rows are too few to tell labels in plain strings by.
                if seen.classes or label_names(seen.features):
                    return seen
                counts = seen.rows
        sizes = {
            url: facts.sizes[name]
            for split, urls in files.splits.items()
            for url, name in zip(urls, names[split], strict=True)
        }
        with asking(facts.repo_id, KIND):
            return peek(files, looking.cache, counts, sizes)


def fetched(
    repo_id: str, sha: str, files: DataFiles, names: Mapping[str, Sequence[str]],
    *, offline: bool = False,
) -> DataFiles:  # fmt: skip
    """Return the same files in the local cache, downloaded where need be.

    Raises:
        UnreachableError: The Hub does not answer and a file is not in the cache.
    """
    local = {
        split: [str(path) for path in download(repo_id, sha, paths, offline=offline)]
        for split, paths in names.items()
    }
    return replace(files, splits=local)
