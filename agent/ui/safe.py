"""HTML of the page, in which everything that comes from elsewhere is text.

Messages, data, names and model outputs may hold anything: markup, commands to a terminal, letters
that turn the direction of writing. A template escapes all of it; `shown` takes out the rest.
"""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from jinja2 import ChainableUndefined, Environment, PackageLoader

from agent.ui.figures import (
    UNKNOWN,
    ago,
    clock,
    count,
    ending,
    interval,
    megabytes,
    milliseconds,
    minutes,
    score,
    span,
    usd,
)

if TYPE_CHECKING:
    import gradio as gr

MOST_SHOWN = 2_000
"""Characters of a text that are shown before the whole is asked for."""
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def shown(text: object, most: int | None = None) -> str:
    """Return what may be seen of a text from elsewhere; not escaped yet.

    Control characters, and those that turn the direction of writing, become a visible mark, so
    that nothing can look like something else.

    Args:
        text: The text.
        most: Length to cut it to; None for all of it.
    """
    plain = str(text)
    if most is not None and len(plain) > most:
        plain = plain[: most - 1] + "…"
    return _HIDDEN.sub("\u2423", plain)


def attached(path: str) -> str:
    """Return the name that a file had before it was kept in a run's inbox."""
    return shown(re.sub(r"^[0-9a-f]{8}-", "", path.rpartition("/")[2]))


@cache
def _templates() -> Environment:
    pages = Environment(
        loader=PackageLoader("agent.ui", "templates"),
        undefined=ChainableUndefined,  # runs of earlier versions have not written everything
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"shown": shown, "attached": attached}
    figures: tuple[Callable[[Any], str], ...] = (
        ago, clock, count, ending, interval, megabytes, milliseconds, minutes, score, span, usd,
    )  # fmt: skip
    for figure in figures:
        pages.filters[figure.__name__] = partial(_known, figure)
    return pages


def _known(figure: Callable[[Any], str], value: Any) -> str:
    return UNKNOWN if value is None or isinstance(value, ChainableUndefined) else figure(value)


def render(name: str, /, **values: object) -> str:
    """Return a template of `agent/ui/templates`; all that is filled in is escaped."""
    return _templates().get_template(name).render(**values)


def block(html: str = "", **options: Any) -> "gr.HTML":
    """Return a component that shows HTML from `render`, in the page's style alone."""
    import gradio as gr

    # Gradio's own style for HTML is one for articles; its click event is not needed.
    return gr.HTML(html, apply_default_css=False, **({"js_on_load": None} | options))


def notice(text: str, kind: str = "note") -> str:
    """Return one line to the person; `kind` is `note`, `warning` or `error`."""
    return render("notice.html", text=text, kind=kind)
