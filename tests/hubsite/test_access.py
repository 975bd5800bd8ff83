from collections.abc import Mapping

import httpx2
import pytest
from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from tests.hubsite.content import Source
from tests.hubsite.site import Site

FILES: Mapping[str, Source] = {"README.md": b"# A\n", "model.safetensors": b"weights"}


def test_a_private_repository_is_there_for_some(hub_site: Site) -> None:
    hub_site.add_repo("model", "tester/own", FILES, private=True)
    stranger = hub_site.access.new_token()
    api = HfApi()
    for token in (False, stranger):
        assert not list(api.list_models(token=token))
        with pytest.raises(RepositoryNotFoundError):
            api.model_info("tester/own", token=token)
    assert api.model_info("tester/own", token=hub_site.token).private
    hub_site.grant(stranger, "tester/own")
    assert [info.id for info in api.list_models(token=stranger)] == ["tester/own"]


def test_a_gated_repository_shows_itself_and_not_its_files(hub_site: Site) -> None:
    hub_site.add_repo("model", "big/gated", FILES, gated="manual")
    stranger = hub_site.access.new_token()
    assert HfApi().model_info("big/gated").gated == "manual"
    assert not list(HfApi().list_models(gated=False))
    for token, status in ((False, 401), (stranger, 403)):
        with pytest.raises(GatedRepoError) as caught:
            hf_hub_download("big/gated", "README.md", token=token)
        assert caught.value.response.status_code == status
    hub_site.grant(stranger, "big/gated")
    hf_hub_download("big/gated", "model.safetensors", token=stranger)
    (sent,) = hub_site.requests.matching("GET /cdn/")
    assert sent.bytes == len(b"weights")


def test_tokens_that_nobody_gave_out_are_refused(hub_site: Site) -> None:
    hub_site.add_repo("model", "big/open", FILES)
    with pytest.raises(HfHubHTTPError, match="Invalid credentials"):
        HfApi().model_info("big/open", token="hf_made_up")
    assert HfApi().whoami(token=hub_site.token)["name"] == hub_site.user
    assert "hf_" not in repr(hub_site.requests)


def test_the_store_wants_an_address_that_was_given_out_and_no_token(hub_site: Site) -> None:
    repo = hub_site.add_repo("model", "big/open", FILES)
    address = httpx2.get(f"{hub_site.url}/big/open/resolve/main/model.safetensors").headers[
        "location"
    ]
    assert httpx2.get(address).content == b"weights"
    assert httpx2.get(address.split("?")[0]).status_code == 403
    bearer = {"Authorization": f"Bearer {hub_site.token}"}
    assert httpx2.get(address, headers=bearer).status_code == 403
    etag = f'"{repo.head.blobs["model.safetensors"].sha256}"'
    assert httpx2.get(address, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    ("span", "status", "content"),
    [
        ("bytes=0-3", 206, b"# A\n"),
        ("bytes=2-2", 206, b"A"),
        ("bytes=2-", 206, b"A\n"),
        ("bytes=-1", 206, b"\n"),
        ("bytes=2-99", 206, b"A\n"),
        ("lines=1", 200, b"# A\n"),
    ],
)
def test_ranges(hub_site: Site, span: str, status: int, content: bytes) -> None:
    hub_site.add_repo("model", "big/open", FILES)
    address = f"{hub_site.url}/big/open/resolve/main/README.md"
    answer = httpx2.get(address, headers={"Range": span})
    assert (answer.status_code, answer.content) == (status, content)
    beyond = httpx2.get(address, headers={"Range": "bytes=4-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */4")
