import json
from functools import partial
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import CommitOperationDelete, HfApi, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from tests.hubsite.content import big_safetensors
from tests.hubsite.site import Site

CARD = "---\nlicense: mit\nlanguage: en\npipeline_tag: text-classification\n---\n# Mine\n"


def _folder(path: Path) -> Path:
    weights = big_safetensors(500_000)
    (path / "model.safetensors").write_bytes(weights.read(0, weights.size))
    (path / "README.md").write_text(CARD)
    (path / "logs").mkdir()
    (path / "logs" / "a.txt").write_text("log")
    return path


def test_an_uploaded_folder_can_be_read(hub_site: Site, tmp_path: Path) -> None:
    api = HfApi(token=hub_site.token)
    url = api.create_repo("tester/mine", private=True)
    assert url.repo_id == "tester/mine"
    assert api.create_repo("tester/mine", exist_ok=True) == url
    folder = _folder(tmp_path)
    done = api.upload_folder(repo_id="tester/mine", folder_path=folder)
    info = api.model_info("tester/mine")
    assert done.oid == info.sha
    assert info.private
    assert info.safetensors is not None
    assert info.safetensors.total == 500_000
    path = hf_hub_download("tester/mine", "model.safetensors", token=hub_site.token)
    assert Path(path).read_bytes() == (folder / "model.safetensors").read_bytes()
    assert not api.repo_exists("tester/mine", token=False)

    hub_site.requests.clear()
    again = api.upload_folder(repo_id="tester/mine", folder_path=folder)
    assert again.oid == done.oid
    assert not hub_site.requests.matching("^PUT|/commit/")

    gone = [CommitOperationDelete("logs/")]
    api.create_commit("tester/mine", gone, commit_message="Tidy", parent_commit=done.oid)
    assert "logs/a.txt" not in api.list_repo_files("tester/mine")
    assert "logs/a.txt" in api.list_repo_files("tester/mine", revision=done.oid)
    with pytest.raises(HfHubHTTPError, match="412"):
        api.create_commit("tester/mine", gone, commit_message="Late", parent_commit=done.oid)

    api.delete_repo("tester/mine")
    assert not api.repo_exists("tester/mine")


def test_who_may_not_write_is_told_so(hub_site: Site, tmp_path: Path) -> None:
    with pytest.raises(HfHubHTTPError, match="401"):
        HfApi(token=False).create_repo("tester/mine")
    with pytest.raises(HfHubHTTPError, match="403"):
        HfApi(token=hub_site.token).create_repo("else/mine")
    with pytest.raises(HfHubHTTPError, match="403"):
        HfApi(token=hub_site.access.new_token()).create_repo("tester/mine")
    with pytest.raises(RepositoryNotFoundError):
        HfApi(token=hub_site.token).upload_folder(
            repo_id="tester/none", folder_path=_folder(tmp_path)
        )
    hub_site.access.namespaces.add("else")
    assert HfApi(token=hub_site.token).create_repo("else/mine", repo_type="dataset")


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ("license: made-up", "license"),
        ("license: mit\nlanguage: English", "lowercase"),
        ("tags: [1]", "array of strings"),
        ("base_model: /tmp/base/model", "base_model"),
        ("a: [", "parsing"),
    ],
)
def test_cards_that_the_hub_would_not_take(hub_site: Site, metadata: str, reason: str) -> None:
    api = HfApi(token=hub_site.token)
    api.create_repo("tester/mine")
    with pytest.raises(ValueError, match=reason):
        api.upload_file(
            path_or_fileobj=f"---\n{metadata}\n---\n".encode(),
            path_in_repo="README.md",
            repo_id="tester/mine",
        )
    assert hub_site.repo("model", "tester/mine").head.card.data == {}


def test_a_card_without_metadata_is_warned_about(hub_site: Site) -> None:
    api = HfApi(token=hub_site.token)
    api.create_repo("tester/mine")
    with pytest.warns(UserWarning, match="empty or missing yaml"):
        api.upload_file(
            path_or_fileobj=b"# Mine\n", path_in_repo="README.md", repo_id="tester/mine"
        )


def test_a_commit_that_fails_changes_nothing(hub_site: Site) -> None:
    api = HfApi(token=hub_site.token)
    api.create_repo("tester/mine")
    hub_site.faults.add("500", "POST .*/commit/", first=1)
    upload = partial(api.upload_file, path_in_repo="a.safetensors", repo_id="tester/mine")
    with pytest.raises(HfHubHTTPError, match="500"):
        upload(path_or_fileobj=b"abc")
    assert list(hub_site.repo("model", "tester/mine").head.blobs) == [".gitattributes"]
    hub_site.uploaded.clear()
    line = {"key": "lfsFile", "value": {"path": "a.safetensors", "oid": "0" * 64}}
    answer = httpx2.post(
        f"{hub_site.url}/api/models/tester/mine/commit/main",
        content=json.dumps(line),
        headers={"Authorization": f"Bearer {hub_site.token}"},
    )
    assert answer.status_code == 400
    assert "was not uploaded" in answer.json()["error"]
    upload(path_or_fileobj=b"abc")
    assert "a.safetensors" in hub_site.repo("model", "tester/mine").head.blobs


def test_a_file_that_changed_on_its_way_is_refused(hub_site: Site) -> None:
    answer = httpx2.put(f"{hub_site.url}/lfs/{'0' * 64}", content=iter([b"ab", b"c"]))
    assert answer.status_code == 400
    assert not hub_site.uploaded
