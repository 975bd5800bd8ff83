"""The Hugging Face Hub as a source of data sets.

A search asks the Hub for names and cards, looks closely at the few that promise most, and leaves
the ranking to the caller. Whatever is looked at is pinned to its commit for the rest of the run.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tools.hub.access import UnreachableError, endpoint
from tools.hub.describe import strings, title_of
from tools.hub.gather import gather
from tools.hub.hub_cache import AtHub, HubCache, read_described, write_described
from tools.hub.hub_client import THE_LIST, is_cached, list_datasets, repo_facts
from tools.hub.hub_repo import HubRepo, Looking, fetched
from tools.hub.layout import BrokenDatasetError
from tools.hub.licence_names import card_licence
from tools.hub.queries import hub_queries
from tools.hub.shortlist import shortlist
from tools.hub.viewer import Viewer
from tools.hub.words import words_of
from tools.language import base_language
from tools.services import Encoder, Json, ToolError
from tools.sources import DatasetInfo, SearchResult, Wanted
from tools.text import one_line

LISTING_SECONDS = 6.0
LOOKING_SECONDS = 30.0
IMPORT_SECONDS = 90.0
LOOKED_AT = 10
"""Repositories that a search looks at closely; each costs a handful of requests."""
MOST_CONFIGS, MOST_CONFIGS_ASKED = 4, 30
"""Configs of one repository that a search, and a question about it, describes."""
GLANCE_BYTES, NEAR_BYTES = 5_000_000, 100_000_000
"""Up to this size a config is downloaded whole, in a search and for an import."""
RUN_FILE = "hub.json"
CACHED_ONLY = "only data sets in the local cache were searched"


class HubSource:
    """Data sets at the Hub, or at the mirror that HF_ENDPOINT names.

    Args:
        encoder: Judges by the cards which data sets to look at closely.
        cache: Directory of what outlives a run.
        workspace: Directory of the run, which keeps the commits it uses.
        viewer: URL of the dataset viewer; None where the endpoint has none.
        offline: Use only what is in the local cache.
    """

    name = "Hugging Face Hub"

    def __init__(
        self, encoder: Encoder, cache: Path, workspace: Path, viewer: str | None, *, offline: bool
    ) -> None:
        self._encoder = encoder
        self._cache = cache
        self._remembered = HubCache(cache, endpoint())
        self._viewer = Viewer(viewer.rstrip("/")) if viewer else None
        self._offline = offline
        self._run_file = workspace / RUN_FILE
        self._known = {_key(found): found for found in read_described(self._run_file)}

    def infos(self) -> Sequence[DatasetInfo]:
        """Return the configs that this run has looked at."""
        return [known.found.info for known in self._known.values()]

    def search(self, wanted: Wanted) -> SearchResult:
        """Return configs that might fit; where the Hub is silent, those in the local cache."""
        if self._offline:
            return self._from_cache(wanted, f"the Hub is out of reach: {CACHED_ONLY}")
        try:
            listed = self._list(wanted)
        except UnreachableError as error:
            return self._from_cache(wanted, f"the Hub {error.reason}: {CACHED_ONLY}")
        chosen = shortlist(listed, wanted.phrasings, self._encoder, LOOKED_AT)
        jobs = [partial(self._glance, info, wanted) for info in chosen]
        answers = gather(jobs, LOOKING_SECONDS)
        found = [config for answer in answers if isinstance(answer, list) for config in answer]
        self._learn(found)
        notes = [str(answer) for answer in answers if isinstance(answer, str | UnreachableError)]
        late = sum(answer is None for answer in answers)
        if late:
            notes.append(f"{late} data sets at the Hub took too long to look at")
        silent = not found and any(isinstance(answer, UnreachableError) for answer in answers)
        return SearchResult([config.found.info for config in found], tuple(notes), silent)

    def configs(self, repo_id: str, config: str | None = None) -> Sequence[DatasetInfo]:
        """Return the readable configs of one repository, or the one named.

        Raises:
            ToolError: There is no such repository, it may not be read, its data is made by a
                script, or it has too many configs to look at unasked.
        """
        if self._offline:
            found = self._cached(repo_id)
        else:
            (answer,) = gather([partial(self._ask, repo_id, config)], IMPORT_SECONDS)
            if answer is None:
                answer = UnreachableError(repo_id, "took too long to answer")
            if isinstance(answer, UnreachableError):
                answer = self._cached(repo_id) or answer
            if isinstance(answer, ToolError):
                raise answer
            found = answer
        self._learn(found)
        infos = [config.found.info for config in found]
        return [info for info in infos if config is None or _same(info.config, config)]

    def rows(self, info: DatasetInfo, split: str) -> Iterator[Json]:
        """Yield the rows of one split as stored: class labels are integers.

        Raises:
            ToolError: The config has not been found here, or its files cannot be read.
        """
        known = self._known.get((info.repo_id, info.config))
        if known is None or split not in known.names:
            raise ToolError(f"{info.repo_id} has no split {split!r}, or was not found at the Hub")
        files = known.found.files
        if known.near:
            wanted = {split: known.names[split]}
            revision = known.found.info.revision
            files = fetched(info.repo_id, revision, files, wanted, offline=self._offline)
        return files.rows(split, self._cache)

    def _list(self, wanted: Wanted) -> list[DatasetInfo]:
        """Ask the Hub in several ways; enough that one of them is answered."""
        queries = hub_queries(wanted)
        answers = gather([partial(self._listing, *query) for query in queries], LISTING_SECONDS)
        rows = [row for answer in answers if isinstance(answer, list) for row in answer]
        if not any(isinstance(answer, list) for answer in answers):
            silent = [answer for answer in answers if isinstance(answer, UnreachableError)]
            raise UnreachableError(THE_LIST, silent[0].reason if silent else "does not answer")
        infos = [_by_card(row) for row in {row["id"]: row for row in rows}.values()]
        return [info for info in infos if _may_be_in(info, wanted.language)]

    def _listing(self, query: Json, limit: int) -> list[Json] | ToolError:
        asked = {**query, "limit": limit}
        if (found := self._remembered.listing(asked)) is not None:
            return found
        try:
            found = list_datasets(query, limit, LISTING_SECONDS)
        except ToolError as error:
            return error
        # What only some may see is not for a cache that outlives the token.
        self._remembered.keep_listing(asked, [row for row in found if not row["private"]])
        return found

    def _glance(self, info: DatasetInfo, wanted: Wanted) -> list[AtHub] | str | UnreachableError:
        """Return the configs of a repository that matter most, or why there are none."""
        sha = self._pinned(info.repo_id) or info.revision
        about = f"{wanted.language} {' '.join(wanted.keywords)}"
        if remembered := self._remembered.described(info.repo_id, sha, about):
            return remembered
        try:
            repo = self._open(info.repo_id, sha, GLANCE_BYTES)
            found = _readable(repo, _likeliest(repo.configs, wanted)[:MOST_CONFIGS])
        except UnreachableError as error:
            return error
        except (ToolError, BrokenDatasetError) as error:
            return f"{info.repo_id} was left out: {one_line(str(error))}"
        if not (info.private or info.gated):
            self._remembered.keep_described(info.repo_id, sha, about, found)
        return found

    def _ask(self, repo_id: str, config: str | None) -> list[AtHub] | ToolError:
        try:
            # What was asked for by name is looked at whole; of several a glance has to do.
            near_bytes = NEAR_BYTES if config else GLANCE_BYTES
            repo = self._open(repo_id, self._pinned(repo_id), near_bytes)
            every = repo.configs
            names = [name for name in every if config is None or _same(name, config)]
            some = one_line(", ".join(every[:MOST_CONFIGS_ASKED]))
            if not names:
                return ToolError(
                    f"{repo_id} has no config {config!r}; name one with config=: {some}"
                )
            if len(names) > MOST_CONFIGS_ASKED:
                return ToolError(
                    f"{repo_id} has {len(names):,} configs; name one with config=: {some}, …"
                )
            return _readable(repo, names)
        except BrokenDatasetError as error:
            return ToolError(f"{repo_id} cannot be used: {one_line(str(error))}")
        except ToolError as error:
            return error

    def _open(self, repo_id: str, sha: str | None, near_bytes: int) -> HubRepo:
        facts = repo_facts(repo_id, sha)
        # A name of old leads to a repository that may be known by its new one.
        pinned = self._pinned(facts.repo_id)
        if pinned and pinned != facts.sha:
            facts = repo_facts(facts.repo_id, pinned)
        return HubRepo(facts, Looking(self._cache, near_bytes, self._viewer))

    def _pinned(self, repo_id: str) -> str | None:
        shas = [c.found.info.revision for (repo, _), c in self._known.items() if repo == repo_id]
        return shas[0] if shas else None

    def _learn(self, found: Sequence[AtHub]) -> None:
        """Keep with the run what it has seen, so that it goes on with the same commits."""
        self._known |= {_key(config): config for config in found}
        write_described(self._run_file, list(self._known.values()))

    def _cached(self, repo_id: str | None = None) -> list[AtHub]:
        """Return what is in the local cache: of each config the run's own commit, or the newest."""
        found: dict[tuple[str, str], AtHub] = {}
        known = self._known.values()
        every = sorted(self._remembered.everything(), key=lambda config: config.found.info.changed)
        for config in (*every, *known):
            info = config.found.info
            mine = self._pinned(info.repo_id) in (None, info.revision)
            if mine and repo_id in (None, info.repo_id) and _whole(config):
                found[_key(config)] = config
        return list(found.values())

    def _from_cache(self, wanted: Wanted, note: str) -> SearchResult:
        cached = {_key(config): config for config in self._cached()}
        infos = [config.found.info for config in cached.values()]
        best = shortlist(infos, wanted.phrasings, self._encoder, LOOKED_AT)
        self._learn([cached[info.repo_id, info.config] for info in best])
        return SearchResult(best, (note,), silent=True)


def _key(config: AtHub) -> tuple[str, str]:
    return config.found.info.repo_id, config.found.info.config


def _same(name: str, asked: str) -> bool:
    return name.casefold() == asked.casefold()


def _whole(config: AtHub) -> bool:
    """Say whether all files of a config are in the local cache."""
    info = config.found.info
    names = [name for paths in config.names.values() for name in paths]
    return config.near and is_cached(info.repo_id, info.revision, names)


def _readable(repo: HubRepo, names: Sequence[str]) -> list[AtHub]:
    """Return those configs that can be read.

    Raises:
        BrokenDatasetError: None can.
    """
    found: list[AtHub] = []
    broken: list[BrokenDatasetError] = []
    for name in names:
        try:
            found.append(repo.look(name))
        except BrokenDatasetError as error:
            broken.append(error)
    if broken and not found:
        raise broken[0]
    return found


def _likeliest(configs: Sequence[str], wanted: Wanted) -> list[str]:
    """Return the configs named after the language, or all; those that share words come first."""

    def speaks(name: str) -> bool:
        pieces = [name, *re.split(r"[^A-Za-z]+", name)]
        return base_language(wanted.language) in {base_language(p) for p in pieces if len(p) >= 2}

    asked = {word for text in (*wanted.phrasings, *wanted.keywords) for word in words_of(text)}
    spoken = [name for name in configs if speaks(name)] or configs
    return sorted(spoken, key=lambda name: -len(asked & set(words_of(name))))


def _may_be_in(info: DatasetInfo, language: str) -> bool:
    """Say whether a card leaves it open that some of the texts are in a language."""
    declared = {base_language(tag) for tag in info.languages}
    return not declared or bool(declared & {base_language(language), None, "mul"})


def _by_card(row: Json) -> DatasetInfo:
    """Return what a listing says of a repository; its columns and rows are not known yet."""
    card = row["card"]
    return DatasetInfo(
        repo_id=row["id"],
        config="default",
        title=title_of(card, row["id"]),
        description=row["description"],
        licence=card_licence(card, row["tags"]),
        languages=strings(card.get("language")),
        tags=strings(card.get("task_categories")) + strings(card.get("tags")),
        columns={},
        label_names={},
        splits={},
        samples=(),
        revision=row["sha"],
        downloads=row["downloads"],
        likes=row["likes"],
        gated=row["gated"],
        private=row["private"],
        changed=row["changed"],
    )
