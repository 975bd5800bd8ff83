"""Arguments that several commands share, and what they print alike."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from agent.settings import Settings

RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="Id of a run, the beginning of one, or 'last'.")
]
OutOption = Annotated[Path | None, typer.Option(help="Directory of the runs.", show_default="runs")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
DatasetsOption = Annotated[
    list[str] | None,
    typer.Option(metavar="DIR|hub", help="Folder of data sets, or the Hub; repeatable."),
]
PlannerOption = Annotated[
    str | None, typer.Option(metavar="MODEL", help="Chat model that plans, or 'rules'.")
]
TeacherOption = Annotated[
    str | None, typer.Option(metavar="MODEL", help="Chat model that writes, or 'offline'.")
]
StudentOption = Annotated[
    str | None,
    typer.Option(
        help="Method (probe, classifier; sft, seq2seq write texts), base model, or 'scratch'."
    ),
]
UsdOption = Annotated[float | None, typer.Option(help="Most money.")]
MinutesOption = Annotated[float | None, typer.Option(help="Most time.")]


def settings_from(**flags: Any) -> "Settings":
    """Return the settings, with the flags that were given over all else."""
    from agent.settings import load_settings

    return load_settings(**flags)


def progress(message: str) -> None:
    """Print what goes on."""
    print(message, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print a result for programs."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
