"""How fast the Traces tab answers on a long trace, in a real browser.

    python -m benchmarks.page_trace [--quick] [--shots DIR]

Writes a trace (50,000 spans; 5,000 with --quick), opens the page in Chromium, and measures from
each click or key to the moment the page shows what was asked for, and the memory of the page's
process. --shots keeps pictures of what it saw.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from agent.runs import Run, write_manifest
from tools import trace_names as names

if TYPE_CHECKING:
    from playwright.sync_api import Page

SPANS, QUICK_SPANS, CALLS_A_STEP, LONG = 50_000, 5_000, 120, 6_000
BEGAN = 1_790_000_000.0
Json = dict[str, Any]


class Writer:
    """Writes spans in the order in which they end, as a run does."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self._ids = self._random.sample(range(1, 2**63), 80_000)
        self._file = (folder / "trace.jsonl").open("w", encoding="utf-8")
        (folder / "payloads").mkdir(exist_ok=True)
        self.written = 0

    def begin(self) -> str:
        """Return the id of a span that is written later."""
        return f"0x{self._ids.pop():016x}"

    def end(
        self,
        id_: str,
        above: str | None,
        name: str,
        times: tuple[float, float],
        told: Json,
        *,
        failed: bool = False,
    ) -> None:
        """Write a span."""
        start, end = (datetime.fromtimestamp(t, UTC).isoformat() for t in times)
        span: Json = {
            "name": name,
            "context": {"trace_id": "0x" + "1" * 32, "span_id": id_, "trace_state": "[]"},
            "kind": "SpanKind.INTERNAL",
            "parent_id": above,
            "start_time": start,
            "end_time": end,
            "status": {"status_code": "ERROR" if failed else "UNSET"},
            "attributes": told,
            "events": [],
            "links": [],
            "resource": {"attributes": {"service.name": "tasksmith"}, "schema_url": ""},
        }
        self._file.write(json.dumps(span) + "\n")
        self.written += 1

    def payload(self, text: str) -> str:
        """Write a long text; return where it is."""
        name = f"payloads/{abs(hash(text)):x}"
        (self._folder / name).write_text(text, encoding="utf-8")
        return name

    def chat(self, above: str, start: float) -> float:
        """Write a call to an LLM; return when it ended."""
        dice = self._random
        end = start + dice.uniform(0.4, 3.0)
        failed, cached = dice.random() < 0.004, dice.random() < 0.1
        prompt = "Write ten messages to a parcel company about {topic}. " * 6
        told: Json = {
            names.KIND: "chat",
            names.OPERATION: "chat",
            names.MODEL: "writer-large",
            names.PURPOSE: dice.choice(["teacher", "judge"]),
            names.ASKED: _messages([("system", "You write examples."), ("user", prompt)]),
            names.ANSWERED: _messages([("assistant", '{"rows": ["where is it", "it is broken"]}')]),
        }
        told |= {names.CACHED: True, names.USD: 0.0} if cached else {}
        if not cached:
            sent, got = dice.randint(300, 900), dice.randint(50, 400)
            told |= {names.INPUT: sent, names.OUTPUT: got, names.USD: 1e-6 * (sent + 3 * got)}
        if dice.random() < 0.02:
            all_ = _messages([("system", "You write examples."), ("user", prompt * 60)])
            told |= {names.ASKED: all_[:400], names.ASKED + names.REF: self.payload(all_)}
        if failed:
            told |= {names.ERROR: "timeout", names.MESSAGE: "no answer within 60 s"}
        id_ = self.begin()
        self.end(id_, above, "chat writer-large", (start, end), told, failed=failed)
        return end

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


def _messages(said: list[tuple[str, str]]) -> str:
    parts = [{"role": r, "parts": [{"type": "text", "content": t}]} for r, t in said]
    return json.dumps(parts)


def write_trace(out: Path, spans: int, seed: int = 0) -> Run:
    """Write a run whose trace has about so many spans, and return it."""
    run = Run(out / f"long-{spans}")
    run.folder.mkdir(parents=True)
    writer = Writer(run.folder, seed)
    root, now, round_ = writer.begin(), BEGAN, 1
    while writer.written < spans:
        for tool, calls in _tools_of_round():
            now = _step(writer, root, round_, tool, calls, now)
        round_ += 1
    told = {names.KIND: "run", names.OPERATION: "invoke_agent", names.CONVERSATION: run.id}
    writer.end(root, None, "invoke_agent tasksmith", (BEGAN, now), told)
    writer.close()
    write_manifest(run, "Sort messages", {})
    run.update(status="done")
    return run


def _tools_of_round() -> Iterator[tuple[str, int]]:
    yield "generate_batch", CALLS_A_STEP
    yield "finetune", 0
    yield "evaluate", 0


def _step(writer: Writer, root: str, round_: int, tool: str, calls: int, start: float) -> float:
    """Write what leads to a tool, the tool with its calls, and the review after it."""
    node = {names.KIND: "node", names.ROUND: round_}
    plan, outer, inner, review = (writer.begin() for _ in range(4))
    writer.end(plan, root, "plan", (start, start + 0.2), node | {names.NODE: "plan"})
    begin = end = start + 0.2
    for call in range(calls):
        end = max(end, writer.chat(inner, begin + 0.7 * (call // 8)))
    end += 1.5
    told = {
        names.KIND: "tool",
        names.TOOL: tool,
        names.TOOL_CALL: f"call-{round_}-{tool}",
        names.ARGUMENTS: json.dumps({"n": 50, "focus": "cover"}),
        names.RESULT: "50 of 50 accepted",
    }
    writer.end(inner, outer, f"execute_tool {tool}", (begin, end), told)
    writer.end(outer, root, "tools", (begin, end), node | {names.NODE: "tools"})
    said: Json = {names.NODE: "review", names.DECISION: f"{tool} is done"}
    if tool == "evaluate":
        kept = round_ % 3 > 0
        verdict = f"round {round_} (cover): accuracy 0.{700 + round_ % 200}"
        said |= {names.DECISION: verdict, names.KEPT: kept, names.GAIN: 0.01 if kept else -0.01}
        said |= {names.P_BETTER: 0.83 if kept else 0.3}
    writer.end(review, root, "review", (end, end + 0.1), node | said)
    return end + 0.1


CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
REPEATS = 5
LOOKS = """document.querySelector(".tv-rows").innerHTML
  + document.querySelector(".tv-detail").innerHTML"""
DONE = f"""(before) => new Promise((done, failed) => {{
  setTimeout(() => failed(new Error("nothing changed")), 10000);
  const look = () => {{
    if ({LOOKS} === before) setTimeout(look, 2);
    else requestAnimationFrame(() => done(performance.now()));
  }};
  look();
}})"""
READ = """() => / steps in /.test(document.querySelector(".tv-status").textContent)"""


@contextmanager
def page_over(out: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Serve the page over the runs in a folder; yield its address and its process."""
    start = "from agent.cli import main; main()"
    command = [sys.executable, "-c", start, "ui", "--port", "0", "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr
        line = next(line for line in child.stderr if "http://" in line)
        try:
            yield line.split(" at ")[1].split(";")[0], psutil.Process(child.pid)
        finally:
            child.terminate()


def timed(page: "Page", act: Callable[[], object]) -> float:
    """Return milliseconds from an act to the first picture in which the page is another."""
    before = page.evaluate(LOOKS)
    start = page.evaluate("performance.now()")
    act()
    end: float = page.evaluate(DONE, before)
    return end - float(start)


def acts(page: "Page") -> dict[str, Callable[[], object]]:
    """Return what a person does, by what it is called."""
    rows = page.locator(".tv-r")
    rounds = page.locator(".tv-k-round")
    listed = page.locator(".tv-list")

    def scroll() -> None:
        listed.evaluate(
            "(one) => { one.scrollTop = (0.2 + 0.6 * Math.random()) * one.scrollHeight; }"
        )

    def press(key: str) -> Callable[[], object]:
        return lambda: listed.press(key)

    return {
        "unfold a round": lambda: rounds.nth(2).locator(".tv-fold").click(),
        "fold it again": lambda: rounds.nth(2).locator(".tv-fold").click(),
        "unfold all": lambda: page.locator("[name=everything]").click(),
        "jump to the end": press("End"),
        "jump to the start": press("Home"),
        "scroll far": scroll,
        "open a step": lambda: rows.nth(60).click(),
        "choose the next by a key": press("ArrowDown"),
        "open it by a key": press("Enter"),
        "only errors": lambda: page.locator("[name=errors]").check(),
        "all again": lambda: page.locator("[name=errors]").uncheck(),
        "slowest first": lambda: page.locator("[name=slowest]").check(),
        "as they began": lambda: page.locator("[name=slowest]").uncheck(),
        "calls to LLMs": lambda: page.locator("[name=kind]").select_option("chat"),
        "any kind": lambda: page.locator("[name=kind]").select_option(""),
        "search": lambda: page.locator("[name=text]").fill("round 7"),
        "search for nothing": lambda: page.locator("[name=text]").fill(""),
        "fold all": lambda: page.locator("[name=everything]").click(),
    }


def measure(address: str, shots: Path | None) -> dict[str, list[float]]:
    """Return the milliseconds of each act."""
    from playwright.sync_api import sync_playwright

    took: dict[str, list[float]] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        tab = page.get_by_role("tab", name="Traces")
        tab.wait_for()
        start = page.evaluate("performance.now()")
        tab.click()
        page.locator(".tv-r").first.wait_for()
        took["open the tab"] = [page.evaluate("performance.now()") - start]
        page.wait_for_function(READ)
        took["read all of the trace"] = [page.evaluate("performance.now()") - start]
        for _ in range(REPEATS):
            page.locator(".tv-list").press("Home")
            page.wait_for_timeout(300)
            for name, act in acts(page).items():
                took.setdefault(name, []).append(timed(page, act))
                page.wait_for_timeout(120)
        if shots:
            shots.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=shots / "long.png")
        browser.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--shots", type=Path)
    args = parser.parse_args()
    spans = QUICK_SPANS if args.quick else SPANS
    with tempfile.TemporaryDirectory() as folder:
        run = write_trace(Path(folder), spans)
        size = (run.folder / "trace.jsonl").stat().st_size / 1e6
        print(f"{spans:,} spans, {size:.0f} MB")
        with page_over(Path(folder)) as (address, process):
            took = measure(address, args.shots)
            memory = process.memory_info().rss / 1e6
    for name, times in took.items():
        print(f"{name:24} median {statistics.median(times):5.0f} ms, most {max(times):5.0f} ms")
    print(f"memory of the page's process: {memory:.0f} MB")


if __name__ == "__main__":
    main()
