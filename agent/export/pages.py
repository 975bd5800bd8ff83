"""What all cards of an export take from a run, and filling in their templates."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from agent.export.finished import Finished
from agent.export.names import COMMIT, shown
from prompts import templates
from tools.examples import Example
from tools.hub.obligations import Licences, Obligation


def render(
    template: str, done: Finished, asked: tuple[Sequence[Obligation], Licences], **more: Any
) -> str:
    """Return a page made from a template of `graph/templates`.

    Args:
        template: Its name.
        done: The run, whose report the template can use.
        asked: What the licences ask, and in short.
        more: What else it needs; `repo`, its name, always.
    """
    report = done.report
    data = report["data"] | {
        "obligations": [asdict(one) for one in asked[0]],
        "licence": asdict(asked[1]),
    }
    page = templates("graph", "templates").get_template(template)
    return page.render(
        {**report, "data": data}
        | {
            "name": more["repo"].rpartition("/")[2],
            "version": done.version,
            "writer": report["data"]["licence"]["writer"],
            "teacher_name": report["data"]["licence"]["teacher"],
        }
        | more
    )


def everything(done: Finished) -> list[Example]:
    """Return the rows of all splits."""
    return [example for rows in done.rows.values() for example in rows]


def own_base(done: Finished) -> tuple[str, str] | None:
    """Return name, as it is shown, and licence of the base that the model is built on, if any."""
    base = done.report["data"]["licence"]["base"]
    return (shown(base["name"]), base["licence"]) if base else None


def label_names(done: Finished) -> list[str]:
    """Return the labels, in the user's order where they are the user's; none of a text task."""
    if done.spec.output_type == "text":
        return []
    outputs = {example.output for example in done.rows["train"]}
    return list(done.spec.label_names) or sorted(outputs)


def language_name(tag: str) -> str:
    """Return what English calls the language of a BCP 47 tag."""
    import langcodes

    return langcodes.get(tag).display_name()


def on_the_hub_of(done: Finished) -> set[str]:
    """Return the data sets that were read at a commit of the Hub; a folder's are nobody's page."""
    imports = done.report["data"]["imports"]
    return {one["dataset"] for one in imports if COMMIT.fullmatch(one["revision"])}
