import os
import pty
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from datasets import load_dataset
from huggingface_hub import snapshot_download

from agent.cli import main
from agent.errors import UserError
from agent.export import export
from agent.export.finished import Request
from agent.runs import Run
from tests.agent.light_run import PARTS
from tests.hubsite.repo import Kind
from tests.hubsite.site import Site
from tools.students.loading import load_student

YES = Request("parcels", yes=True)
MODEL: tuple[Kind, str] = ("model", "tester/parcels")
DATA: tuple[Kind, str] = ("dataset", "tester/parcels-data")


def push(run: Run, request: Request, folder: Path) -> list[str]:
    return export(run, "hub", replace(request, folder=folder))


def test_model_and_data_arrive_private_and_whole(run: Run, hub: Site, tmp_path: Path) -> None:
    urls = push(run, YES, tmp_path / "out")
    assert urls == [f"{hub.url}/datasets/tester/parcels-data", f"{hub.url}/tester/parcels"]
    assert hub.repo(*MODEL).private
    assert hub.repo(*DATA).private
    rows = load_dataset("tester/parcels-data", cache_dir=str(tmp_path / "cache"))
    assert set(rows) == {"train", "validation"}
    assert rows["train"].features["output"].names[0] == "where_is_my_parcel"
    folder = Path(snapshot_download("tester/parcels"))
    report = run.report
    assert report
    methods = [*PARTS.methods.values()]
    mine = load_student(run.folder / "models" / report["student"]["id"], methods)
    texts = rows["train"]["input"][:20]
    assert load_student(folder, methods).predict(texts) == mine.predict(texts)
    assert "tester/parcels-data" in (folder / "README.md").read_text(encoding="utf-8")


def test_public_only_when_asked(run: Run, hub: Site, tmp_path: Path) -> None:
    push(run, replace(YES, public=True), tmp_path)
    assert not hub.repo(*MODEL).private
    with pytest.raises(UserError, match="exists and is public; run this with --public"):
        push(run, YES, tmp_path)


def test_private_stays_private(run: Run, hub: Site, tmp_path: Path) -> None:
    push(run, YES, tmp_path)
    with pytest.raises(UserError, match="exists and is private; run this without --public"):
        push(run, replace(YES, public=True), tmp_path)
    assert hub.repo(*DATA).private


def test_again_changes_nothing_and_removes_what_is_stale(
    run: Run, hub: Site, tmp_path: Path
) -> None:
    push(run, YES, tmp_path)
    before = hub.repo(*MODEL).sha, hub.repo(*DATA).sha
    push(run, YES, tmp_path)
    assert (hub.repo(*MODEL).sha, hub.repo(*DATA).sha) == before
    hub.change(hub.repo(*MODEL), {"old.bin": b"old"})
    push(run, YES, tmp_path)
    assert "old.bin" not in hub.repo(*MODEL).head.blobs
    assert "README.md" in hub.repo(*MODEL).head.blobs


def test_a_repository_of_someone_elses_making_stays(run: Run, hub: Site, tmp_path: Path) -> None:
    theirs = hub.add_repo("model", "tester/parcels", {"thesis.txt": b"mine"}, private=True)
    with pytest.raises(UserError, match="holds files that Tasksmith did not write"):
        push(run, YES, tmp_path)
    assert DATA not in hub.repos
    assert set(theirs.head.blobs) == {"thesis.txt"}


def test_an_empty_repository_is_taken(run: Run, hub: Site, tmp_path: Path) -> None:
    hub.add_repo("model", "tester/parcels", {".gitattributes": b""}, private=True)
    push(run, YES, tmp_path)
    assert "README.md" in hub.repo(*MODEL).head.blobs


def test_after_a_failure_the_same_command_goes_on(run: Run, hub: Site, tmp_path: Path) -> None:
    hub.faults.add("503", "POST /api/models/tester/parcels/commit")
    with pytest.raises(UserError, match="answered 503; repeat the command later"):
        push(run, YES, tmp_path)
    data = hub.repo(*DATA).sha
    assert "README.md" not in hub.repo(*MODEL).head.blobs
    hub.faults.clear()
    push(run, YES, tmp_path)
    assert hub.repo(*DATA).sha == data
    assert "README.md" in hub.repo(*MODEL).head.blobs


@pytest.mark.parametrize(
    ("fault", "where", "words"),
    [
        ("503", "whoami", "answered 503"),
        ("429", "POST /api/repos/create", "asks to wait"),
        ("cut", "whoami", "cannot be reached|answered"),
        ("500", "POST /api/validate-yaml", "answered 500"),
    ],
)
def test_trouble_is_one_line(
    run: Run, hub: Site, tmp_path: Path, fault: str, where: str, words: str
) -> None:
    hub.faults.add(fault, where)
    with pytest.raises(UserError, match=words) as caught:
        push(run, YES, tmp_path)
    assert "\n" not in str(caught.value)
    assert hub.token not in str(caught.value)
    assert caught.value.exit_code == 1


def test_tokens_that_may_not(
    run: Run, hub: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for token, repo, words in (
        ("", "parcels", "there is no token"),
        ("hf_wrong", "parcels", "does not accept the token"),
        (hub.access.new_token(), "parcels", "may not write to visitor/parcels"),
        (hub.token, "someone/parcels", "may not write to someone/parcels"),
    ):
        monkeypatch.setenv("HF_TOKEN", token)
        with pytest.raises(UserError, match=words) as caught:
            push(run, replace(YES, repo=repo), tmp_path)
        assert not token or token not in str(caught.value)
    assert not hub.repos


def test_nobody_answers(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_some")
    with pytest.raises(UserError, match="the Hub cannot be reached"):
        push(run, YES, tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="HF_HUB_OFFLINE is set"):
        push(run, YES, tmp_path)


def command(
    run: Run, *more: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `tasksmith export`."""
    line = ["tasksmith", "export", str(run.folder), "--to", "hub", "--repo", "parcels", *more]
    monkeypatch.setattr(sys, "argv", line)
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    return int(str(ended.value.code or 0)), shown.out, shown.err


def test_the_command(
    run: Run, hub: Site, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", "80")
    folder = ("--folder", str(tmp_path))
    code, out, err = command(run, *folder, capsys=capsys, monkeypatch=monkeypatch)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "tasksmith: publishing needs a yes: add --yes, or look first with --dry-run"
    ]
    assert not hub.requests
    mine = ("--dry-run", "--with-my-rows")
    code, out, err = command(run, *mine, *folder, capsys=capsys, monkeypatch=monkeypatch)
    assert (code, out.splitlines()) == (0, [str(tmp_path / n) for n in ("parcels-data", "parcels")])
    assert "80 test rows" in err
    assert "left out" not in err
    assert not hub.requests
    code, out, err = command(run, "--yes", *folder, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0
    assert out.splitlines()[-1] == f"{hub.url}/tester/parcels"
    for words in ("left out: 1", "licence apache-2.0", "credits", "(private)", "rows of your own"):
        assert words in err
    assert max(map(len, err.splitlines())) <= 80
    assert hub.token not in out + err


@pytest.mark.parametrize("answer", ["n", "yes"])
def test_on_a_terminal_it_asks(
    run: Run, hub: Site, tmp_path: Path, answer: str,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    person, terminal = pty.openpty()
    with os.fdopen(person, "w") as keyboard, os.fdopen(terminal) as stdin:
        print(answer, file=keyboard, flush=True)
        monkeypatch.setattr(sys, "stdin", stdin)
        folder = ("--folder", str(tmp_path))
        code, out, err = command(run, *folder, capsys=capsys, monkeypatch=monkeypatch)
    assert "Publish this? [y/N]" in err
    if answer == "yes":
        assert code == 0
        assert MODEL in hub.repos
    else:
        assert (code, out) == (1, "")
        assert err.splitlines()[-1].endswith("tasksmith: nothing was published")
        assert not hub.repos
