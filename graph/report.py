"""Write what a run found out: report.json for machines, report.md and a model card for people."""

import json
from pathlib import Path

from graph.state import Json
from prompts import templates
from tools.files import write_text


def write_report(workspace: Path, report: Json) -> None:
    """Write the report files of a run, `report.json` last: it says that the others are complete."""
    pages = templates("graph", "templates")
    write_text(workspace / "report.md", pages.get_template("report.md").render(report))
    if report["model_dir"]:
        card = pages.get_template("model_card.md").render(report)
        write_text(Path(report["model_dir"]) / "README.md", card)
    write_text(workspace / "report.json", json.dumps(report, ensure_ascii=False, indent=2) + "\n")
