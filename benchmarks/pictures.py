"""Pictures of the page, from a real run of examples/parcels that is talked through in a browser.

    python -m benchmarks.pictures [--to docs/pictures] [--keep RUNS]

A chat model behind an endpoint writes examples (a stand-in on loopback, so that anyone can make the
pictures anew); everything else is what users have. Needs Chromium and Pillow.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.agent.ui.person import ROOT, TASKSMITH, Person, Server
from tests.browsers import PHONE, chromium, opened
from tests.standin.bank import Flaws, from_pairs
from tests.standin.brain import Teacher
from tests.standin.server import StandIn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MODEL, SIZE, MOST_BYTES, SETTLED_MS = "my-model", (1280, 860), 150_000, 1_500
EXAMPLES, CATALOGUE = ROOT / "examples" / "parcels", ROOT / "examples" / "catalogue"
TRAIN = Path("swiftpost/helpdesk_messages/data/train.jsonl")
TRIED = "the vase I ordered came in a thousand pieces, who do I talk to"
PRICES = f'["{MODEL}"]\ninput = 0.4\noutput = 1.6\n'
LABELS = (
    "where_is_my_parcel", "change_delivery", "damaged_parcel", "wrong_item_or_missing_contents",
    "refund_request", "customs_and_fees", "complaint_about_driver", "praise_or_thanks",
)  # fmt: skip
"""Of the task, in the order of the data set's numbers."""


def halved(folder: Path) -> list[tuple[str, str]]:
    """Copy the catalogue without half of the rows of the task; return those."""
    shutil.copytree(CATALOGUE, folder)
    lines = (folder / TRAIN).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / TRAIN).write_text("".join(lines[::2]), encoding="utf-8")
    rows = [json.loads(line) for line in lines[1::2]]
    return [(row["message"], LABELS[row["topic"]]) for row in rows]


class Camera:
    """Takes pictures of one page into a folder."""

    def __init__(self, page: "Page", folder: Path) -> None:
        self._page = page
        self._folder = folder

    def take(self, name: str) -> None:
        """Take a picture, in as many colours as the size of the file allows."""
        from PIL import Image

        path = self._folder / f"{name}.png"
        self._page.mouse.move(0, 0)
        self._page.wait_for_timeout(SETTLED_MS)
        self._page.screenshot(path=path)
        with Image.open(path) as shot:
            picture = shot.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        picture.save(path, optimize=True)
        size = path.stat().st_size
        print(f"{path.name}: {size / 1000:.0f} KB{'' if size < MOST_BYTES else '  TOO LARGE'}")


def talk(person: Person, camera: Camera) -> None:
    """Have a model made."""
    page = person.page
    page.locator("#ts-message input[type=file]").set_input_files(EXAMPLES / "examples.jsonl")
    page.locator("#ts-message .delete-button").wait_for()
    person.say((EXAMPLES / "task.md").read_text(encoding="utf-8"))
    person.sees("What I understood")
    person.press("Yes, that's right")
    person.sees("What I would do")
    camera.take("chat")
    person.press("Go ahead")
    page.locator(".ts-kind-report").wait_for()


def tour(person: Person, camera: Camera) -> None:
    """Show every tab but Chat."""
    page = person.page
    person.turn_to("Runs")
    camera.take("runs")
    person.turn_to("Data")
    page.get_by_label("Why rejected").click()
    page.get_by_role("option").filter(has_text="near-duplicate").click()
    page.get_by_text("all here").wait_for()
    row = page.locator("#ts-rows .ts-row").first
    row.get_by_role("button", name="Open").click()
    page.locator("#ts-row .ts-sides").wait_for()
    camera.take("data")
    person.turn_to("Try it")
    page.get_by_role("textbox", name="Text to answer").fill(TRIED)
    person.press("Ask the model")
    page.locator("#ts-answers .ts-big").wait_for()
    camera.take("try")
    person.turn_to("Traces")
    page.get_by_label("Kind").select_option(label="calls to LLMs")
    page.locator(".tv-r").filter(has_text=MODEL).first.click()
    page.get_by_role("button", name="Show in the tree").click()
    page.locator(".tv-detail summary").first.wait_for()
    camera.take("traces")
    person.turn_to("Models")
    person.compare_all()
    camera.take("models")


def darkened(browser: "Browser", address: str, folder: Path) -> None:
    """Show Chat and Runs in the dark, and Chat on a phone."""
    for name, size, tabs in (("-dark", SIZE, ("Chat", "Runs")), ("-phone", PHONE, ("Chat",))):
        page = opened(browser, size)
        page.goto(f"{address}/?__theme={'dark' if name == '-dark' else 'light'}")
        for tab in tabs:
            Person(page).turn_to(tab)
            Camera(page, folder).take(f"{tab.lower()}{name}")
        page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--keep", type=Path, help="where the runs are to stay")
    args = parser.parse_args()
    args.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), args.to.absolute())
        if args.keep:
            shutil.copytree(Path(folder) / "runs", args.keep)


def make(folder: Path, to: Path) -> None:
    """Make the runs and the pictures."""
    cache = str(folder / "cache")
    os.environ |= {"HF_HUB_OFFLINE": "1", "OPENAI_API_KEY": "none", "TASKSMITH_CACHE": cache}
    left = halved(folder / "data sets")
    (folder / "prices.toml").write_text(PRICES, encoding="utf-8")
    usual = ["--datasets", str(folder / "data sets"), "--planner", "rules"]
    usual += ["--out", str(folder / "runs")]
    given = [str(EXAMPLES / "task.md"), "--examples", str(EXAMPLES / "examples.jsonl")]
    before = ["run", *given, "--teacher", "offline"]
    subprocess.run([*TASKSMITH, *before, *usual], cwd=ROOT, check=True, capture_output=True)
    bank = from_pairs(left, 0, Flaws(label_noise=0.05, duplicates=0.3))
    with StandIn(Teacher(bank), latency_s=0.2) as url, chromium() as browser:
        os.environ |= {"OPENAI_BASE_URL": url, "TASKSMITH_PRICES": str(folder / "prices.toml")}
        page = opened(browser, SIZE)
        with Server("ui", "--teacher", MODEL, *usual, TASKSMITH_MAX_ROUNDS="3") as server:
            person, camera = Person(page), Camera(page, to)
            page.goto(f"{server.address}/?__theme=light")
            person.press("New task")
            talk(person, camera)
            page.goto(f"{server.address}/?__theme=light")
            darkened(browser, server.address, to)
            tour(person, camera)
        with Server("demo", "last", "--out", str(folder / "runs")) as server:
            page.goto(server.address)
            page.locator("#examples button").first.click()
            page.locator("#answer .output").wait_for()
            camera.take("demo")


if __name__ == "__main__":
    main()
