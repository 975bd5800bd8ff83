import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context
from typer.testing import CliRunner

from agent.cli import app
from agent.runs import Run, write_manifest
from agent.traces.file import FileExporter, OpenSpans
from agent.traces.reading import read_steps
from agent.traces.tree import BELOW, FIRST, LAST
from tools import trace_names as names
from tools.students.curve import curve_of

S = 1_000_000_000


class Desk:
    """Writes spans of given lengths, one after the other."""

    def __init__(self, folder: Path) -> None:
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(FileExporter(folder, str)))
        self.open = OpenSpans(folder, str)
        provider.add_span_processor(self.open)
        self.tracer, self.now = provider.get_tracer("test"), S

    def begin(self, name: str, above: Span | None = None, **told: str | int | float) -> Span:
        attributes = {getattr(names, key): value for key, value in told.items()}
        context = set_span_in_context(above) if above else None
        return self.tracer.start_span(
            name,
            context,
            attributes=attributes,
            start_time=self.now,
        )

    def end(self, span: Span, seconds: float) -> None:
        self.now += int(seconds * S)
        span.end(self.now)

    def chat(self, above: Span, usd: float = 0.001, purpose: str = "teacher") -> None:
        chat = self.begin(
            "chat m", above, KIND="chat", PURPOSE=purpose, INPUT=100, OUTPUT=10, USD=usd
        )
        self.end(chat, 0.1)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = Run(tmp_path / "runs" / "parcels-1")
    (made.folder / "models").mkdir(parents=True)
    write_manifest(made, "Sort parcels.", {})
    made.update(status="done")
    return made


@pytest.fixture
def desk(run: Run) -> Desk:
    return Desk(run.folder)


def trace(run: Run, *flags: str) -> str:
    result = CliRunner().invoke(app, ["trace", str(run.folder), *flags], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


def usual(desk: Desk) -> tuple[Span, Span]:
    root = desk.begin("invoke_agent tasksmith", KIND="run")
    node = desk.begin("tools", root, KIND="node", NODE="tools")
    tool = desk.begin("execute_tool generate_batch", node, KIND="tool", TOOL="generate_batch")
    for _ in range(3):
        desk.chat(tool)
    tool.set_attribute(names.RESULT, "120 of 120\x1b[31m")
    desk.end(tool, 2.0)
    desk.end(node, 0.5)
    other = desk.begin("tools", root, KIND="node", NODE="tools")
    failing = desk.begin("execute_tool finetune", other, KIND="tool", TOOL="finetune")
    failing.set_attributes({names.MESSAGE: "no rows", names.STUDENT: "abc"})
    failing.set_status(Status(StatusCode.ERROR))
    desk.end(failing, 1.0)
    desk.end(other, 0.0)
    desk.end(root, 0.0)
    return tool, failing


def test_a_tree_adds_up_the_calls_of_a_step(run: Run, desk: Desk) -> None:
    usual(desk)
    text = trace(run)
    assert "generate_batch  2.30 s  3 calls, 300 + 30 tokens, 0.0030 USD" in text
    assert "chat m" not in text
    assert "\x1b" not in text
    assert text.index("generate_batch") < text.index("finetune") < text.index("error: no rows")


def test_errors_come_with_their_path(run: Run, desk: Desk) -> None:
    _, failing = usual(desk)
    line, *more = trace(run, "--errors").splitlines()
    assert "tools › finetune  no rows" in line
    assert f"{failing.get_span_context().span_id:016x}"[:8] in line
    assert not more


def test_the_slowest_come_with_their_share(run: Run, desk: Desk) -> None:
    usual(desk)
    first, second, whole = trace(run, "--slowest", "2").splitlines()
    assert first.split()[:2] == ["2.30", "s"]
    assert "60.5%  tools › generate_batch" in first
    assert "tools › finetune" in second
    assert whole == "of 3.8 s in all, 8 steps"


def test_a_number_without_slowest_is_said_to_be_one_too_many(run: Run, desk: Desk) -> None:
    usual(desk)
    result = CliRunner().invoke(app, ["trace", str(run.folder), "2"])
    assert "--slowest 2" in str(result.exception)


def test_one_step_is_shown_with_everything(run: Run, desk: Desk) -> None:
    tool, failing = usual(desk)
    asked = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "w" * 3_000}]}])
    desk.end(desk.begin("chat m", tool, KIND="chat", ASKED=asked), 0.1)
    id_ = f"{tool.get_span_context().span_id:016x}"
    text = trace(run, "--span", id_)
    assert text.count("chat m") == 4
    chats = [step for step in read_steps(run.folder) if step.kind == "chat"]
    assert "w" * 150 in trace(run, "--span", chats[-1].id)
    curve = curve_of(run.folder / "models", "abc")
    for step in (1, 2):
        curve.add("", step, 2, {"loss": 1 / step})
    shown = trace(run, "--span", f"0x{failing.get_span_context().span_id:016x}")
    assert "loss  █▁  1.000 → 0.500, step 2" in shown
    (line,) = trace(run, "--span", id_, "--json").splitlines()
    assert len(json.loads(line)["below"]) == 4


def test_an_unknown_step_is_an_error_for_the_user(run: Run, desk: Desk) -> None:
    usual(desk)
    result = CliRunner().invoke(app, ["trace", str(run.folder), "--span", "zz"])
    assert "fits no step" in str(result.exception)


def test_json_has_every_step_or_those_asked_for(run: Run, desk: Desk) -> None:
    usual(desk)
    steps = [json.loads(line) for line in trace(run, "--json").splitlines()]
    assert [step["kind"] for step in steps].count("chat") == 3
    assert len(steps) == 8
    (failed,) = map(json.loads, trace(run, "--json", "--errors").splitlines())
    assert failed["attributes"][names.TOOL] == "finetune"
    assert len(trace(run, "--json", "--slowest", "2").splitlines()) == 2


def test_a_long_run_is_shown_in_part_and_that_is_said(run: Run, desk: Desk) -> None:
    root = desk.begin("invoke_agent tasksmith", KIND="run")
    for number in range(FIRST + LAST + 50):
        node = desk.begin("tools", root, KIND="node", NODE=f"node-{number}")
        if number == 0:
            for _ in range(BELOW + 5):
                desk.end(desk.begin("execute_tool t", node, KIND="tool", TOOL="t"), 0.1)
        desk.end(node, 0.1)
    desk.end(root, 0.0)
    text = trace(run)
    assert "… 50 more steps" in text
    assert "… 5 more steps" in text
    assert "node-59 " in text
    assert "node-60 " not in text
    assert "node-249 " in text
    assert len(text.splitlines()) < FIRST + LAST + BELOW + 5


def test_following_ends_with_the_run(run: Run, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses: Iterator[str] = iter(["running", "running", "done", "done"])
    monkeypatch.setattr(Run, "status", property(lambda _: next(statuses)))
    root = desk.begin("invoke_agent tasksmith", KIND="run")
    node = desk.begin("tools", root, KIND="node", NODE="tools")
    tool = desk.begin("execute_tool evaluate", node, KIND="tool", TOOL="evaluate", RESULT="0.9")
    desk.chat(tool)
    desk.end(tool, 1.0)
    desk.open.force_flush()

    def later() -> None:
        desk.end(node, 0.5)
        desk.end(root, 0.0)

    timer = threading.Timer(0.1, later)
    timer.start()
    lines = trace(run, "--follow").splitlines()
    timer.join()
    assert "tools › evaluate  1.10 s  1 call, 100 + 10 tokens, 0.0010 USD  0.9" in lines[0]
    assert "tools  1.60 s" in lines[1]
    assert lines[-1] == "the run is done"
