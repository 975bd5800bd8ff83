import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from datasets import ClassLabel, load_dataset
from huggingface_hub import DatasetCard, ModelCard

from agent.errors import UserError
from agent.export import export
from agent.export.cards import model_card
from agent.export.finished import Finished, Request, read_finished
from agent.export.hub import export as export_run
from agent.export.rows import COLUMNS, select
from agent.runs import Run, Status
from tests.hubsite.metadata import findings
from tools.examples import Example


@pytest.fixture(scope="session")
def folders(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a dry run writes."""
    place = tmp_path_factory.mktemp("dry")
    lines = export(run, "hub", Request("me/parcels", dry_run=True, folder=place))
    assert lines == [str(place / "parcels-data"), str(place / "parcels")]
    return place


def test_nothing_else_is_written_and_no_part_is_left(folders: Path) -> None:
    assert sorted(path.name for path in folders.iterdir()) == ["parcels", "parcels-data"]


def test_rows_are_read_back_with_their_types(folders: Path, done: Finished, tmp_path: Path) -> None:
    data = load_dataset(str(folders / "parcels-data"), cache_dir=str(tmp_path))
    train = data["train"]
    assert tuple(train.column_names) == COLUMNS
    assert isinstance(train.features["output"], ClassLabel)
    label = train.features["output"].int2str
    read = {(row["input"], label(row["output"]), *list(row.values())[2:]) for row in train}
    chosen = select(done, my_rows=False).rows["train"]
    assert read == {tuple(getattr(row, name) for name in COLUMNS) for row in chosen}


def test_own_rows_stay_at_home_unless_asked_for(done: Finished) -> None:
    chosen = select(done, my_rows=False)
    assert "test" not in chosen.rows
    assert all("user" not in (e.source, *e.licence.split()) for e in chosen.examples)
    everything = select(done, my_rows=True)
    assert len(everything.examples) == sum(map(len, done.rows.values()))
    assert len(chosen.examples) + chosen.left_out["own"] == len(everything.examples)
    assert len(everything.rows["test"]) == done.report["test"]["n"]


def with_rows(done: Finished, *licences: str, source: str = "a/b") -> Finished:
    rows = [
        Example(f"text {i}", "refund_request", "train", source, licence, "retrieved")
        for i, licence in enumerate(licences)
    ]
    return replace(done, rows={"train": rows})


def test_what_may_not_be_passed_on_never_is(done: Finished) -> None:
    odd = with_rows(done, "mit", "other", "cc-by-nd-4.0", "mit AND gemma", "cc-by-nc-4.0")
    chosen = select(odd, my_rows=True)
    assert [example.licence for example in chosen.examples] == ["mit", "cc-by-nc-4.0"]
    assert chosen.left_out == {"unknown": 3}


def test_rows_of_closed_sources_stay_and_what_was_made_of_them(done: Finished) -> None:
    data = done.report["data"] | {"closed": ["a/closed"]}
    rows = [
        Example("a", "x", "train", "a/closed", "mit", "retrieved", id=1),
        Example("b", "x", "train", "a/open", "mit", "retrieved", id=2),
        Example("c", "x", "train", "teacher", "mit", "synthetic", id=3, parents=(1, 2)),
        Example("d", "x", "train", "teacher", "mit", "synthetic", id=4, parents=(3,)),
        Example("e", "x", "train", "teacher", "mit", "synthetic", id=5, parents=(2,)),
        # What became of its parent is not known any more.
        Example("f", "x", "train", "teacher", "mit", "synthetic", id=7, parents=(6,)),
        Example("g", "x", "train", "teacher", "mit", "synthetic", id=8, group="a/closed@x/train/1"),
    ]
    mixed = replace(done, report=done.report | {"data": data}, rows={"train": rows})
    chosen = select(mixed, my_rows=True)
    assert [example.id for example in chosen.examples] == [2, 5]
    assert chosen.left_out == {"closed": 5}
    without = replace(mixed, report=done.report)
    assert len(select(without, my_rows=True).examples) == len(rows)


def test_rows_from_the_task_alone_are_no_secret(done: Finished) -> None:
    """Where no row is the user's own, `user` only says that the task's text was used."""
    written = with_rows(done, "user", source="offline-teacher")
    assert len(select(written, my_rows=False).examples) == 1


@pytest.mark.parametrize("name", ["parcels", "parcels-data"])
def test_the_hub_would_take_the_cards(folders: Path, name: str) -> None:
    content = (folders / name / "README.md").read_text(encoding="utf-8")
    kind = "dataset" if name.endswith("data") else "model"
    assert findings(content, kind) == ([], [])
    assert "{{" not in content
    assert "None" not in content
    assert not re.search(r"\n{3}", content)


def test_the_models_card(folders: Path, done: Finished) -> None:
    card = ModelCard.load(folders / "parcels" / "README.md")
    about = card.data.to_dict()
    assert about["license"] == "apache-2.0"
    assert about["base_model"] == "sentence-transformers/all-MiniLM-L6-v2"
    # A data set out of a folder has no page at the Hub.
    assert about["datasets"] == ["me/parcels-data"]
    (result,) = card.data.eval_results
    test = done.report["test"]
    assert result.metric_value == round(test["value"], 4)
    assert f"{test['ci95'][0]:.3f} to {test['ci95'][1]:.3f}, n = 80" in str(result.metric_name)
    for words in (
        "hotelgast/reviews_sentiment (cc-by-4.0)",
        "not legal advice",
        "P(better)",
        "tests.fakes:KeywordMethod",
        "Planner: rules",
        "me/parcels-data",
    ):
        assert words in card.text  # fmt: skip


def test_the_datas_card(folders: Path) -> None:
    card = DatasetCard.load(folders / "parcels-data" / "README.md")
    about = card.data.to_dict()
    assert about["license"] == ["apache-2.0", "cc-by-4.0"]
    assert about["task_categories"] == ["text-classification"]
    assert "the owner's or made from those" in card.text
    assert "Where is my parcel → where_is_my_parcel" in card.text


def test_nothing_of_this_machine_leaves_it(run: Run, folders: Path) -> None:
    for path in folders.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (str(run.folder), str(Path.home()), str(folders)):
                assert secret.encode() not in content, path


def test_a_second_dry_run_replaces_the_first(run: Run, tmp_path: Path) -> None:
    request = Request("parcels", dry_run=True, folder=tmp_path)
    export(run, "hub", request)
    (tmp_path / "parcels" / "stale.txt").write_text("old")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    export(run, "hub", replace(request, data=False))
    after = {p: p.read_bytes() for p in (tmp_path / "parcels").rglob("*") if p.is_file()}
    assert tmp_path / "parcels" / "stale.txt" not in after
    assert after.keys() < before.keys()


def test_a_folder_that_is_not_ours_stays(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "parcels" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(UserError, match="holds something else"):
        export(run, "hub", Request("parcels", dry_run=True, folder=tmp_path))
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["../up", "/etc", "a/b/c", "a//b", "", "-a", "a--b", "a..b", "a.git", "ä", "x" * 95]
)
def test_names_that_the_hub_does_not_take(run: Run, tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="is no name for a repository"):
        export(run, "hub", Request(name, dry_run=True, folder=tmp_path))
    assert not list(tmp_path.iterdir())


def test_no_such_target(run: Run) -> None:
    with pytest.raises(UserError, match="none of the targets: hub"):
        export(run, "floppy", Request("a"))


def copy_of(run: Run, folder: Path, **report: object) -> Run:
    folder.mkdir()
    for name in ("run.json", "report.json"):
        (folder / name).write_bytes((run.folder / name).read_bytes())
    if report:
        (folder / "report.json").write_text(json.dumps((run.report or {}) | report))
    return Run(folder)


def test_runs_without_a_model_are_refused(run: Run, tmp_path: Path) -> None:
    for name, report, words in (
        ("failed", {"student": None}, "has no model: "),
        ("old", {"data": {}}, "says nothing of licences"),
    ):
        with pytest.raises(UserError, match=words):
            read_finished(copy_of(run, tmp_path / name, **report))
    unfinished = copy_of(run, tmp_path / "unfinished")
    (unfinished.folder / "report.json").unlink()
    with pytest.raises(UserError, match="has not ended"):
        read_finished(unfinished)
    with pytest.raises(UserError, match=r"manifest\.json is missing"):
        read_finished(copy_of(run, tmp_path / "lost"))


@pytest.mark.parametrize("status", ["waiting", "running", "failed", "interrupted"])
def test_what_goes_on_since_its_report_is_not_published_with_it(
    run: Run, tmp_path: Path, status: Status
) -> None:
    copy = copy_of(run, tmp_path / "again")
    copy.update(status=status)
    with pytest.raises(UserError, match="has gone beyond its report"):
        read_finished(copy)


def test_weights_in_subfolders_go_along(done: Finished, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(done.model, model)
    for name in ("encoder/layers/a.safetensors", "encoder/README.md", ".cache/left", "a/.hidden"):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_text(name)
    request = Request("parcels", dry_run=True, folder=tmp_path / "out", data=False)
    export_run(replace(done, model=model), request)
    folder = tmp_path / "out" / "parcels"
    for name in ("encoder/layers/a.safetensors", "encoder/README.md"):
        assert (folder / name).read_text() == name
    assert not (folder / ".cache").exists()
    assert not (folder / "a").exists()
    assert (folder / "README.md").read_text().startswith("---")


def test_a_disk_that_takes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write to"):
        export(run, "hub", Request("a", dry_run=True, folder=tmp_path / "file"))


def test_a_model_alone(run: Run, tmp_path: Path) -> None:
    export(run, "hub", Request("parcels", dry_run=True, folder=tmp_path, data=False))
    assert [path.name for path in tmp_path.iterdir()] == ["parcels"]
    card = (tmp_path / "parcels" / "README.md").read_text(encoding="utf-8")
    assert "parcels-data" not in card
    assert "datasets" not in yaml.safe_load(card.split("---")[1])


def test_a_data_set_of_the_hub_is_linked(done: Finished) -> None:
    imports = [one | {"revision": "a" * 40} for one in done.report["data"]["imports"]]
    data = done.report["data"] | {"imports": imports}
    linked = replace(done, report=done.report | {"data": data})
    chosen = select(linked, my_rows=False)
    card = model_card(linked, "me/parcels", "me/parcels-data", chosen)
    about = yaml.safe_load(card.split("---")[1])
    assert about["datasets"] == ["swiftpost/helpdesk_messages", "me/parcels-data"]
