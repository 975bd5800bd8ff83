import pytest

from agent import app
from agent.export.finished import Finished, read_finished
from agent.runs import Run, list_runs
from agent.settings import Settings
from tests.agent.light_run import PARTS, ROOT
from tests.hubsite.site import Site

PARCELS = ROOT / "examples" / "parcels"


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run with rows of the user's, of two data sets and of the offline teacher."""
    place = tmp_path_factory.mktemp("export")
    settings = Settings(
        out=place / "runs",
        cache=place / "cache",
        datasets=(str(ROOT / "examples" / "catalogue"),),
        student="keywords",
        max_rounds=3,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        task = (PARCELS / "task.md").read_text(encoding="utf-8")
        files = {"examples": PARCELS / "examples.jsonl", "test": PARCELS / "test.jsonl"}
        app.finish(app.run(task, settings, **files, services=PARTS))
    return list_runs(settings.out)[0]


@pytest.fixture
def done(run: Run) -> Finished:
    return read_finished(run)


@pytest.fixture
def hub(hub_site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A Hub, with its token in the environment."""
    monkeypatch.setenv("HF_TOKEN", hub_site.token)
    return hub_site
