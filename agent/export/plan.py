"""What a person sees before something is published: what goes where, and what that asks."""

from collections.abc import Iterator, Sequence
from textwrap import fill

from rich.console import Console

from agent.export.cards import model_licence
from agent.export.finished import Finished, Request
from agent.export.folders import Staged
from agent.export.rows import Reason, Selection, asked_by

_WIDEST = 100
_REASONS: dict[Reason, str] = {
    "own": "your own, or made from your rows; --with-my-rows adds them",
    "closed": "from gated or private data, or made from it",
    "unknown": "their licence is unclear or forbids passing them on",
}


def show_plan(
    done: Finished, staged: Sequence[Staged], selection: Selection, request: Request, where: str
) -> None:
    """Print it on stderr: stdout is for results."""
    console = Console(stderr=True, highlight=False, markup=False)
    width = min(console.width, _WIDEST)

    def say(text: str, first: str = "", rest: str = "") -> None:
        lines = fill(text, width, initial_indent=first, subsequent_indent=rest)
        console.print(lines, soft_wrap=True)

    console.print(f"Run {done.run.id} to {where}:", soft_wrap=True)
    seen = "public" if request.public else "private"
    for one in staged:
        kind = "data " if one.kind == "dataset" else "model"
        line = f"  {kind}  {one.repo} ({seen}): {len(one.files)} files, {_size(one.size)}"
        console.print(line, soft_wrap=True)
    for line in _rows(selection):
        say(line, " " * 9, " " * 9)
    console.print("\nWhat the licences ask:")
    for line in _duties(done, selection):
        say(line, "  - ", "    ")
    console.print()


def _rows(selection: Selection) -> Iterator[str]:
    if selection.rows:
        yield (
            ", ".join(f"{len(rows):,} {split}" for split, rows in selection.rows.items()) + " rows"
        )
    for reason, n in selection.left_out.items():
        yield f"left out: {n:,} rows ({_REASONS[reason]})"


def _size(n: int) -> str:
    return f"{n / 1e6:,.1f} MB" if n >= 1e6 else f"{max(1, round(n / 1e3))} kB"


def _duties(done: Finished, selection: Selection) -> Iterator[str]:
    if selection.rows:
        licence = asked_by(done, selection.examples)[1].data
        yield f"The data's card will say: licence {licence or 'not chosen'}."
    model = model_licence(done)
    yield f"The model's card will say: licence {model or 'not chosen'}."
    yield from done.report["data"]["licence"]["says"]
    yield "The card of each quotes the task in your words."
    own = sum(example.source == "user" for rows in done.rows.values() for example in rows)
    if own:
        yield f"The model has seen {own:,} rows of your own, and may give something of them away."
