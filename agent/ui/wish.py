"""HTML of ours with buttons in it, and what a click or a key there asks for."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import gradio as gr

_HERE = Path(__file__).parent
_MOST_AT_ONCE = 1_000


@dataclass(frozen=True)
class Wish:
    """It comes from a browser: nothing in it is to be relied on.

    Attributes:
        what: One of those that the reader knows, else `page`.
        ids: Of rows; they may not exist.
        page: Number of a page; it may not exist.
    """

    what: str = "page"
    ids: tuple[int, ...] = ()
    output: str = ""
    page: int = 1

    @classmethod
    def of(cls, data: Any, known: Collection[str]) -> "Wish":
        """Read what came with an event; what is malformed asks for nothing but the page again."""
        given = data if isinstance(data, dict) else {}
        what, ids = given.get("what"), given.get("ids")
        page, output = given.get("page"), given.get("output")
        numbers = ids[:_MOST_AT_ONCE] if isinstance(ids, list) else []
        return cls(
            what if isinstance(what, str) and what in known else "page",
            tuple(id_ for id_ in numbers if type(id_) is int and 0 < id_ < 2**63),
            output if isinstance(output, str) else "",
            page if type(page) is int else 1,
        )


def rows_html(elem_id: str, visible: "bool | Literal['hidden']" = True) -> "gr.HTML":
    """Return HTML whose buttons, choices, forms and keys become the event `act`."""
    import gradio as gr

    return gr.HTML(
        elem_id=elem_id,
        visible=visible,
        css_template=(_HERE / "data.css").read_text(encoding="utf-8"),
        js_on_load=(_HERE / "data.js").read_text(encoding="utf-8"),
        apply_default_css=False,
    )


def on_act(
    html: "gr.HTML", act: Callable[..., Any], inputs: list[Any], outputs: list[Any], **how: Any
) -> None:
    """Have `act` called with what came with an event, then with the inputs."""
    import gradio as gr

    # Gradio goes by the type, which must be there when it looks.
    def heard(event: gr.EventData, *values: Any) -> Any:
        return act(event._data, *values)

    html.act(heard, inputs, outputs, **how)
