"""A small data set of two labels at the tests' Hub, and a run's view of it."""

from pathlib import Path
from typing import Any

import yaml

from tests.hubsite.site import Site
from tests.tools.hub.makers import GramEncoder, class_card, write_set
from tools.hub.hub_source import HubSource
from tools.sources import Wanted

ROWS = [{"text": f"message number {i}", "label": i % 2} for i in range(20)]
CARD = class_card("text", "label", ["ham", "spam"], task_categories=["text-classification"])
SPAM = Wanted(("spam in messages",), ("spam", "sms"), "en", "label")
README = b"---\nlicense: mit\nlanguage: en\n---\n# A set\n"


def source(folder: Path, site: Site | None = None, *, offline: bool = False) -> HubSource:
    """A run's view of the Hub, with the dataset viewer of `site`."""
    viewer = f"{site.url}/viewer" if site else None
    workspace = folder / "run"
    workspace.mkdir(exist_ok=True)
    return HubSource(GramEncoder(), folder / "cache", workspace, viewer, offline=offline)


def publish(site: Site, folder: Path, repo: str = "me/sms_spam", **card: Any) -> Path:
    """Put a small set of two labels at the Hub; return the same set as a folder."""
    local = write_set(folder / "local", repo, {"train": ROWS, "test": ROWS[:4]}, {**CARD, **card})
    site.add_datasets(folder / "local")
    return local


def card_text(**more: object) -> bytes:
    """A README with this metadata."""
    return f"---\n{yaml.safe_dump({'license': 'mit', **more})}---\n# A set\n".encode()
