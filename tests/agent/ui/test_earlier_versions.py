"""Runs of earlier versions, whose reports lack what came later, on every tab."""

import json
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from agent.runs import Run
from agent.ui.chat_tab import view_for
from agent.ui.context import Context
from agent.ui.data_tab import NAMES, DataTab
from agent.ui.models import models_of
from agent.ui.models_tab import compared_html, table_html
from agent.ui.runs_tab import listing, now_html, rounds_html, stands_of
from agent.ui.standing import overview
from agent.ui.try_tab import TryTab
from tests.agent.ui.pages import finished, mailbox
from tests.agent.ui.runs import ROW, context
from tools.examples import ExampleStore

Way = tuple[Any, ...]
ALWAYS = {
    ("task", "output_type"), ("labels", "name"), ("rounds", "round"), ("validation", "value"),
    ("origins", "source"), ("origins", "licence"),
}  # fmt: skip
"""What reports of every version have: keys, each with the one above it."""


def keys(value: Any, above: Way = ()) -> Iterator[Way]:
    """Every key of a report, by what leads to it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, below in inside:
        if isinstance(value, dict):
            yield (*above, key)
        if isinstance(below, dict | list):
            yield from keys(below, (*above, key))


def without(report: Any, path: Way) -> Any:
    """The report without a key."""
    left = deepcopy(report)
    at = left
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return left


@pytest.fixture
def run(tmp_path: Path) -> Run:
    finished(tmp_path, 0.5, "Another task.")
    run = finished(tmp_path)
    with closing(ExampleStore(run.folder / "data.sqlite")) as store:
        store.write("call", [ROW])
    return run


def shown(context: Context, run: Run) -> str:
    """Everything that the tabs say of a run."""
    stands = stands_of(context, run.id)
    models = models_of(overview(context.settings.out), context.settings.out)
    answerer: Any = None
    parts = [
        view_for(context, run.id).talk,
        listing(context, run.id),
        now_html(stands),
        rounds_html(stands),
        DataTab(context).show(run.id, 1, "", "newest", *[""] * len(NAMES))[0],
        TryTab(context, answerer).start(run.id)[0],
        table_html(models),
        compared_html(models, [model.run for model in models]),
    ]
    return "\n".join(parts)


REQUIRED = (("status",), ("task",), ("test",))
"""A report without these is damaged, whatever version wrote it."""


def test_whatever_a_report_lacks_it_is_shown(run: Run) -> None:
    page = context(run.folder.parent)
    path = run.folder / "report.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    broken = []
    for lacking in keys(report):
        if tuple(key for key in lacking if isinstance(key, str))[-2:] in ALWAYS:
            continue
        if lacking in REQUIRED:
            continue
        left = without(report, lacking)
        path.write_text(json.dumps(left), encoding="utf-8")
        with closing(mailbox(run)) as box:
            box.post("report", "done", f"report:{lacking}", left)
        try:
            assert "1 row" in shown(page, run)
        except Exception as error:  # noqa: BLE001  all of them, not the first alone
            broken.append((lacking, repr(error)))
    assert broken == []
