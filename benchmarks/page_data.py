"""How long the tab Data takes over a large store, and how much memory it needs.

python -m benchmarks.page_data [--rows 100000 | --quick] [--browser]
"""

import argparse
import json
import random
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agent.runs import FORMAT
from tools.examples import Example, ExampleStore, Scored, Split
from tools.reasons import Reason

LABELS = [f"label {n}" for n in range(77)]
SPLITS: tuple[Split, ...] = ("train",) * 18 + ("validation", "test")
REASONS: tuple[Reason | None, ...] = (None, None, None, "duplicate", "near-duplicate", "too short")
MOST_MS, MOST_MB = 500, 1_000


def rows(n: int) -> Iterator[Example]:
    """Yield made-up messages of 6 to 25 words."""
    rng = random.Random(0)
    words = [
        "".join(rng.choices("abcdefghiklmnoprstuvw", k=rng.randint(2, 9))) for _ in range(5000)
    ]
    for _ in range(n):
        yield Example(
            input=" ".join(rng.choices(words, k=rng.randint(6, 25))),
            output=rng.choice(LABELS),
            split=rng.choice(SPLITS),
            source=rng.choice(["a/b", "user", "teacher"]),
            licence="mit",
            evidence=rng.choice(["gold", "retrieved", "synthetic"]),
            round=rng.randint(0, 5),
            reason=rng.choice(REASONS),
        )


def make_run(out: Path, n: int) -> None:
    """Make a run with `n` rows, a third of which a student has answered."""
    folder = out / "large"
    folder.mkdir(parents=True)
    manifest = {"format": FORMAT, "task": "t", "created": "2026-01-01", "status": "done"}
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    rng = random.Random(1)
    with closing(ExampleStore(folder / "data.sqlite")) as store:
        start = time.perf_counter()
        store.write("call", rows(n))
        print(f"{n:,} rows written in {time.perf_counter() - start:.1f} s")
        scored = (Scored(i, rng.choice(LABELS), rng.random(), 0.1) for i in range(1, n, 3))
        store.save_predictions("s", "oof", scored)


def timed(name: str, do: Callable[[], Any]) -> None:
    """Print how long something takes, in wall time and in time of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    ms = 1_000 * (time.perf_counter() - wall)
    cpu_ms = 1_000 * (time.process_time() - cpu)
    print(f"{name:<28} {ms:>7.0f} ms {cpu_ms:>7.0f} ms cpu{'' if ms < MOST_MS else '  TOO LONG'}")


def server_side(out: Path) -> None:
    """Time what each click has the server do."""
    from agent.ui.data_tab import NAMES, DataTab
    from tests.agent.ui.runs import context

    tab = DataTab(context(out))
    nothing = [""] * len(NAMES)

    def show(text: str = "", sort: str = "newest", page: int = 1, **filters: str) -> Any:
        chosen = [filters.get(name, "") for name in NAMES]
        return tab.show("large", page, text, sort, *chosen)

    def act(what: str, *ids: int, **more: Any) -> Any:
        controls = ("large", 1, "", "newest", *nothing)
        return tab.act({"what": what, "ids": list(ids), **more}, 0, *controls)

    timed("open the tab", show)
    timed("next page", lambda: act("page", page=2))
    timed("last page", lambda: show(page=10**6))
    timed("filter by label and status", lambda: show(output="label 3", status="rejected"))
    timed("search", lambda: show("abc"))
    for sort in ("output", "longest", "least sure"):
        timed(f"order by {sort}", partial(show, sort=sort))
    timed("reject a row", lambda: act("reject", 70))
    timed("accept a rejected row", lambda: act("accept", 70))
    timed("relabel a row", lambda: act("relabel", 71, output="label 5"))
    timed("reject 50 rows", lambda: act("reject", *range(100, 150)))
    timed("accept 50 rows", lambda: act("accept", *range(100, 150)))
    timed("undo 50 rows", lambda: act("undo"))
    timed("open a row", lambda: act("open", 72))
    timed("the rows most like it", lambda: act("near", 72))
    timed("export all rows (no click)", lambda: tab.export("large", 1, "", "newest", *nothing))
    memory()


def memory() -> None:
    """Print the most memory that this process has had."""
    mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"most memory {mb:.0f} MB{'' if mb < MOST_MB else '  TOO MUCH'}")


@contextmanager
def opened(out: Path) -> Iterator[Any]:
    """Serve the page and open its tab Data in Chromium."""
    from playwright.sync_api import sync_playwright

    from tests.agent.ui.pages import serving

    with serving(out) as address, sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(f"{address}/?run=large")
        page.get_by_role("tab", name="Data").click()
        page.wait_for_selector("#ts-rows .ts-row")
        yield page
        browser.close()


def in_browser(out: Path) -> None:
    """Time clicks from the click until its answer has been drawn."""
    with opened(out) as page:

        def click(name: str, do: Callable[[], Any]) -> None:
            page.wait_for_timeout(1_000)

            def done() -> None:
                with page.expect_event("requestfinished", lambda r: r.method == "POST"):
                    do()
                page.evaluate(
                    "() => new Promise(end => requestAnimationFrame(() => setTimeout(end)))"
                )

            timed(name, done)

        row = page.locator("#ts-rows .ts-row").nth(2)
        click("next page", page.get_by_label("Next page").click)
        click("reject", row.locator("[data-do=reject]").click)
        click("accept", row.locator("[data-do=accept]").click)
        row.focus()
        click("reject by key", lambda: page.keyboard.press("r"))
        click("undo by key", lambda: page.keyboard.press("u"))
        row.locator("select").focus()
        click("relabel", lambda: row.locator("select").select_option("label 5"))
        search = page.get_by_label("Search in inputs and outputs")
        click("search", lambda: search.fill("abc"))
        click("search no more", lambda: search.fill(""))
        click("open", row.locator("[data-do=open]").click)
        click("near", page.locator("#ts-row [data-do=near]").click)
    memory()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--quick", action="store_const", dest="rows", const=10_000)
    parser.add_argument("--browser", action="store_true", help="click in Chromium, too")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        out = Path(folder)
        make_run(out, asked.rows)
        server_side(out)
        if asked.browser:
            in_browser(out)


if __name__ == "__main__":
    main()
