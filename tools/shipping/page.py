"""The page of a shipped model: a program that serves it, from the folder of the model alone."""

import json
from pathlib import Path

from tools.services import Json
from tools.shipping.shipped import require, write_templates

APP = "app.py"
ABOUT = "about.json"
_BESIDE = ("demo_page", "demo_parts", "web_guard")


def write_page(target: Path, about: Json) -> None:
    """Write the page's program beside a model that is there with its `predict.py`.

    Args:
        target: The folder.
        about: What the page tells; see `tools.shipping.templates.demo_parts.About`.
    """
    write_templates({"space_app": APP}, _BESIDE, target)
    text = json.dumps(about, ensure_ascii=False, indent=1)
    (target / ABOUT).write_text(text + "\n", encoding="utf-8")
    require(["gradio"], target)
