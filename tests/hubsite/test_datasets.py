from pathlib import Path

import datasets  # noqa: TID253
import pytest

from tests.hubsite.content import LINE_BYTES, PHRASES, big_jsonl
from tests.hubsite.site import Site


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_datasets_loads_and_streams_the_catalogue(hub_site: Site, shared: Path) -> None:
    hub_site.add_datasets(shared / "catalogue")
    small = datasets.load_dataset("clinc/clinc_oos", "small", split="validation")
    assert small.num_rows == 3100
    rows = datasets.load_dataset("PolyAI/banking77", split="test", streaming=True)
    assert next(iter(rows)) == {"text": "How do I locate my card?", "label": 11}
    hub_site.requests.clear()
    again = datasets.load_dataset("clinc/clinc_oos", "small", split="validation")
    assert again.num_rows == 3100
    assert not hub_site.requests.bytes_of(r"GET /cdn/")


def test_a_file_of_five_gigabytes_is_streamed_from_the_start(hub_site: Site) -> None:
    big = big_jsonl(40_000_000)
    assert big.size > 5_000_000_000
    hub_site.add_repo("dataset", "me/big", {"train.jsonl": big})
    rows = datasets.load_dataset("me/big", split="train", streaming=True)
    seen = [row for row, _ in zip(rows, range(200), strict=False)]
    assert {row["label"] for row in seen[:4]} == set(PHRASES)
    assert len({row["text"] for row in seen}) == 200
    assert hub_site.requests.bytes_of() < 100_000_000


def test_any_range_of_a_big_file_is_the_same() -> None:
    big = big_jsonl(50)
    whole = big.read(0, big.size)
    assert len(whole) == big.size == 50 * LINE_BYTES
    assert all(whole[i : i + 77] == big.read(i, min(i + 77, big.size)) for i in range(0, 6400, 77))
    assert big_jsonl(50, seed=1).read(0, big.size) != whole
