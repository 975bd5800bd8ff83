import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.graph.test_graph import CONFIG, Evaluating, compiled, given
from tests.hubsite.site import Site
from tests.scripted import call
from tests.small_task import make_call, rows
from tests.tools.students.hub_models import add_model
from tests.tools.students.material import tiny_bert
from tools.services import silent
from tools.splits import INTAKE
from tools.students.bases import find
from tools.students.hub_model import fetch


class Meanwhile(Evaluating):
    """Lets something happen once a student has been trained."""

    happens: Callable[[], None]

    def _generate(self, messages: list[Any], *rest: Any, **more: Any) -> Any:
        if json.loads(messages[-1].text)["trained"]:
            self.happens()
        return super()._generate(messages, *rest, **more)


def test_the_licence_is_that_of_the_base_as_it_was_trained_on(
    hub_site: Site, tmp_path: Path
) -> None:
    services = make_call(tmp_path).services
    services.store.write(INTAKE, [replace(e, evidence="gold") for e in rows(60, "train", 0)])
    services.store.write("test file", rows(30, "test", 1, evidence="gold"))
    repo = add_model(hub_site, "lab/tiny", tiny_bert(tmp_path / "tiny"), license="mit")
    fetch(find("lab/tiny"), silent)
    asked: list[int] = []

    def change() -> None:
        hub_site.change(repo, {"README.md": b"---\nlicense: cc-by-nc-4.0\n---\n"})
        asked.append(len(hub_site.requests))

    planned = [call("finetune", "f1", method="keywords", model="lab/tiny")]
    planner = Meanwhile(replies=planned, happens=change)
    end = compiled(planner).invoke(given(max_rounds=1), CONFIG, context=services)
    services.store.close()
    licence = end["report"]["data"]["licence"]
    assert licence["base"] == {"name": "lab/tiny", "licence": "mit"}
    assert asked == [len(hub_site.requests)]
