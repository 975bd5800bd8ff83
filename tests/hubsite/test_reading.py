from collections.abc import Mapping
from pathlib import Path

import pytest
from huggingface_hub import HfApi, HfFileSystem, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.hubsite.content import Source
from tests.hubsite.site import Site

ROWS = b'{"text": "hello", "label": "a"}\n{"text": "bye", "label": "b"}\n'
CARD = (
    b"---\nlicense: mit\nlanguage: [en, no]\ntask_categories: [text-classification]\n---\n# Mail\n"
)
MAIL: Mapping[str, Source] = {"README.md": CARD, "data/train.jsonl": ROWS, "data/b/c.jsonl": ROWS}


def test_the_catalogue_is_listed_filtered_and_paged(hub_site: Site, shared: Path) -> None:
    hub_site.add_datasets(shared / "catalogue")
    hub_site.repo("dataset", "PolyAI/banking77").downloads = 9
    hub_site.page_size = 10
    api = HfApi()
    every = [info.id for info in api.list_datasets()]
    assert len(every) == len(set(every)) == 25
    assert len(hub_site.requests.matching("GET /api/datasets")) == 3
    assert next(iter(api.list_datasets(sort="downloads", limit=1))).id == "PolyAI/banking77"
    german = {info.id for info in api.list_datasets(filter=["language:de"])}
    assert {"google/xquad", "uds-lsv/germeval2018"} <= german
    assert "PolyAI/banking77" not in german
    found = api.list_datasets(search="intent 77")
    assert not list(found)
    (bank,) = api.list_datasets(search="BANK", author="polyai", full=True)
    assert bank.card_data is not None
    assert bank.card_data["pretty_name"] == "BANKING77"
    (bare,) = api.list_datasets(search="banking77", expand=["likes"])
    assert (bare.likes, bare.tags) == (0, None)


def test_info_tree_and_paths_agree(hub_site: Site) -> None:
    repo = hub_site.add_repo("dataset", "me/mail", MAIL, likes=3)
    api = HfApi()
    info = api.dataset_info("me/mail", files_metadata=True)
    assert (info.sha, info.likes, info.gated, info.private) == (repo.sha, 3, False, False)
    assert info.tags is not None
    assert {"license:mit", "language:no", "task_categories:text-classification"} <= {*info.tags}
    assert info.siblings is not None
    sizes = {sibling.rfilename: sibling.size for sibling in info.siblings}
    assert sizes["data/train.jsonl"] == len(ROWS)
    hub_site.page_size = 2
    tree = list(api.list_repo_tree("me/mail", recursive=True, repo_type="dataset", expand=True))
    assert [entry.path for entry in tree] == [
        "README.md", "data", "data/b", "data/b/c.jsonl", "data/train.jsonl",
    ]  # fmt: skip
    (path,) = api.get_paths_info("me/mail", ["data/b", "gone"], repo_type="dataset")
    assert path.path == "data/b"
    assert api.list_repo_refs("me/mail", repo_type="dataset").branches[0].target_commit == repo.sha


def test_a_changed_repository_keeps_what_it_was(hub_site: Site) -> None:
    repo = hub_site.add_repo("dataset", "me/mail", MAIL)
    first = repo.sha
    hub_site.change(repo, {"data/train.jsonl": b"{}\n", "data/b/c.jsonl": None})
    api = HfApi()
    assert api.dataset_info("me/mail").sha == repo.sha != first
    assert api.dataset_info("me/mail", revision=first).sha == first

    def content(revision: str | None) -> bytes:
        path = hf_hub_download(
            "me/mail", "data/train.jsonl", repo_type="dataset", revision=revision
        )
        return Path(path).read_bytes()

    assert (content(first), content(None)) == (ROWS, b"{}\n")
    with pytest.raises(RevisionNotFoundError):
        api.dataset_info("me/mail", revision="0" * 40)
    with pytest.raises(RemoteEntryNotFoundError):
        hf_hub_download("me/mail", "data/b/c.jsonl", repo_type="dataset")
    with pytest.raises(RepositoryNotFoundError):
        api.dataset_info("me/gone")


def test_a_snapshot_comes_by_way_of_the_store(hub_site: Site, shared: Path) -> None:
    hub_site.add_datasets(shared / "catalogue")
    folder = Path(snapshot_download("PolyAI/banking77", repo_type="dataset"))
    there = shared / "catalogue" / "PolyAI" / "banking77" / "data"
    for path in there.iterdir():
        assert (folder / "data" / path.name).read_bytes() == path.read_bytes()
        assert hub_site.requests.bytes_of(f"/cdn/.*{path.name}") == path.stat().st_size
    before = len(hub_site.requests.matching("/cdn/"))
    snapshot_download("PolyAI/banking77", repo_type="dataset")
    assert len(hub_site.requests.matching("/cdn/")) == before


def test_a_file_system_reads_ranges(hub_site: Site) -> None:
    hub_site.add_repo("dataset", "me/mail", MAIL)
    files = HfFileSystem()
    assert files.glob("datasets/me/mail/**/*.jsonl") == [
        "datasets/me/mail/data/b/c.jsonl",
        "datasets/me/mail/data/train.jsonl",
    ]
    with files.open("datasets/me/mail/data/train.jsonl", block_size=8) as file:
        file.seek(10)
        assert file.read(5) == ROWS[10:15]
    assert {entry.status for entry in hub_site.requests.matching("/resolve/")} == {206}
    assert hub_site.requests.bytes_of("/resolve/") < len(ROWS)
