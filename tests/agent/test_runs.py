import json
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest

from agent.errors import UserError
from agent.runs import Run, create, find, list_runs, write_manifest


def test_a_folder_is_a_run_only_once_its_manifest_is_there(tmp_path: Path) -> None:
    run = create(tmp_path, "Sort messages: Ärger!")
    assert list_runs(tmp_path) == []
    write_manifest(run, "Sort messages", {"seed": 1})
    assert [r.id for r in list_runs(tmp_path)] == [run.id]
    assert run.id.startswith("sort-messages-")
    assert run.manifest["settings"] == {"seed": 1}
    assert run.report is None


def test_runs_that_draw_the_same_name_get_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, drawn = datetime(2026, 1, 1, tzinfo=UTC), iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("agent.runs.datetime", Mock(now=lambda _zone: now))
    monkeypatch.setattr("agent.runs.secrets.token_hex", lambda _bytes: next(drawn))
    made = [create(tmp_path, "task").id for _ in range(2)]
    assert made == ["task-0101-000000-aaaa", "task-0101-000000-bbbb"]


def test_a_run_cannot_be_made_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for name in ("file", "nowhere"):
        with pytest.raises(UserError, match="choose another --out"):
            create(tmp_path / name, "task")


def test_find_by_id_prefix_path_or_last(tmp_path: Path) -> None:
    first, second = create(tmp_path, "alpha"), create(tmp_path, "beta")
    for run in (first, second):
        write_manifest(run, "t", {})
    assert find(tmp_path, first.id) == first
    assert find(tmp_path, "bet") == second
    assert find(tmp_path, str(first.folder)) == first
    assert find(tmp_path, "last").id in (first.id, second.id)


def test_unknown_and_ambiguous_runs_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no run 'x'"):
        find(tmp_path, "x")
    for _ in range(2):
        write_manifest(create(tmp_path, "same task"), "t", {})
    with pytest.raises(UserError, match="fits 2 runs"):
        find(tmp_path, "same")


def test_damaged_manifest_names_the_file(tmp_path: Path) -> None:
    run = create(tmp_path, "t")
    write_manifest(run, "t", {})
    (run.folder / "run.json").write_text("{")
    with pytest.raises(UserError, match=r"run\.json cannot be read"):
        _ = run.manifest
    (run.folder / "run.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(UserError, match="another format"):
        _ = run.manifest


@pytest.mark.parametrize(
    ("file", "text", "match"),
    [
        ("run.json", "[]", "holds no object"),
        ("run.json", '{"format": 1}', "lacks task, created, status"),
        ("run.json", "", r"run\.json cannot be read"),
        ("report.json", '{"status":', r"report\.json cannot be read"),
        ("report.json", '{"status": "done"}', "lacks task, test"),
    ],
)
def test_a_damaged_run_hides_no_other(tmp_path: Path, file: str, text: str, match: str) -> None:
    damaged, whole = create(tmp_path, "a"), create(tmp_path, "b")
    for run in (damaged, whole):
        write_manifest(run, "t", {})
    (damaged.folder / file).write_text(text)
    assert {run.id: run.summary()["status"] for run in list_runs(tmp_path)} == {
        damaged.id: "damaged",
        whole.id: "interrupted",
    }
    with pytest.raises(UserError, match=match):
        _ = damaged.manifest, damaged.report


def test_a_run_that_is_renamed_keeps_its_thread(tmp_path: Path) -> None:
    run = create(tmp_path, "t")
    write_manifest(run, "t", {})
    renamed = Run(run.folder.rename(tmp_path / "my best one"))
    assert renamed.id == "my best one"
    assert renamed.thread == run.id


def test_update_keeps_the_rest(tmp_path: Path) -> None:
    run = create(tmp_path, "t")
    write_manifest(run, "t", {"seed": 3})
    run.update(status="done")
    assert run.manifest["status"] == "done"
    assert run.manifest["settings"] == {"seed": 3}


def test_one_writer_a_run(tmp_path: Path) -> None:
    run = create(tmp_path, "t")
    with run.lock(), pytest.raises(UserError, match="in use"), run.lock():
        pass


def test_unwritable_directory_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UserError, match="cannot write to"):
        create(file, "t")
