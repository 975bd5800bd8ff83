import pytest

from agent.history import Step, steps
from agent.runs import Run, list_runs
from tests.agent import light_run


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run with a light student, to be looked at and forked."""
    out = tmp_path_factory.mktemp("original")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        light_run.main(out, "run")
    return list_runs(out / "runs")[0]


@pytest.fixture(scope="session")
def past(original: Run) -> list[Step]:
    """The steps of that run."""
    return steps(original)
