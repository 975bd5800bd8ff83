"""Whole runs that find their data at the Hub."""

from pathlib import Path
from typing import Any

import pytest

from agent.app import finish, resume, run
from agent.errors import UserError
from agent.settings import Settings
from tests.agent.light_run import PARTS, ROOT
from tests.hubsite.site import Site

CATALOGUE = ROOT / "examples" / "catalogue"
TASK = "Sort messages to a parcel company's help desk by topic."


def report(out: Path, *datasets: str) -> tuple[dict[str, Any], list[str]]:
    """Do the task with cold caches; return the report and what was said on the way."""
    settings = Settings(
        out=out / "runs", cache=out / "cache", datasets=datasets, student="keywords", max_rounds=1
    )
    said: list[str] = []
    return finish(run(TASK, settings, services=PARTS), lambda event: said.append(event.text)), said


def test_the_hub_gives_what_the_folder_gives(
    hub_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKSMITH_VIEWER_URL", f"{hub_site.url}/viewer")
    hub_site.add_datasets(CATALOGUE)
    folder, _ = report(tmp_path / "folder", str(CATALOGUE))
    hub, _ = report(tmp_path / "hub", "hub")
    assert hub["test"] == folder["test"]
    assert hub["data"]["train"] == folder["data"]["train"]
    (imported,) = hub["data"]["imports"]
    assert imported["dataset"] == "swiftpost/helpdesk_messages"
    assert imported["revision"] == hub_site.repo("dataset", "swiftpost/helpdesk_messages").sha
    assert imported["licence"] == "apache-2.0"


def test_what_a_folder_has_is_not_fetched(hub_site: Site, tmp_path: Path) -> None:
    hub_site.add_datasets(CATALOGUE)
    both, _ = report(tmp_path, "hub", str(CATALOGUE))
    (imported,) = both["data"]["imports"]
    assert imported["revision"] != hub_site.repo("dataset", imported["dataset"]).sha


def test_without_the_hub_a_run_goes_on_and_says_so(tmp_path: Path) -> None:
    done, said = report(tmp_path, "hub", str(CATALOGUE))
    assert done["status"] == "done"
    assert "Hub: not reachable" in said[0]
    assert any("only data sets in the local cache were searched" in line for line in said)


def test_with_nothing_but_an_absent_hub_a_run_waits_to_be_resumed(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"cannot be reached.*`tasksmith resume .*` goes on") as end:
        report(tmp_path, "hub")
    assert end.value.exit_code == 1
    (folder,) = (tmp_path / "runs").iterdir()
    hub_site: Site = request.getfixturevalue("hub_site")
    hub_site.add_datasets(CATALOGUE)
    done = finish(resume(folder, PARTS))
    assert done["status"] == "done"
    assert [i["dataset"] for i in done["data"]["imports"]] == ["swiftpost/helpdesk_messages"]
