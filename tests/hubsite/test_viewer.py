import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.hubsite.content import big_jsonl
from tests.hubsite.site import Site, serving

Json = dict[str, Any]


def ask(site: Site, verb: str, status: int = 200, **wanted: str) -> Json:
    answer = httpx2.get(f"{site.url}/viewer/{verb}", params=wanted)
    assert answer.status_code == status, answer.text
    content: Json = answer.json()
    return content


def test_what_it_says_about_a_set_of_the_catalogue(hub_site: Site, shared: Path) -> None:
    hub_site.add_datasets(shared / "catalogue")
    name = "google-research-datasets/go_emotions"
    assert ask(hub_site, "is-valid", dataset=name)["preview"]
    splits = ask(hub_site, "splits", dataset=name)["splits"]
    assert splits[0] == {"dataset": name, "config": "ekman", "split": "train"}
    rows = ask(hub_site, "first-rows", **splits[0])
    assert [f["name"] for f in rows["features"]] == ["text", "labels", "id"]
    kind = rows["features"][1]["type"]
    assert (kind["_type"], kind["feature"]["_type"]) == ("List", "ClassLabel")
    assert kind["feature"]["names"][0] == "anger"
    assert len(rows["rows"]) == 100
    assert rows["truncated"]
    assert rows["rows"][1]["row_idx"] == 1
    assert isinstance(rows["rows"][0]["row"]["labels"][0], int)
    size = ask(hub_site, "size", dataset=name)["size"]
    assert size["dataset"]["num_rows"] == 43_410 + 5_426 + 5_427
    assert size["splits"][1]["num_rows"] == 5_426
    info = ask(hub_site, "info", dataset=name, config="ekman")["dataset_info"]
    assert info["splits"]["test"]["num_examples"] == 5_427
    assert info["features"]["id"] == {"dtype": "string", "_type": "Value"}


def test_every_set_of_the_catalogue_can_be_viewed(hub_site: Site, shared: Path) -> None:
    hub_site.add_datasets(shared / "catalogue")
    for _, name in list(hub_site.repos):
        assert ask(hub_site, "is-valid", dataset=name)["viewer"], name


def test_long_rows_are_dropped_or_cut(hub_site: Site) -> None:
    def first_rows(name: str, length: int) -> Json:
        lines = [json.dumps({"id": i, "text": "x" * length}) for i in range(50)]
        hub_site.add_repo("dataset", name, {"train.jsonl": "\n".join(lines).encode()})
        return ask(hub_site, "first-rows", dataset=name, config="default", split="train")

    short = first_rows("me/short", 10)
    assert (len(short["rows"]), short["truncated"]) == (50, False)
    long = first_rows("me/long", 50_000)
    assert (len(long["rows"]), long["truncated"]) == (19, True)
    assert not long["rows"][-1]["truncated_cells"]
    huge = first_rows("me/huge", 300_000)["rows"]
    assert len(huge) == 10
    assert huge[-1]["truncated_cells"] == ["text"]
    assert huge[-1]["row"] == {"id": 9, "text": '"' + "x" * 99}
    assert not huge[0]["truncated_cells"]


def test_a_set_too_large_is_only_previewed(hub_site: Site) -> None:
    hub_site.add_repo("dataset", "me/big", {"train.jsonl": big_jsonl(40_000_000)})
    valid = ask(hub_site, "is-valid", dataset="me/big")
    assert (valid["preview"], valid["viewer"]) == (True, False)
    rows = ask(hub_site, "first-rows", dataset="me/big", config="default", split="train")
    assert len(rows["rows"]) == 100
    size = ask(hub_site, "size", dataset="me/big")
    assert (size["partial"], size["size"]["dataset"]["num_rows"]) == (True, 40_000_000)


def test_what_it_cannot_show(hub_site: Site) -> None:
    hub_site.add_repo("dataset", "me/script", {"script.py": b"", "a.csv": b"a\n1\n"})
    hub_site.add_repo("dataset", "me/empty", {"README.md": b""})
    hub_site.add_repo("dataset", "me/broken", {"train.parquet": b"PAR1"})
    hub_site.add_repo("dataset", "me/secret", {"a.csv": b"a\n1\n"}, private=True)
    for name, status in (("script", 501), ("empty", 500), ("secret", 401), ("gone", 401)):
        assert "error" in ask(hub_site, "splits", status, dataset=f"me/{name}")
    assert not ask(hub_site, "is-valid", dataset="me/broken")["preview"]
    ask(hub_site, "first-rows", 500, dataset="me/broken", config="default", split="train")
    ask(hub_site, "first-rows", 404, dataset="me/broken", config="default", split="dev")
    ask(hub_site, "first-rows", 422, dataset="me/broken")
    ask(hub_site, "statistics", 404, dataset="me/broken")


def test_mirrors_have_none() -> None:
    with serving(Site(viewer=False)) as site:
        site.add_repo("dataset", "me/table", {"a.csv": b"a\n1\n"})
        assert "error" in ask(site, "splits", 404, dataset="me/table")


@pytest.mark.parametrize(
    ("files", "splits"),
    [
        (("data/train-0.csv", "data/dev.csv"), {"train", "validation"}),
        (("test/a.csv", "train/a.csv"), {"train", "test"}),
        (("constrained.csv",), {"train"}),
    ],
)
def test_splits_by_name(hub_site: Site, files: tuple[str, ...], splits: set[str]) -> None:
    hub_site.add_repo("dataset", "me/table", dict.fromkeys(files, b"a,b\n1,x\n"))
    assert {s["split"] for s in ask(hub_site, "splits", dataset="me/table")["splits"]} == splits
