"""Whole runs that find their data at the Hub."""

from pathlib import Path
from typing import Any

import pytest

from agent.app import finish, run
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


def test_with_nothing_but_an_absent_hub_a_run_says_what_to_do(tmp_path: Path) -> None:
    done, _ = report(tmp_path, "hub")
    assert done["status"] == "failed"
    assert "out of reach" in done["stop_detail"]
