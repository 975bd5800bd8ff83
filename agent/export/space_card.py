"""README.md of a Space: what the Hub reads of it, and a page for people."""

import sys
from importlib.metadata import version
from textwrap import shorten

from agent.export.cards import datasets_of, model_licence, model_page, shipped_as
from agent.export.finished import Finished
from agent.export.measured import Measured
from agent.export.names import on_hub
from tools.hub.licence_ids import card_fields
from tools.shipping.page import APP
from tools.shipping.shipped import Shipped

_LONGEST_DESCRIPTION = 60
"""Characters; the Hub takes no more."""


def space_card(
    done: Finished, name: str, form: str, shipped: Shipped, measured: Measured | None
) -> str:
    """Return README.md of a folder with a page; arguments as for `shipped_card`."""
    from huggingface_hub import SpaceCardData

    base = done.report["data"]["licence"]["base"]
    base_on_hub = on_hub(base["name"]) if base else None
    data = SpaceCardData(
        title=name,
        sdk="gradio",
        sdk_version=version("gradio"),
        python_version=f"{sys.version_info.major}.{sys.version_info.minor}",
        app_file=APP,
        models=[base_on_hub] if base_on_hub else None,
        datasets=datasets_of(done) or None,
        tags=["tasksmith", done.task_id],
        short_description=shorten(done.spec.instruction, _LONGEST_DESCRIPTION, placeholder=" …"),
        **card_fields(model_licence(done)),
    )
    page = model_page("space.md", done, name, None, shipped_as(done, form, shipped, measured))
    return f"---\n{data}\n---\n{page}"
