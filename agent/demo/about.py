"""What a page tells of a model, in words that need no knowledge of the field."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from textwrap import shorten
from typing import Any

from agent.demo.examples import examples
from agent.demo.weaknesses import doubt, weaknesses
from agent.export.evaluation import TEST_ROWS
from agent.export.finished import Finished
from agent.export.names import shown
from agent.export.pages import label_names, language_name

_TITLE = 80
_METRICS = {
    "accuracy": "the share of right answers",
    "macro_f1": "how well labels are told apart, rare ones counting as much as frequent ones",
    "exact_match": "the share of answers that are exactly right",
    "token_f1": "how many words of the right answer are there",
    "squad_em": "the share of answers that are right but for small words and punctuation",
    "chrF++": "how many pieces of the right answer are there",
    "json_f1": "how many fields of the right answer are right",
}

Section = dict[str, Any]


def about(done: Finished, *, others_see: bool, more: tuple[Section, ...] = ()) -> dict[str, Any]:
    """Return what `tools.shipping.templates.demo_parts.About` holds.

    Args:
        done: The run.
        others_see: Whether examples have to be rows that may be published, and no words of others
            may be told.
        more: Sections of the page beside those that every model has.
    """
    meanings = {label.name: label.meaning for label in done.spec.labels}
    names = label_names(done)
    return {
        "title": _title(done.spec.instruction),
        "task": done.spec.instruction,
        "kind": done.spec.output_type,
        "labels": [{"name": name, "meaning": meanings.get(name, "")} for name in names],
        "examples": examples(done, others_see=others_see),
        "unsure": asdict(doubt(done)),
        "sections": [
            _quality(done),
            _failures(done, others_see=others_see),
            _limits(done),
            *more,
            _licences(done),
            _model(done),
        ],
    }


def section(title: str, lines: list[str], table: list[list[str]] | None = None) -> Section:
    """Return a part of the page: sentences, and a table that begins with its heads."""
    return {"title": title, "lines": lines, "table": table or []}


def _title(instruction: str) -> str:
    first = re.split(r"(?<=[.!?])\s", instruction.strip().splitlines()[0].strip("# "))[0]
    return shorten(first, _TITLE, placeholder=" …")


def _quality(done: Finished) -> Section:
    test, title = done.report["test"], "How good it is"
    if test["value"] is None:
        return section(title, ["Not measured: there were no test rows."])
    metric = test["metric"]
    lines = [
        f"{metric} {test['value']:.3f}{_interval(test)}: {_METRICS.get(metric, 'its score')}"
        " (from 0 to 1).",
        f"Scored once on {test['n']:,} rows that it never trained on:"
        f" {TEST_ROWS[done.report['evidence']]}.",
    ]
    if done.report["evidence"] == "synthetic":
        lines.append("No person has labelled those rows, and real texts may differ from them.")
    majority = done.report["baselines"]["majority"]
    if test["ci95"] and majority is not None and test["ci95"][0] <= majority:
        lines.append(
            "Beware: this is not clearly better than always giving the most frequent answer."
        )
    return section(title, lines, [["compared on these rows", metric], *_compared(done)])


def _interval(test: dict[str, Any]) -> str:
    ci = test["ci95"]
    return f" (95% interval {ci[0]:.3f} to {ci[1]:.3f})" if ci else ""


def _compared(done: Finished) -> Iterator[list[str]]:
    yield ["this model", f"{done.report['test']['value']:.3f}"]
    baselines = done.report["baselines"]
    for name, value in (
        ("always the most frequent answer", baselines["majority"]),
        ("the text itself as the answer", baselines.get("copy")),
        ("the same method on the user's examples alone", baselines["seed_only"]),
    ):
        if value is not None:
            yield [name, f"{value:.3f}"]
    teacher = done.report.get("teacher")
    if teacher and teacher["value"] is not None:
        yield [f"{teacher['model']}, which taught it ({teacher['n']:,} rows)",
               f"{teacher['value']:.3f}"]  # fmt: skip


def _failures(done: Finished, *, others_see: bool) -> Section:
    lines, table = weaknesses(done, others_see=others_see)
    if not lines and not table:
        lines = ["No weakness stood out in what was measured; that is little to go by."]
    return section("Where it fails", lines, table)


def _limits(done: Finished) -> Section:
    lines = [
        f"Made for texts in {language_name(done.spec.language)} like those it was tested on; the"
        " score says nothing of others.",
        "It repeats what is one-sided or wrong in its data. Check it on texts of your own before"
        " anything depends on it.",
    ]
    if done.spec.output_type == "label":
        lines.insert(1, "It always answers with one of its labels, also where none fits.")
    if done.spec.output_schema:
        lines.append("Its answers are to follow a JSON Schema; they can be wrong all the same.")
    return section("Limits", [*lines, *(f"Assumed: {one}" for one in done.spec.assumptions)])


def _licences(done: Finished) -> Section:
    data = done.report["data"]
    rows = [
        [
            "the user" if one["source"] == "user" else one["source"],
            "the user's" if one["licence"] == "user" else one["licence"],
            f"{one['rows']:,}",
        ]
        for one in data["obligations"]
    ]
    lines = list(data["licence"]["says"])
    return section("Licence and data", lines, [["source", "licence", "rows"], *rows])


def _model(done: Finished) -> Section:
    student, base = done.report["student"], done.report["data"]["licence"]["base"]
    on = f" on {shown(base['name'])}" if base else ""
    lines = [
        f"{student['method']}{on}, {student['parameters']:,} parameters,"
        f" {student['size_mb']:.0f} MB, about {student['latency_ms']:.0f} ms an answer.",
        f"Trained by Tasksmith {done.version} on {done.report['data']['train']:,} rows.",
    ]
    return section("The model", lines)
