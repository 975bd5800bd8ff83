"""HTML of the page, in which everything that comes from elsewhere is text.

Messages, data, names and model outputs may hold anything: markup, commands to a terminal, letters
that turn the direction of writing. A template escapes all of it; `shown` takes out the rest.
"""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

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


@cache
def _templates() -> Environment:
    pages = Environment(
        loader=PackageLoader("agent.ui", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["shown"] = shown
    return pages


def render(name: str, **values: object) -> str:
    """Return a template of `agent/ui/templates` with its variables filled in, all of them escaped.

    Raises:
        jinja2.UndefinedError: A variable of the template has no value.
    """
    return _templates().get_template(name).render(**values)


def notice(text: str, kind: str = "note") -> str:
    """Return one line to the person; `kind` is `note`, `warning` or `error`."""
    return render("notice.html", text=text, kind=kind)
