"""Training rows that a visitor can try a model with; test rows are never among them."""

from collections.abc import Sequence
from itertools import chain, zip_longest

from agent.export.finished import Finished
from agent.export.rows import select
from tools.examples import Example

MOST = 6
LONGEST = 300
"""Characters of an example; longer ones would fill the page."""


def examples(done: Finished, *, others_see: bool) -> list[str]:
    """Return a few inputs of training rows, of different labels where there are labels.

    Args:
        done: The run.
        others_see: Whether only rows may be shown that may be published: none of the user's own,
            and none of data that only some may see.
    """
    rows = select(done, my_rows=False).rows.get("train", ()) if others_see else done.rows["train"]
    fitting = [row for row in rows if row.input.strip() and len(row.input) <= LONGEST]
    if done.spec.output_type == "label":
        fitting = _mixed(fitting)
    return list(dict.fromkeys(row.input for row in fitting))[:MOST]


def _mixed(rows: Sequence[Example]) -> list[Example]:
    """Return the rows so that labels take turns."""
    by_label: dict[str, list[Example]] = {}
    for row in rows:
        by_label.setdefault(row.output, []).append(row)
    turns = chain.from_iterable(zip_longest(*by_label.values()))
    return [row for row in turns if row is not None]
