from pathlib import Path

import pytest

from agent.app import finish, run
from agent.compose import Parts
from agent.settings import Settings
from tests.standin.replay import Replay
from tests.standin.server import StandIn
from tools.examples import ExampleStore
from tools.services import Encoder
from tools.students.executor import LocalExecutor

HERE = Path(__file__).parent
TASK = """Our city library gets messages through a contact form. Sort each message into one of: renewal (keep a loan longer),
fees (fines, membership money), rooms (booking a study room or the hall), suggestion (buy this book, do this event),
complaint. English, written by all sorts of people."""  # noqa: E501


def test_a_recorded_conversation_makes_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executor: LocalExecutor, encoder: Encoder
) -> None:
    """All that a model said to planner, reader, teacher and judge in a run, said again."""
    server = StandIn(Replay(HERE / "recordings" / "library.jsonl"))
    with server as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        settings = Settings(
            out=tmp_path / "runs",
            cache=tmp_path / "cache",
            datasets=(str(HERE.parents[1] / "examples" / "catalogue"),),
            planner="desk",
            teacher="desk",
            max_rounds=2,
        )
        parts = Parts(executor=executor, encoder=encoder)
        report = finish(run(TASK, settings, services=parts))
    assert report["status"] == "done"
    assert [r["focus"] for r in report["rounds"]] == ["cover", "cover"]
    names = ["renewal", "fees", "rooms", "suggestion", "complaint"]
    assert [label["name"] for label in report["task"]["labels"]] == names
    assert all(label["borderline"] for label in report["task"]["labels"])
    store = ExampleStore(next((tmp_path / "runs").glob("*/data.sqlite")))
    written = store.rows_after(0)
    store.close()
    accepted = [e for e in written if e.reason is None]
    assert len(accepted) == 140
    assert len(written) - len(accepted) < 10
    assert {e.output for e in accepted} == set(names)
    assert report["test"]["value"] > report["baselines"]["majority"]
