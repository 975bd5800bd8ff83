import json
import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Tracer

from agent.traces.file import LONGEST, OPEN, TRACE, FileExporter, OpenSpans, cut_short
from agent.traces.reading import read_steps, under_way, whole
from agent.traces.secrets import redactor
from tools.trace_names import ASKED, ERROR, REF, RESULT

SECRET = "hf_" + "a1B2" * 8


@contextmanager
def providing(folder: Path) -> Iterator[TracerProvider]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(FileExporter(folder, redactor())))
    provider.add_span_processor(OpenSpans(folder, redactor()))
    yield provider
    provider.shutdown()


@contextmanager
def tracer(folder: Path) -> Iterator[Tracer]:
    with providing(folder) as provider:
        yield provider.get_tracer("test")


def test_long_values_are_kept_once_and_found_again(tmp_path: Path) -> None:
    long = "ä" * LONGEST + SECRET + " end"
    with tracer(tmp_path) as spans:
        for name in ("a", "b"):
            spans.start_span(name, attributes={ASKED: long, RESULT: "short"}).end()
    first, second = read_steps(tmp_path)
    assert first.attributes[ASKED + REF] == second.attributes[ASKED + REF]
    assert len(first.attributes[ASKED]) < LONGEST
    (payload,) = (tmp_path / "payloads").iterdir()
    kept = whole(tmp_path, first)
    assert kept == {ASKED: "ä" * LONGEST + "[secret] end", RESULT: "short"}
    assert SECRET not in payload.read_text(encoding="utf-8")


def test_a_path_out_of_the_run_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    run = tmp_path / "run"
    run.mkdir()
    with tracer(run) as spans:
        spans.start_span("a", attributes={ASKED: "x", ASKED + REF: "../secret"}).end()
    (step,) = read_steps(run)
    assert whole(run, step) == {ASKED: "x\n[the rest is not there: '../secret']"}


def test_secrets_are_in_no_line(tmp_path: Path) -> None:
    with providing(tmp_path) as provider:
        span = provider.get_tracer("test").start_span(
            "a", attributes={RESULT: f"token {SECRET}", "list": [SECRET]}
        )
        span.add_event("retry", {"why": SECRET})
        provider.force_flush()
        assert SECRET not in (tmp_path / OPEN).read_text(encoding="utf-8")
        span.end()
    text = (tmp_path / TRACE).read_text(encoding="utf-8")
    assert SECRET not in text
    assert text.count("[secret]") == 3


def test_what_is_under_way_can_be_seen(tmp_path: Path) -> None:
    with providing(tmp_path) as provider:
        spans = provider.get_tracer("test")
        outer = spans.start_span("plan")
        spans.start_span("chat m", attributes={ASKED: "words"}).end()
        provider.force_flush()
        (step,) = under_way(tmp_path)
        assert (step.name, step.seconds) == ("plan", 0.0)
        outer.end()
        provider.force_flush()
        assert not under_way(tmp_path)
    assert not (tmp_path / OPEN).exists()


def test_what_a_crash_cut_short_is_closed_by_the_next_session(tmp_path: Path) -> None:
    with providing(tmp_path) as provider:
        spans = provider.get_tracer("test")
        outer = spans.start_span("tools")
        spans.start_span("done").end()
        provider.force_flush()
        left = (tmp_path / OPEN).read_text(encoding="utf-8")
        outer.end()
    lines = (tmp_path / TRACE).read_text(encoding="utf-8").splitlines()
    # As a killed process leaves it: half a line, and the list of what was under way.
    (tmp_path / TRACE).write_text(lines[0] + "\n" + lines[1][:-30], encoding="utf-8")
    (tmp_path / OPEN).write_text(left + "half a li", encoding="utf-8")
    file = FileExporter(tmp_path, redactor())
    for line in cut_short(tmp_path):
        file.add(line)
    file.shutdown()
    done, tools = read_steps(tmp_path)
    assert (done.name, done.failed) == ("done", False)
    assert (tools.name, tools.failed, tools.attributes[ERROR]) == ("tools", True, "interrupted")
    assert tools.end >= tools.start


def test_a_full_disk_is_said_once_and_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with tracer(tmp_path) as spans, caplog.at_level(logging.WARNING, "tasksmith"):
        spans.start_span("before").end()
        size = (tmp_path / TRACE).stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))
        try:
            for name in ("amid 1", "amid 2"):
                spans.start_span(name, attributes={RESULT: "y" * (LONGEST + 1)}).end()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        spans.start_span("after").end()
    names = [step.name for step in read_steps(tmp_path)]
    assert names == ["before", "amid 1", "amid 2", "after"]
    (warning,) = caplog.messages
    assert "cannot be written (File too large)" in warning
    broken = (tmp_path / TRACE).read_text(encoding="utf-8").splitlines()[1]
    with pytest.raises(ValueError, match="Unterminated|Expecting"):
        json.loads(broken)
