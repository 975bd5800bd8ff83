import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.traces import lines
from agent.traces.index import TraceIndex, Wanted
from tests.agent.traces.spans import Json, read, span, span_id, tree, write
from tools.trace_names import (
    CACHED,
    DECISION,
    GAIN,
    INPUT,
    KEPT,
    OUTPUT,
    PURPOSE,
    ROUND,
    TOOL_CALL,
    USD,
)

SLOWLY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def a_round(first: int, root: int, number: int, start: float) -> list[Json]:
    """The steps of a closed round, in the order in which they end."""
    plan, node, tool, chat, review = range(first, first + 5)
    said = {DECISION: f"round {number} (hard): accuracy 0.8", KEPT: True, GAIN: 0.1, ROUND: number}
    used = {INPUT: 100, OUTPUT: 20, USD: 0.25, PURPOSE: "teacher"}
    call = {TOOL_CALL: f"call-{number}"}
    return [
        span(plan, root, start, start + 1),
        span(chat, tool, start + 1.5, start + 2, name="chat m", kind="chat", told=used),
        span(
            tool, node, start + 1, start + 3, name="execute_tool evaluate", kind="tool", told=call
        ),
        span(node, root, start + 1, start + 3, name="tools"),
        span(review, root, start + 3, start + 4, name="review", told=said),
    ]


def a_run(folder: Path) -> TraceIndex:
    root = span(1, None, 0, 30, name="invoke_agent tasksmith", kind="run")
    write(folder, span(2, 1, 0, 1, name="specify"), *a_round(10, 1, 1, 2), *a_round(20, 1, 2, 8))
    write(folder, span(30, 1, 20, 29, name="conclude", failed=True), root)
    return read(folder)


def names(index: TraceIndex, wanted: Wanted) -> list[str]:
    spans = index.layout.spans
    return [index.columns.name(spans[place]) for place in index.find(wanted)]


def test_tree_holds_steps_below_the_round_that_they_closed(tmp_path: Path) -> None:
    below = [(2, "plan"), (2, "tools"), (3, "execute_tool evaluate"), (4, "chat m"), (2, "review")]
    assert tree(a_run(tmp_path)) == [
        (0, "invoke_agent tasksmith"),
        (1, "specify"),
        (1, "Round 1"),
        *below,
        (1, "Round 2"),
        *below,
        (1, "conclude"),
    ]


def test_round_says_what_it_came_to(tmp_path: Path) -> None:
    index = a_run(tmp_path)
    layout, columns = index.layout, index.columns
    steps = layout.round(2)
    assert [columns.hex(layout.spans[place]) for place in steps[1:]] == [
        span_id(number) for number in (20, 21, 22, 23, 24)
    ]
    assert columns.decisions[layout.spans[steps[0]]] == "round 2 (hard): accuracy 0.8"
    assert (layout.tokens[steps[0]], layout.usd[steps[0]]) == (120, 0.25)
    assert (layout.tokens[0], layout.usd[0], layout.failed[0]) == (240, 0.5, 1)
    assert layout.round(3) == []


def test_a_steps_own_figures_stand_for_its_calls(tmp_path: Path) -> None:
    chat = span(3, 2, kind="chat", told={INPUT: 10, OUTPUT: 5, USD: 1})
    write(tmp_path, chat, span(2, 1, kind="tool", told={INPUT: 12, OUTPUT: 5, USD: 1.5}), span(1))
    layout = read(tmp_path).layout
    assert (list(layout.tokens), list(layout.usd)) == ([17, 17, 15], [1.5, 1.5, 1.0])


def test_finds(tmp_path: Path) -> None:
    index = a_run(tmp_path)
    assert names(index, Wanted(errors=True)) == ["conclude"]
    assert names(index, Wanted(text="EVALUATE")) == ["execute_tool evaluate"] * 2
    assert names(index, Wanted(text="teacher")) == ["chat m"] * 2
    assert names(index, Wanted(text="round 2 (")) == ["Round 2", "review"]
    assert names(index, Wanted(kind="round")) == ["Round 1", "Round 2"]
    assert names(index, Wanted(slowest=True))[:3] == ["conclude", "tools", "execute_tool evaluate"]
    assert names(index, Wanted(slowest=True, kind="run")) == ["invoke_agent tasksmith"]
    assert index.columns.calls["call-2"] == index.columns.find(span_id(22))


def test_what_is_unfolded_shows(tmp_path: Path) -> None:
    index = a_run(tmp_path)
    layout = index.layout
    assert [layout.depths[p] for p in layout.shown(set(), everything=False)] == [0, 1, 1, 1, 1]
    assert list(layout.shown(set(), everything=True)) == list(range(len(layout.spans)))
    second = layout.round(2)[0]
    shown = layout.shown({layout.spans[second]}, everything=False)
    assert [p for p in shown if layout.aboves[p] == second] == list(layout.children(second))
    assert layout.path(second) == [0, second]


def test_steps_under_way_are_there_until_they_end(tmp_path: Path) -> None:
    write(tmp_path, span(1, None, 0, None, kind="run"), to="trace.open.jsonl")
    write(tmp_path, span(2, 1))
    index = read(tmp_path, alive=True)
    assert tree(index) == [(0, "plan"), (1, "plan")]
    assert index.seconds(1) > 1e6
    version = index.version
    index.refresh(alive=True)
    assert index.version == version
    (tmp_path / "trace.open.jsonl").unlink()
    write(tmp_path, span(1, None, 0, 4, kind="run"))
    index.refresh(alive=True)
    assert (tree(index), index.seconds(1)) == ([(0, "plan"), (1, "plan")], 4)
    assert index.version == version + 1


def test_steps_under_way_when_the_process_died_have_failed(tmp_path: Path) -> None:
    write(tmp_path, span(1, None, 0, None, kind="run"), to="trace.open.jsonl")
    index = read(tmp_path)
    assert list(index.columns.failed) == [1]
    told = index.span(0)
    assert told is not None
    assert told["status"]["description"] == "interrupted"


def test_what_was_cut_off_still_holds_its_steps(tmp_path: Path) -> None:
    write(tmp_path, span(3, 2, 4, 5), span(2, 1, 3, 6), span(4, 1, 7, 9))
    index = read(tmp_path)
    assert tree(index) == [(0, "cut off"), (1, "plan"), (2, "plan"), (1, "plan")]
    assert index.times()[1] - index.times()[0] == 6
    assert index.span(index.layout.spans[0]) is None


def test_circles_end(tmp_path: Path) -> None:
    write(tmp_path, span(1, 2), span(2, 1), span(3, 3), span(4))
    assert sorted(tree(read(tmp_path))) == [(0, "plan")] * 3 + [(1, "plan")]


@SLOWLY
@given(data=st.data())
def test_any_tree_is_written_out_in_full(tmp_path: Path, data: st.DataObject) -> None:
    above = [
        data.draw(st.integers(-1, number - 1)) for number in range(data.draw(st.integers(1, 30)))
    ]
    spans = [span(n + 1, p + 1 if p >= 0 else None, n, 99) for n, p in enumerate(above)]
    order = data.draw(st.permutations(spans))
    (tmp_path / "trace.jsonl").unlink(missing_ok=True)
    write(tmp_path, *order)
    index = read(tmp_path)
    layout, columns = index.layout, index.columns
    assert sorted(layout.spans) == list(range(len(above)))
    for place, found in enumerate(layout.spans):
        parent = above[columns.ids[found] - 1]
        assert (
            columns.ids[layout.spans[layout.aboves[place]]] - 1 == parent
            if parent >= 0
            else (layout.aboves[place] == -1)
        )
        children = list(layout.children(place))
        begun = [columns.starts[layout.spans[child]] for child in children]
        assert begun == sorted(begun)
        assert len(children) == above.count(columns.ids[found] - 1)


@SLOWLY
@given(cuts=st.lists(st.integers(0, 4_000), max_size=6), chunk=st.integers(600, 3_000))
def test_a_growing_file_reads_as_a_whole_one(tmp_path: Path, cuts: list[int], chunk: int) -> None:
    path = tmp_path / "trace.jsonl"
    path.unlink(missing_ok=True)
    write(tmp_path, *(span(n, 1 if n > 1 else None, n, n + 1) for n in range(1, 13)))
    whole = path.read_bytes()
    index = TraceIndex(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK", chunk)
        path.write_bytes(b"")
        for end in [*sorted(cuts), len(whole)]:
            with path.open("ab") as file:
                file.write(whole[path.stat().st_size : end])
            index.refresh(alive=False)
            while index.behind:
                index.refresh(alive=False)
    assert tree(index) == tree(read(tmp_path))
    told = [index.span(number) for number in range(12)]
    assert [one and one["context"]["span_id"] for one in told] == [
        span_id(n + 1) for n in range(12)
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "null",
        '"text"',
        '{"name": "no more"}',
        "[" * 100_000,
        json.dumps(span(1) | {"name": None}),
        json.dumps(span(1) | {"attributes": [1]}),
        json.dumps(span(1) | {"context": {"span_id": "0x12"}}),
        json.dumps(span(1) | {"start_time": "yesterday"}),
        json.dumps(span(1, told={INPUT: "many"})),
    ],
    ids=range(11),
)
def test_lines_that_are_no_spans_are_counted(tmp_path: Path, line: str) -> None:
    (tmp_path / "trace.jsonl").write_text(line + "\n\n", encoding="utf-8")
    write(tmp_path, span(7))
    index = read(tmp_path)
    assert (len(index.columns), index.foreign) == (1, 1)


def test_bytes_that_are_no_text_and_lines_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHUNK", 1_000)
    noise = random.Random(0).randbytes(5_000).replace(b"\n", b"")
    (tmp_path / "trace.jsonl").write_bytes(noise + b"\n")
    write(tmp_path, span(7))
    assert len(read(tmp_path).columns) == 1


def test_a_rewritten_file_is_read_anew(tmp_path: Path) -> None:
    write(tmp_path, span(1, name="old"), span(2, name="older"))
    index = read(tmp_path)
    (tmp_path / "trace.jsonl").unlink()
    write(tmp_path, *(span(n, name="new") for n in range(5, 12)))
    index.refresh(alive=False)
    assert {name for _, name in tree(index)} == {"new"}
    (tmp_path / "trace.jsonl").write_text("", encoding="utf-8")
    index.refresh(alive=False)
    assert len(index.columns) == 0
    (tmp_path / "trace.jsonl").unlink()
    index.refresh(alive=False)
    assert tree(index) == []


def test_numbers_from_elsewhere_stay_numbers(tmp_path: Path) -> None:
    odd = {INPUT: 1e300, OUTPUT: -5, USD: "nan", CACHED: "yes"}
    write(tmp_path, span(1, told=odd), span(2, told={INPUT: "12", USD: "0.5"}))
    columns = read(tmp_path).columns
    assert (list(columns.tokens), list(columns.usd)) == ([10**12, 12], [0.0, 0.5])
    assert list(columns.cached) == [0, 0]


def test_traces_of_earlier_versions_are_known(tmp_path: Path) -> None:
    old = span(1)
    old["attributes"] = {"kind": "node"}
    write(tmp_path, old)
    assert read(tmp_path).earlier
    write(tmp_path, span(2))
    assert not read(tmp_path).earlier
