"""What a report says, in lines for a person."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from agent.runs import Run, name_of

Report = dict[str, Any]
STOPS = {
    "plateau": "Validation has stopped improving.",
    "target": "The score asked for has been reached.",
    "rounds": "As many rounds as allowed have been done.",
    "minutes": "The time is used up.",
    "usd": "The money is used up.",
    "steps": "As many steps as allowed have been taken.",
    "planner": "The planner has nothing more to propose.",
    "user": "A person asked for it.",
    "nothing to train": "There are no rows to train on.",
}
"""Why a run stopped, in a sentence."""


def summary(report: Report) -> str:
    """Return what came of a run as plain text, a fact a line."""
    if report["status"] != "done":
        return f"No model: {report['stop_detail']}"
    return "\n".join(f"{name}: {text}" for name, text in facts(report))


def reference(report: Report) -> str:
    """Return what to call a run by: its id where runs are usually kept, else its path."""
    return name_of(Run(Path(report["run_dir"])))


def facts_table(report: Report, leave_out: Collection[str] = ()) -> Table:
    """Return what came of a run that has a model, a fact a row but for those to leave out."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in facts(report):
        if name in leave_out:
            continue
        # As text: what data sets are called is no markup.
        table.add_row(name, Text(text))
    return table


def facts(report: Report) -> list[tuple[str, str]]:
    """Return what came of a run that has a model: name and text of each fact."""
    return [
        ("model", _short(report["model_dir"])),
        *_scores(report),
        ("student", _student(report["student"])),
        ("data", _data(report["data"])),
        *_licences(report["data"]),
        ("cost", _cost(report["spent"])),
        ("stopped", why_stopped(report)),
    ]


def _short(path: str) -> str:
    """Return a path as it is from here, where it is below."""
    inside = Path(path).is_relative_to(Path.cwd())
    return str(Path(path).relative_to(Path.cwd())) if inside else path


def why_stopped(report: Report) -> str:
    """Return why a run stopped; where the planner had nothing more to do, in its own words."""
    planner = report["stop_reason"] == "planner"
    return str(report["stop_detail"] if planner else report["stop_reason"])


def _scores(report: Report) -> list[tuple[str, str]]:
    """Return the lines on the test score and what it stands beside."""
    test, baselines = report["test"], report["baselines"]
    if test["value"] is None:
        return [("test", "not measured: no test rows; bring some with --test FILE")]
    low, high = test["ci95"] or (0.0, 1.0)  # one row tells nothing
    score = f"{test['metric']} {test['value']:.3f} (95% interval {low:.3f} to {high:.3f}, "
    facts = [("test", f"{score}n = {test['n']:,}, evidence: {report['evidence']})")]
    text = report["task"]["output_type"] == "text"
    if text and test["also"]:
        facts.append(("also", _listed(test["also"].items())))
    if judge := test.get("judge"):
        facts.append(("judge", _judged(judge)))
    frequent = f"most frequent {'output' if text else 'label'}"
    values = (
        (frequent, baselines["majority"]),
        ("input as the answer", baselines.get("copy")),
        ("your examples alone", baselines["seed_only"]),
        (_teacher(report), baselines["teacher"]),
    )
    if known := [(name, value) for name, value in values if value is not None]:
        facts.append(("baselines", _listed(known)))
    for name, value in values[:2]:
        if test["ci95"] and value is not None and low <= value:
            facts.append(("beware", f"not clearly better than always giving the {name}"))
    return facts


def _listed(values: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in values)


def _judged(judge: dict[str, Any]) -> str:
    if judge["value"] is None:
        return f"no verdict of {judge['model']}: {judge['why']}"
    low, high = judge["ci95"]
    share = f"{judge['value']:.3f} (95% interval {low:.3f} to {high:.3f}, n = {judge['n']})"
    return f"{judge['model']} finds right: {share}"


def _teacher(report: Report) -> str:
    wrote = report["evidence"] == "synthetic"
    return "the teacher itself, which wrote the test rows" if wrote else "the teacher itself"


def _student(student: dict[str, Any]) -> str:
    features = student["hyperparameters"].get("features")
    what = f"{student['method']} ({features})" if features else student["method"]
    return (
        f"{what}, {student['parameters']:,} parameters, "
        f"{max(1, round(student['size_mb']))} MB, {student['latency_ms']:.0f} ms an answer"
    )


def _data(data: dict[str, Any]) -> str:
    rows = f"{data['train']:,} train, {data['validation']:,} validation, {data['test']:,} test"
    origins = [f"{_origin(o['source'], o['licence'])} {o['rows']:,}" for o in data["origins"]]
    return f"{rows}\n{'; '.join(origins)}"


def _origin(source: str, licence: str) -> str:
    return "your own" if source == "user" else f"{source} ({licence})"


def _licences(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return one line of what the licences ask; none for a report of an earlier version."""
    licence = data.get("licence")
    if licence is None:
        return []
    sources = sum(bool(one["duties"]) for one in data["obligations"])
    model = (licence["model"] or "yours to choose") if licence["clear"] else "unclear"
    asks = f"; what {sources} source{'s ask' if sources > 1 else ' asks'}: report.md"
    return [("licences", f"model {model} (careful reading){asks if sources else ''}")]


def _cost(spent: dict[str, Any]) -> str:
    usd = usd_text(spent["usd"], 2)
    return f"{usd} USD, {spent['seconds']:.0f} s, {spent['teacher_calls']} teacher calls"


def usd_text(usd: float | None, digits: int) -> str:
    """Return an amount, or that it is unknown."""
    return "unknown" if usd is None else f"{usd:.{digits}f}"
