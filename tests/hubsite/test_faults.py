import time
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi, constants, hf_hub_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RemoteEntryNotFoundError

from tests.hubsite.content import big_jsonl
from tests.hubsite.site import Site, serving


def _mail(site: Site) -> str:
    big = big_jsonl(2_000)
    site.add_repo("dataset", "me/mail", {"a.jsonl": big.read(0, big.size)})
    return f"{site.url}/datasets/me/mail/resolve/main/a.jsonl"


@pytest.mark.parametrize("kind", ["401", "403", "404", "429", "500", "503"])
def test_refusals(hub_site: Site, kind: str) -> None:
    _mail(hub_site)
    hub_site.faults.add(kind, "GET /api/datasets/me/mail", first=1)
    expected = {"403": GatedRepoError, "404": RemoteEntryNotFoundError}.get(kind, HfHubHTTPError)
    with pytest.raises(expected, match=kind):
        HfApi().dataset_info("me/mail")
    assert HfApi().dataset_info("me/mail").id == "me/mail"
    assert [entry.status for entry in hub_site.requests] == [int(kind), 200]


def test_a_limit_says_when_to_come_back(hub_site: Site) -> None:
    _mail(hub_site)
    hub_site.faults.add("429", "/api/datasets", value=7)
    answer = httpx2.get(f"{hub_site.url}/api/datasets")
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["ratelimit"] == '"api";r=0;t=7'


def test_a_list_is_tried_again_and_comes(hub_site: Site) -> None:
    _mail(hub_site)
    hub_site.faults.add("503", "GET /api/datasets", first=1)
    assert [info.id for info in HfApi().list_datasets()] == ["me/mail"]


def test_a_download_that_was_cut_goes_on_where_it_was(hub_site: Site) -> None:
    big = big_jsonl(200_000)
    hub_site.add_repo("dataset", "me/big", {"a.jsonl": big})
    hub_site.faults.add("cut", "GET /cdn/", first=1)
    path = Path(hf_hub_download("me/big", "a.jsonl", repo_type="dataset"))
    assert path.read_bytes() == big.read(0, big.size)
    first, second = hub_site.requests.matching("GET /cdn/")
    assert first.bytes == big.size // 2
    # The client keeps whole chunks only.
    kept = constants.DOWNLOAD_CHUNK_SIZE
    assert (second.span, second.bytes) == (f"bytes={kept}-", big.size - kept)


def test_slow_and_silent_answers(hub_site: Site) -> None:
    address = _mail(hub_site)
    hub_site.faults.add("slow", first=1, value=0.3)
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.get(address, timeout=0.1)
    hub_site.faults.clear()
    hub_site.faults.add("hang", value=0.2)
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(address, timeout=5)
    assert hub_site.requests[-1].status == 0


def test_a_site_ends_though_it_hangs() -> None:
    start = time.monotonic()
    with serving() as site:
        address = _mail(site)
        site.faults.add_line("hang:1:60@/resolve/")
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.get(address, timeout=0.1)
    assert time.monotonic() - start < 10


def test_a_share_hits_the_same_requests_each_time() -> None:
    def statuses(seed: int) -> list[int]:
        with serving(Site(seed=seed)) as site:
            site.faults.add_line("503:0.3")
            with httpx2.Client(base_url=site.url) as client:
                return [client.get("/api/models").status_code for _ in range(60)]

    first = statuses(1)
    assert first == statuses(1) != statuses(2)
    assert 5 < first.count(503) < 35
    assert set(first) == {200, 503}


def test_an_unknown_fault_is_refused(hub_site: Site) -> None:
    with pytest.raises(ValueError, match="no fault 'boom'"):
        hub_site.faults.add_line("boom:0.5")
