from pathlib import Path

import pytest

from tests.tools.hub.makers import class_card, write_set
from tools.hub.catalogue import LocalCatalogue
from tools.services import ToolError
from tools.sources import DataSource

ROWS = [{"text": f"message number {i}", "label": i % 2} for i in range(20)]
CARD = class_card("text", "label", ["ham", "spam"], pretty_name="Mail")


def _open(root: Path) -> tuple[LocalCatalogue, list[str]]:
    warnings: list[str] = []
    return LocalCatalogue(root, root / ".cache", warnings.append), warnings


def test_describes_and_streams_a_set(tmp_path: Path) -> None:
    write_set(tmp_path, "me/mail", {"train": ROWS, "test": ROWS[:4]}, CARD)
    catalogue, warnings = _open(tmp_path)
    (info,) = catalogue.infos()
    assert isinstance(catalogue, DataSource)
    assert (info.repo_id, info.config, info.title) == ("me/mail", "default", "Mail")
    assert dict(info.columns) == {"text": "string", "label": "class_label"}
    assert info.label_names["label"] == ("ham", "spam")
    assert dict(info.splits) == {"train": 20, "test": 4}
    assert list(catalogue.rows(info, "train")) == ROWS
    assert not warnings
    with pytest.raises(ToolError, match="no split 'dev'"):
        catalogue.rows(info, "dev")


def test_revision_follows_the_files(tmp_path: Path) -> None:
    folder = write_set(tmp_path, "me/mail", {"train": ROWS}, CARD)
    before = _open(tmp_path)[0].infos()[0].revision
    assert _open(tmp_path)[0].infos()[0].revision == before
    (folder / "data" / "train.jsonl").write_text('{"text": "a", "label": 0}\n')
    assert _open(tmp_path)[0].infos()[0].revision != before


def test_configs_and_formats(tmp_path: Path) -> None:
    configs = [
        {"config_name": "x", "data_files": "data/a.jsonl"},
        {"config_name": "y", "data_files": [{"split": "dev", "path": "data/b*"}]},
    ]
    write_set(tmp_path, "me/two", {"a": ROWS, "b": ROWS[:2]}, {"configs": configs})
    folder = write_set(tmp_path, "me/csv", {})
    (folder / "data" / "train.csv").write_text("text,kind\none two,p\nthree four,q\n")
    catalogue, warnings = _open(tmp_path)
    table, first, second = catalogue.infos()
    assert dict(first.splits) == {"train": 20}
    assert dict(second.splits) == {"dev": 2}
    assert list(catalogue.rows(second, "dev")) == ROWS[:2]
    assert list(catalogue.rows(table, "train"))[1] == {"text": "three four", "kind": "q"}
    assert not warnings


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (
            {"configs": [{"config_name": "x", "data_files": "https://evil.example/a.csv"}]},
            "outside",
        ),
        ({"configs": [{"config_name": "x", "data_files": "../../other/*.jsonl"}]}, "outside"),
        ({"configs": [{"config_name": "x", "data_files": "/etc/*.csv"}]}, "outside"),
        ({"configs": [{"config_name": "x", "data_dir": "../.."}]}, "outside"),
        ({"configs": [{"config_name": "x", "data_files": "gone/*.jsonl"}]}, "no file matches"),
        ({"configs": ["x"]}, "not a list of mappings"),
        (class_card("text", "other", ["a", "b"]), "don't match"),
        ({"dataset_info": {"features": [{"name": "text", "list": 3}]}}, "cannot be read"),
    ],
)
def test_a_bad_card_costs_one_warning_and_no_other_set(
    tmp_path: Path, card: dict[str, object], reason: str
) -> None:
    write_set(tmp_path, "me/bad", {"train": ROWS}, card)
    write_set(tmp_path, "me/good", {"train": ROWS}, CARD)
    catalogue, warnings = _open(tmp_path)
    assert [info.repo_id for info in catalogue.infos()] == ["me/good"]
    assert len(warnings) == 1
    assert "me/bad" in warnings[0]
    assert reason in warnings[0]
    assert "\n" not in warnings[0]


def test_broken_files_are_skipped(tmp_path: Path) -> None:
    (write_set(tmp_path, "me/script", {"train": ROWS}) / "script.py").write_text("boom")
    (write_set(tmp_path, "me/yaml", {"train": ROWS}) / "README.md").write_text("---\na: [\n---\n")
    (write_set(tmp_path, "me/empty", {}))
    cut = write_set(tmp_path, "me/cut", {})
    (cut / "data" / "train-00000-of-00001.parquet").write_bytes(b"PAR1 and then nothing")
    (write_set(tmp_path, "me/json", {}) / "data" / "train.jsonl").write_text('{"a": \n[[[')
    write_set(tmp_path, "me/good", {"train": ROWS}, CARD)
    catalogue, warnings = _open(tmp_path)
    assert [info.repo_id for info in catalogue.infos()] == ["me/good"]
    assert sorted(w.split(":")[0] for w in warnings) == [
        f"skipped data set me/{name}" for name in ("cut", "empty", "json", "script", "yaml")
    ]


def test_links_out_of_the_repository_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_text('{"text": "x", "label": 0}\n')
    folder = write_set(tmp_path / "root", "me/link", {})
    (folder / "data" / "train.jsonl").symlink_to(secret)
    catalogue, warnings = _open(tmp_path / "root")
    assert not catalogue.infos()
    assert "link out" in warnings[0]


def test_the_shared_catalogue_is_read_whole(shared: Path, tmp_path: Path) -> None:
    warnings: list[str] = []
    catalogue = LocalCatalogue(shared / "catalogue", tmp_path, warnings.append)
    infos = {f"{info.repo_id}@{info.config}": info for info in catalogue.infos()}
    assert not warnings
    assert len(infos) == 62
    assert infos["benayas/snips@default"].label_names["category"][0] == "AddToPlaylist"
    assert infos["google-research-datasets/go_emotions@ekman"].columns["labels"] == (
        "list<class_label>"
    )
    assert infos["clinc/clinc_oos@full"].splits["train"] == 15_100
